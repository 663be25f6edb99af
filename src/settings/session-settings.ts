import { CONNECTING, environmentOf, TALKING } from './setting-rule.js';
import type { ConnectingCommand, Setting } from './setting-rule.js';

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
    commands: CONNECTING,
    common: CONNECTING,
  },
  authToken: {
    flag: 'auth-token-file',
    env: 'CENTAGATE_AUTH_TOKEN',
    kind: 'secret',
    group: 'session',
    describe: 'file with the authToken of a session made elsewhere; it is used before a login',
    commands: [...TALKING, 'logout'],
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
    commands: [...TALKING, 'login'],
    common: [...TALKING, 'login'],
  },
  integrationKey: {
    flag: 'integration-key-file',
    env: 'CENTAGATE_INTEGRATION_KEY',
    kind: 'secret',
    group: 'session',
    describe: 'file with the integration key of the application that logs in',
    commands: CONNECTING,
    common: CONNECTING,
  },
  integrationSecret: {
    flag: 'integration-secret-file',
    env: 'CENTAGATE_INTEGRATION_SECRET',
    kind: 'secret',
    group: 'session',
    describe: 'file with the secret key of the same application',
    commands: CONNECTING,
    common: CONNECTING,
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
    commands: CONNECTING,
  },
} as const satisfies Record<string, Setting>;

type SecretName = 'authToken' | 'secretCode' | 'password' | 'integrationKey' | 'integrationSecret';
const SESSION: readonly SecretName[] = ['authToken', 'secretCode'];
const LOGIN: readonly SecretName[] = ['password', 'integrationKey', 'integrationSecret'];
const APPLICATION: readonly SecretName[] = ['integrationKey', 'integrationSecret'];

/** What is missing to a session or a login. @param origins where each of the settings that are given was found */
export function findSessionProblems(command: ConnectingCommand, origins: ReadonlyMap<string, string>): string[] {
  switch (command) {
    case 'run':
    case 'doctor':
    case 'verify':
    case 'undo':
      return findIdentityProblems(origins);
    case 'login':
      return LOGIN.filter((name) => !origins.has(name)).map((name) => `a login needs ${sourcesOf(name)}`);
    case 'logout': {
      const missing = APPLICATION.filter((name) => !origins.has(name));
      const problems = missing.map((name) => `a logout needs ${sourcesOf(name)}`);
      if (origins.has('sessionFolder') || origins.has('authToken')) return problems;
      return ['which session is to be ended? Give --session, the folder that login --out wrote', ...problems];
    }
  }
}

/** A session, or a login, or both; what is given of either must be whole. */
function findIdentityProblems(origins: ReadonlyMap<string, string>): string[] {
  const wholes = [SESSION, LOGIN];
  const given = wholes.filter((whole) => whole.some((name) => origins.has(name)));
  if (given.length === 0) {
    const [session = '', login = ''] = wholes.map((whole) => whole.map(sourcesOf).join(' and '));
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
