import { TOKEN_STATUSES } from '../core/registration.js';

/** One thing that can be set; its kind says what its value may be. */
export type Setting = SettingBase & SettingRule;
export type SettingName = keyof typeof SETTINGS;
type SettingGroup = 'server' | 'session' | 'trust' | 'pace' | 'what to run' | 'time' | 'output';

interface SettingBase {
  /** The long flag without its dashes; also the key in the config file. */
  readonly flag: string;
  /** Absent: the setting belongs to one run, and is a flag only. */
  readonly env?: string;
  readonly group: SettingGroup;
  /** One line, without default and environment. */
  readonly describe: string;
  /** What stands for the value in help and README, where the kind doesn't say it. */
  readonly placeholder?: string;
  readonly required?: true;
}

type SettingRule =
  /** `pattern`: what the whole value must match, and `needs` the same in words. */
  | { readonly kind: 'string'; readonly pattern: RegExp; readonly needs: string }
  /** `pem`: the file must hold a block of this name. */
  | { readonly kind: 'path'; readonly pem?: 'CERTIFICATE' | 'PRIVATE KEY' }
  /** `https://host[:port]` and nothing after it. */
  | { readonly kind: 'url' }
  /** Both bounds belong to the range; seconds may have a fraction. */
  | { readonly kind: 'integer' | 'seconds'; readonly min: number; readonly max: number; readonly default?: number }
  /** `names`: another word for a choice, by choice. */
  | ({ readonly kind: 'choice'; readonly default?: string } & Choices)
  /** False when not given. */
  | { readonly kind: 'boolean' }
  /** The flag, the config key and `<env>_FILE` name a file that holds the value; `env` alone holds the value itself. */
  | { readonly kind: 'secret'; readonly env: string };

interface Choices {
  readonly choices: readonly string[];
  readonly names?: Readonly<Record<string, string>>;
}

/** The settings of `run`: a line here is a flag, a variable, a config key and a checked value of {@link Setting}. */
export const SETTINGS = {
  server: {
    flag: 'server',
    env: 'CENTAGATE_SERVER',
    kind: 'url',
    group: 'server',
    required: true,
    placeholder: 'https://host[:port]',
    describe: 'where CENTAGATE answers; the path is added to it',
  },
  allowPlainHttp: {
    flag: 'allow-plain-http',
    env: 'CENTAGATE_ALLOW_PLAIN_HTTP',
    kind: 'boolean',
    group: 'server',
    describe: 'take http:// to another machine too: whoever listens on the way can act as the administrator',
  },
  admin: {
    flag: 'admin',
    env: 'CENTAGATE_ADMIN',
    kind: 'string',
    // As a part of a path, `.` and `..` would lead to another address.
    pattern: /^(?!\.{1,2}$)\P{Cc}{1,256}$/u,
    needs: 'the username of the administrator who registers, without control characters',
    group: 'session',
    required: true,
    placeholder: 'username',
    describe: 'the administrator who registers',
  },
  authToken: {
    flag: 'auth-token-file',
    env: 'CENTAGATE_AUTH_TOKEN',
    kind: 'secret',
    group: 'session',
    required: true,
    describe: 'file with the authToken of a session made elsewhere',
  },
  secretCode: {
    flag: 'secret-code-file',
    env: 'CENTAGATE_SECRET_CODE',
    kind: 'secret',
    group: 'session',
    required: true,
    describe: 'file with the secretCode of the same session',
  },
  ca: {
    flag: 'ca',
    env: 'CENTAGATE_CA',
    kind: 'path',
    pem: 'CERTIFICATE',
    group: 'trust',
    describe: "the authorities to trust for the server's certificate, as PEM",
  },
  clientCert: {
    flag: 'client-cert',
    env: 'CENTAGATE_CLIENT_CERT',
    kind: 'path',
    pem: 'CERTIFICATE',
    group: 'trust',
    describe: 'our own certificate for a server that asks for one, as PEM',
  },
  clientKey: {
    flag: 'client-key',
    env: 'CENTAGATE_CLIENT_KEY',
    kind: 'path',
    pem: 'PRIVATE KEY',
    group: 'trust',
    describe: 'the private key of --client-cert, as PEM',
  },
  concurrency: {
    flag: 'concurrency',
    env: 'CENTAGATE_CONCURRENCY',
    kind: 'integer',
    min: 1,
    max: 1024,
    default: 16,
    group: 'pace',
    describe: 'rows in work at the same time',
  },
  attempts: {
    flag: 'attempts',
    env: 'CENTAGATE_ATTEMPTS',
    kind: 'integer',
    min: 1,
    max: 100,
    default: 4,
    group: 'pace',
    describe: 'sends of one row in one run at most; those answered by 429 are not counted',
  },
  timeout: {
    flag: 'timeout',
    env: 'CENTAGATE_TIMEOUT',
    kind: 'seconds',
    min: 0.001,
    max: 3600,
    default: 30,
    group: 'pace',
    describe: 'what one attempt may take, up to the last byte of the reply',
  },
  config: {
    flag: 'config',
    env: 'CENTAGATE_CONFIG',
    kind: 'path',
    group: 'what to run',
    placeholder: 'file.yaml',
    describe: 'YAML file with settings, by the names of their flags',
  },
  defaultStatus: {
    flag: 'default-status',
    env: 'CENTAGATE_DEFAULT_STATUS',
    kind: 'choice',
    choices: ['1', '2', '3', '4'],
    names: TOKEN_STATUSES,
    group: 'what to run',
    describe: 'status for PKI rows that have none',
  },
  signaturesDir: {
    flag: 'signatures-dir',
    env: 'CENTAGATE_SIGNATURES_DIR',
    kind: 'path',
    group: 'what to run',
    placeholder: 'folder',
    describe: "where relative signature paths start, instead of the CSV's own folder",
  },
  outDir: {
    flag: 'out-dir',
    env: 'CENTAGATE_OUT_DIR',
    kind: 'path',
    group: 'what to run',
    placeholder: 'folder',
    describe: "where the results go, instead of the CSV's own folder",
  },
  name: {
    flag: 'name',
    kind: 'string',
    pattern: /^(?!\.{1,2}$)[^\p{Cc}/\\]{1,200}$/u,
    needs: 'a plain name for the result files, without folders',
    group: 'what to run',
    placeholder: 'name',
    describe: "what the names of the result files start with, instead of the CSV's own name",
  },
  fresh: {
    flag: 'fresh',
    kind: 'boolean',
    group: 'what to run',
    describe: 'start over; the old result files are kept as numbered .bak',
  },
  takeLock: {
    flag: 'take-lock',
    kind: 'boolean',
    group: 'what to run',
    describe: 'run although another run seems to hold this input: only when that one is surely dead',
  },
  timestampUnit: {
    flag: 'timestamp-unit',
    env: 'CENTAGATE_TIMESTAMP_UNIT',
    kind: 'choice',
    choices: ['ms', 's'],
    default: 'ms',
    group: 'time',
    describe: 'unit of the timestamp in PKI requests',
  },
  json: {
    flag: 'json',
    kind: 'boolean',
    group: 'output',
    describe: 'write the summary as JSON',
  },
} as const satisfies Record<string, Setting>;

// Object.keys loses the names, which are all there.
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** The variables that set it; of a secret, the one that names a file goes first. */
export function environmentOf(setting: Setting): readonly string[] {
  if (setting.env === undefined) return [];
  return setting.kind === 'secret' ? [`${setting.env}_FILE`, setting.env] : [setting.env];
}
