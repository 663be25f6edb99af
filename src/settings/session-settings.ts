import { environmentOf, TALKING } from './setting-rule.js';
import type { Setting } from './setting-rule.js';

export const SESSION_SETTINGS = {
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
    commands: TALKING,
    common: TALKING,
  },
  authToken: {
    flag: 'auth-token-file',
    env: 'CENTAGATE_AUTH_TOKEN',
    kind: 'secret',
    group: 'session',
    describe: 'file with the authToken of a session made elsewhere; it is used before a login',
    commands: TALKING,
  },
  secretCode: {
    flag: 'secret-code-file',
    env: 'CENTAGATE_SECRET_CODE',
    kind: 'secret',
    group: 'session',
    describe: 'file with the secretCode of the same session',
    commands: TALKING,
  },
  password: {
    flag: 'password-file',
    env: 'CENTAGATE_PASSWORD',
    kind: 'secret',
    group: 'session',
    describe: "file with the administrator's password, for a login by the run itself",
    commands: TALKING,
    common: TALKING,
  },
  integrationKey: {
    flag: 'integration-key-file',
    env: 'CENTAGATE_INTEGRATION_KEY',
    kind: 'secret',
    group: 'session',
    describe: 'file with the integration key of the application that logs in',
    commands: TALKING,
    common: TALKING,
  },
  integrationSecret: {
    flag: 'integration-secret-file',
    env: 'CENTAGATE_INTEGRATION_SECRET',
    kind: 'secret',
    group: 'session',
    describe: 'file with the secret key of the same application',
    commands: TALKING,
    common: TALKING,
  },
  authBase: {
    flag: 'auth-base',
    env: 'CENTAGATE_AUTH_BASE',
    kind: 'string',
    pattern: /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]{1,64}){1,4}$/,
    needs: 'a path such as /v2',
    group: 'session',
    placeholder: '/path',
    describe: 'what stands before /CentagateWS in the address of login and logout, such as /v2 in the cloud',
    commands: TALKING,
  },
} as const satisfies Record<string, Setting>;

type SecretName = 'authToken' | 'secretCode' | 'password' | 'integrationKey' | 'integrationSecret';
const WHOLES: readonly (readonly SecretName[])[] = [
  ['authToken', 'secretCode'],
  ['password', 'integrationKey', 'integrationSecret'],
];

/** What is missing to a session or a login. @param origins where each of the settings that are given was found */
export function findSessionProblems(origins: ReadonlyMap<string, string>): string[] {
  const given = WHOLES.filter((whole) => whole.some((name) => origins.has(name)));
  if (given.length === 0) {
    const [session = '', login = ''] = WHOLES.map((whole) => whole.map(sourcesOf).join(' and '));
    return [`neither a session nor a login is given: set ${session}; or, to log in, ${login}`];
  }
  return given.flatMap((whole) => {
    const origin = whole.map((name) => origins.get(name)).find((where) => where !== undefined) ?? '';
    return whole.filter((name) => !origins.has(name)).map((name) => `${origin}: needs ${sourcesOf(name)} with it`);
  });
}

function sourcesOf(name: SecretName): string {
  const setting = SESSION_SETTINGS[name];
  return `--${setting.flag} (${environmentOf(setting).join(' or ')})`;
}
