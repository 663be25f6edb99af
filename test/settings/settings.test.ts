import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { inspect } from 'node:util';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { settingNamesOf, SETTINGS } from '../../src/settings/setting.js';
import { describeSettings, resolveSettings, resolveValues } from '../../src/settings/settings.js';
import type { Settings } from '../../src/settings/settings.js';
import { UsageError } from '../../src/core/usage-error.js';
import { makeCertificate } from '../../src/simulator/make-certificate.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'settings-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

let files = 0;
async function aFile(content: string | Uint8Array, name?: string): Promise<string> {
  files += 1;
  const path = join(folder, name ?? `file-${files}`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

type Variables = Record<string, string>;
interface Given {
  readonly flags?: Record<string, unknown>;
  readonly env?: Variables;
  /** The text of the configuration file. */
  readonly config?: string;
}

const NEEDED: Variables = {
  CENTAGATE_SERVER: 'https://centagate.example:8443',
  CENTAGATE_ADMIN: 'admin',
  CENTAGATE_AUTH_TOKEN: 'the-auth-token',
  CENTAGATE_SECRET_CODE: 'the-secret-code',
};

/** Settings from what is given and, where `env` doesn't say otherwise, all that is needed. */
async function settingsOf({ flags = {}, env = {}, config }: Given): Promise<Settings> {
  const named = config === undefined ? {} : { config: await aFile(config, `given-${files}/config.yaml`) };
  return resolveSettings({ flags: { ...named, ...flags }, env: { ...NEEDED, ...env } });
}

/** All problems of what is given; none when it is fine. The name of the temporary folder is left out. */
async function problemsOf(given: Given): Promise<readonly string[]> {
  try {
    await settingsOf(given);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.problems.map((problem) => problem.replaceAll(new RegExp(`${folder}/(?:given-\\d+/)?`, 'g'), ''));
  }
}

const PEM = Object.values(await makeCertificate(['localhost'])).join('');

describe('settings', () => {
  it('have their defaults when only the needed is given', async () => {
    const { session, ...others } = await settingsOf({});
    expect(others).toEqual({
      server: 'https://centagate.example:8443',
      allowed: [],
      origins: expect.any(Map) as unknown,
      noKeepalive: false,
      noPreflight: false,
      ca: undefined,
      clientCert: undefined,
      clientKey: undefined,
      concurrency: 16,
      attempts: 4,
      timeoutMs: 30_000,
      rate: undefined,
      maxFailures: undefined,
      maxOutageMs: 600_000,
      config: undefined,
      defaultStatus: undefined,
      encoding: undefined,
      delimiter: undefined,
      columns: undefined,
      headerLine: undefined,
      unwrapFormulas: false,
      visibleOnly: false,
      all: false,
      errorsOnly: false,
      report: false,
      by: undefined,
      metricsFile: undefined,
      terminationLog: undefined,
      ping: undefined,
      logFile: undefined,
      quiet: false,
      sheet: undefined,
      signaturesDir: undefined,
      outDir: undefined,
      name: undefined,
      dryRun: false,
      fresh: false,
      takeLock: false,
      attemptLog: false,
      timestampUnit: 'ms',
      clock: 'server',
      json: false,
      where: [],
      warnings: [],
    });
    expect(session.admin).toBe('admin');
    expect(session.tokens?.authToken.reveal()).toBe('the-auth-token');
    expect(session.tokens?.secretCode.reveal()).toBe('the-secret-code');
    expect(session.login).toBeUndefined();
  });

  it('are frozen to the last member', async () => {
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(await settingsOf({ flags: { fresh: true } }))).toBe(true);
  });

  it('take a flag over the environment over the file over the default, each by itself', async () => {
    const sources = fc.record({
      flag: fc.option(fc.integer({ min: 1, max: 100 })),
      variable: fc.option(fc.integer({ min: 1, max: 100 })),
      inFile: fc.option(fc.integer({ min: 1, max: 100 })),
    });
    await fc.assert(
      fc.asyncProperty(sources, sources, async (concurrency, attempts) => {
        const settings = await settingsOf({
          flags: { concurrency: concurrency.flag?.toString(), attempts: attempts.flag?.toString() },
          env: {
            CENTAGATE_CONCURRENCY: concurrency.variable?.toString() ?? '',
            CENTAGATE_ATTEMPTS: attempts.variable?.toString() ?? '',
          },
          config: [
            concurrency.inFile === null ? '' : `concurrency: ${concurrency.inFile}`,
            attempts.inFile === null ? '' : `attempts: ${attempts.inFile}`,
          ].join('\n'),
        });
        expect(settings.concurrency).toBe(concurrency.flag ?? concurrency.variable ?? concurrency.inFile ?? 16);
        expect(settings.attempts).toBe(attempts.flag ?? attempts.variable ?? attempts.inFile ?? 4);
      }),
      { numRuns: 50 },
    );
  });

  it('look only at the source that counts: a wrong value below it does no harm', async () => {
    const settings = await settingsOf({
      flags: { concurrency: '8' },
      env: { CENTAGATE_CONCURRENCY: 'many' },
      config: 'concurrency: [1, 2]',
    });
    expect(settings.concurrency).toBe(8);
  });

  it('let a flag take back a boolean of the environment', async () => {
    const env = { CENTAGATE_ALLOW_PLAIN_HTTP: 'yes' };
    expect((await settingsOf({ env })).allowed).toEqual(['plain-http']);
    expect((await settingsOf({ env, flags: { 'allow-plain-http': false } })).allowed).toEqual([]);
  });

  it('ignore the variables that an orchestrator sets, and those that are empty', async () => {
    const env = { CENTAGATE_SERVICE_HOST: '10.0.0.1', CENTAGATE_PORT: 'tcp://10.0.0.1:80', CENTAGATE_CONCURRENCY: '' };
    expect((await settingsOf({ env })).concurrency).toBe(16);
  });

  it('ignore variables for what is a flag only', async () => {
    const env = { CENTAGATE_FRESH: 'true', CENTAGATE_JSON: 'true', CENTAGATE_NAME: 'x' };
    expect(await settingsOf({ env })).toMatchObject({ fresh: false, json: false, name: undefined });
  });

  it('are named with flag and variable when they are missing, all at once', async () => {
    const nothing = Object.fromEntries(Object.keys(NEEDED).map((variable) => [variable, '']));
    expect(await problemsOf({ env: nothing })).toEqual([
      '--server or CENTAGATE_SERVER is missing: where CENTAGATE answers; the path is added to it',
      '--admin or CENTAGATE_ADMIN is missing: the administrator who registers',
      'neither a session nor a login is given: ' +
        'set --auth-token-file (CENTAGATE_AUTH_TOKEN_FILE or CENTAGATE_AUTH_TOKEN) ' +
        'and --secret-code-file (CENTAGATE_SECRET_CODE_FILE or CENTAGATE_SECRET_CODE); ' +
        'or, to log in, --password-file (CENTAGATE_PASSWORD_FILE or CENTAGATE_PASSWORD) ' +
        'and --integration-key-file (CENTAGATE_INTEGRATION_KEY_FILE or CENTAGATE_INTEGRATION_KEY) ' +
        'and --integration-secret-file (CENTAGATE_INTEGRATION_SECRET_FILE or CENTAGATE_INTEGRATION_SECRET)',
    ]);
  });

  it('report every problem of every source at once, each with its place, what was found and what is right', async () => {
    const problems = await problemsOf({
      flags: { concurrency: '0', ca: '/nowhere/ca.pem' },
      env: { CENTAGATE_TIMEOUT: 'soon', CENTAGATE_SERVER: 'ftp://x' },
      config: '# pace\nattempts: 1000\ntimestamp-unit: us\n',
    });
    expect(problems).toEqual([
      'CENTAGATE_SERVER: found "ftp://x", needs https://host[:port] and nothing after it: the path is added to it',
      '--ca: "/nowhere/ca.pem" does not exist',
      '--concurrency: found "0", needs a whole number from 1 to 1024',
      'attempts in config.yaml line 2: found "1000", needs a whole number from 1 to 100',
      'CENTAGATE_TIMEOUT: found "soon", needs seconds, such as 30 or 2.5, from 0.001 to 3600',
      'timestamp-unit in config.yaml line 3: found "us", needs one of ms, s',
    ]);
  });

  it('show a wrong value shortened, with its control characters escaped', async () => {
    const [problem] = await problemsOf({ flags: { concurrency: `\u001b[31m${'9'.repeat(1000)}` } });
    expect(problem).toContain('\\x1b[31m999');
    expect(problem).not.toContain('\u001b');
    expect(problem?.length).toBeLessThan(150);
  });

  it('throw one error whose message holds every problem', async () => {
    const error: unknown = await settingsOf({ flags: { concurrency: 'a', attempts: 'b' } }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ name: 'UsageError', problems: [expect.anything(), expect.anything()] });
    expect(String(error)).toMatch(/--concurrency.*\n--attempts/);
  });
});

describe('a flag', () => {
  it.each(settingNamesOf('run').filter((name) => SETTINGS[name].kind !== 'boolean'))(
    '%s is refused when empty',
    async (name) => {
      const { flag } = SETTINGS[name];
      expect(await problemsOf({ flags: { [flag]: '' } })).toContainEqual(
        expect.stringContaining(`--${flag}: has no value`),
      );
    },
  );

  it('is refused when it is given twice, also with the same value', async () => {
    expect(await problemsOf({ flags: { admin: ['a', 'a'], config: ['x', 'y'] } })).toEqual([
      '--admin: is given more than once; give it once',
      '--config: is given more than once; give it once',
    ]);
  });

  it('is refused in the odd shapes that yargs gives: --no-server, --server.x', async () => {
    expect(await problemsOf({ flags: { server: false, admin: { x: '1' } } })).toEqual([
      expect.stringContaining('--server: has no value; needs https://host[:port]'),
      expect.stringContaining('--admin: has no value'),
    ]);
  });
});

describe('a number', () => {
  it.each([
    ['concurrency', '1', 1],
    ['concurrency', '1024', 1024],
    ['concurrency', ' 16 ', 16],
    ['attempts', '100', 100],
    ['timeout', '2.5', 2500],
    ['timeout', '0.001', 1],
    ['timeout', '3600', 3_600_000],
    ['timeout', '0.0015', 2],
  ])('--%s %j is %d', async (flag, text, value) => {
    const settings = await settingsOf({ flags: { [flag]: text } });
    expect(flag === 'timeout' ? settings.timeoutMs : settings[flag as 'attempts']).toBe(value);
  });

  it.each([
    ['concurrency', ['0', '1025', '-1', '1.5', '1e3', '0x10', 'NaN', 'abc', ' ', '9'.repeat(400), '١', '1_0']],
    ['attempts', ['0', '101']],
    ['timeout', ['0', '0.0', '3600.1', '-1', 'Infinity', '30s', '1e2', '.', '1.', '0.0009']],
  ])('--%s is refused when it is one of %j', async (flag, texts) => {
    for (const text of texts) {
      expect(await problemsOf({ flags: { [flag]: text } })).toEqual([
        expect.stringMatching(/^--\w+: found ".*", needs /),
      ]);
    }
  });
});

describe('a choice', () => {
  it.each([
    ['1', '1'],
    ['pending', '1'],
    ['valid', '2'],
    ['Valid', '2'],
    ['temp-deactivated', '3'],
    ['TEMP_DEACTIVATED', '3'],
    ['deactivated', '4'],
  ])('--default-status %s is %s', async (text, status) => {
    expect((await settingsOf({ flags: { 'default-status': text } })).defaultStatus).toBe(status);
  });

  it.each(['0', '5', 'active', '1 ,', 'constructor'])(
    '--default-status %j is refused with what is right',
    async (text) => {
      expect(await problemsOf({ flags: { 'default-status': text } })).toEqual([
        `--default-status: found "${text}", needs one of 1, 2, 3, 4, pending, valid, temp-deactivated, deactivated`,
      ]);
    },
  );
});

describe('what is let pass', () => {
  it.each<[string, Given]>([
    ['a flag', { flags: { allow: 'plain-http' } }],
    ['a flag more than once', { flags: { allow: ['plain-http', 'Plain-HTTP'] } }],
    ['a variable', { env: { CENTAGATE_ALLOW: ' plain-http, plain-http' } }],
    ['a line of the file', { config: 'allow: plain-http' }],
    ['a list in the file', { config: 'allow:\n  - plain-http' }],
    ['a list in brackets', { config: 'allow: [plain-http]' }],
    ['its old name', { flags: { 'allow-plain-http': true } }],
    ['both names', { flags: { allow: 'plain-http', 'allow-plain-http': false } }],
  ])('is said by %s', async (_, given) => {
    expect((await settingsOf(given)).allowed).toEqual(['plain-http']);
  });

  it('is said over the environment as any setting is', async () => {
    const env = { CENTAGATE_ALLOW: 'all' };
    expect(await problemsOf({ env })).toEqual([
      expect.stringMatching(/^CENTAGATE_ALLOW: found "all", needs one or more of plain-http \(http:/),
    ]);
    expect(await problemsOf({ env, flags: { allow: 'plain-http' } })).toEqual([]);
  });

  it.each([
    [
      'flags: a kind that is none',
      { flags: { allow: ['plain-http', 'everything'] } },
      /^--allow: found "plain-http,ev/,
    ],
    [
      'a list with a map in it',
      { config: 'allow: [{a: 1}]' },
      /^allow in config.yaml line 1: needs a single plain value/,
    ],
    ['an empty list', { config: 'allow: []' }, /^allow in config.yaml line 1: needs a single plain value/],
    ['an empty value in a list', { config: 'allow: [plain-http, ~]' }, /^allow in config.yaml line 1: has no value/],
  ])('is refused with %s', async (_, given: Given, message) => {
    expect(await problemsOf(given)).toEqual([expect.stringMatching(message)]);
  });

  it('stands in the description of the settings, when there is something', async () => {
    expect(describeSettings(await settingsOf({ flags: { allow: 'plain-http' } }))['allowed']).toBe('plain-http');
    expect(describeSettings(await settingsOf({}))).not.toHaveProperty('allowed');
  });

  it('is known to every command that takes a configuration file', async () => {
    const config = await aFile('allow: plain-http');
    const sources = { flags: { config }, env: NEEDED };
    for (const command of ['validate', 'doctor', 'verify'] as const) {
      expect((await resolveValues(command, sources)).allowed).toEqual(['plain-http']);
    }
  });
});

it('a setting that can be given more than once is a list in the file', async () => {
  const { columns } = await settingsOf({ config: 'map: [username=UPN, "status=State, of it"]' });
  expect(columns).toEqual({ username: 'UPN', status: 'State, of it' });
});

it('say where each was found, for those who speak of them later', async () => {
  const { origins } = await settingsOf({ flags: { rate: '3' }, config: '# a job\nencoding: windows-1252' });
  expect(origins.get('rate')).toBe('--rate');
  expect(origins.get('encoding')).toMatch(/^encoding in .*config.yaml line 2$/);
  expect(origins.get('admin')).toBe('CENTAGATE_ADMIN');
  expect(origins.has('delimiter')).toBe(false);
});

it('the rows to send are chosen in the file too, by one condition or several', async () => {
  expect((await settingsOf({ config: 'where: Department=Sales' })).where).toEqual(['Department=Sales']);
  const config = 'where:\n  - Department=Sales\n  - Site=KL\n';
  expect((await settingsOf({ config })).where).toEqual(['Department=Sales', 'Site=KL']);
});

describe('a boolean', () => {
  it.each([
    ['true', true],
    ['1', true],
    ['yes', true],
    ['Yes', true],
    ['false', false],
    ['0', false],
    ['no', false],
    ['FALSE', false],
  ])('%s in the environment or the file is %s', async (text, value) => {
    const allowed = value ? ['plain-http'] : [];
    expect((await settingsOf({ env: { CENTAGATE_ALLOW_PLAIN_HTTP: text } })).allowed).toEqual(allowed);
    expect((await settingsOf({ config: `allow-plain-http: ${text}` })).allowed).toEqual(allowed);
  });

  it.each(['on', 'y', '2', 'maybe'])('%s is refused', async (text) => {
    expect(await problemsOf({ env: { CENTAGATE_ALLOW_PLAIN_HTTP: text } })).toEqual([
      `CENTAGATE_ALLOW_PLAIN_HTTP: found "${text}", needs true or false (or yes, no, 1, 0)`,
    ]);
  });
});

describe('the server', () => {
  it.each([
    ['https://host', 'https://host'],
    ['https://host/', 'https://host'],
    ['HTTPS://Host:443', 'https://host'],
    [' https://host:8443 ', 'https://host:8443'],
    ['https://10.0.0.1:444', 'https://10.0.0.1:444'],
    ['https://[2001:db8::1]:3443', 'https://[2001:db8::1]:3443'],
  ])('%j is %s', async (text, server) => {
    expect((await settingsOf({ flags: { server: text } })).server).toBe(server);
  });

  it.each([
    'host',
    'host:8443',
    'https:host',
    'https:/host',
    'https://',
    'https://host:99999',
    'https://ho st',
    'https://ho\nst',
    'https://host/CentagateWS/webresources',
    'https://host/v2',
    'https://host?x=1',
    'https://host#x',
    'https://host\\path',
    'ftp://host',
    'file:///etc/passwd',
  ])('%j is refused: only scheme, host and port are ours to choose', async (text) => {
    expect(await problemsOf({ flags: { server: text } })).toEqual([
      expect.stringMatching(/^--server: found ".*", needs https:\/\/host\[:port\] and nothing after it/),
    ]);
  });

  it.each(['https://user:c0ffee@host', 'https://c0ffee@host', 'user:c0ffee@host:1', 'https://u:c0ffee@ho st/'])(
    '%j is refused without repeating its credentials',
    async (text) => {
      const [problem] = await problemsOf({ flags: { server: text } });
      expect(problem).toMatch(/^--server: found an address with credentials, needs/);
      expect(problem).not.toContain('c0ffee');
    },
  );

  it.each(['http://localhost:8080', 'http://127.0.0.1', 'http://127.8.9.10:1', 'http://127.1', 'http://[::1]:8080'])(
    'may speak plain http on this machine: %s',
    async (server) => {
      expect(await problemsOf({ flags: { server } })).toEqual([]);
    },
  );

  it.each([
    'http://host',
    'http://10.0.0.1',
    'http://localhost.example',
    'http://127.0.0.1.example',
    'http://127.example',
    'http://[::2]',
    'http://0.0.0.0',
  ])('may not speak plain http to another machine unless that is allowed: %s', async (server) => {
    expect(await problemsOf({ flags: { server } })).toEqual([
      `--server: "${server}" is plain http to another machine; ` +
        'use https, or allow it with --allow plain-http (CENTAGATE_ALLOW, or allow in the configuration file)',
    ]);
    expect((await settingsOf({ flags: { server, 'allow-plain-http': true } })).server).toBe(server);
  });
});

describe('a name', () => {
  it.each(['.', '..', ' ', 'a\nb', 'a\0', 'a'.repeat(257)])('of an administrator is not %j', async (admin) => {
    expect(await problemsOf({ env: { CENTAGATE_ADMIN: admin } })).toEqual([
      expect.stringContaining('the username of the administrator'),
    ]);
  });

  it.each(['admin', 'a/b', 'jürgen@example.com', '007'])('of an administrator may be %j', async (admin) => {
    expect((await settingsOf({ flags: { admin } })).session.admin).toBe(admin);
  });

  it.each(['.', '..', '../x', 'a/b', 'a\\b', 'a\tb'])(
    'of the results is not %j: it leads nowhere else',
    async (name) => {
      expect(await problemsOf({ flags: { name } })).toEqual([expect.stringContaining('needs a plain name')]);
    },
  );
});

describe('a path', () => {
  it('starts in the working directory for flags and variables', async () => {
    const settings = await settingsOf({
      flags: { 'out-dir': 'out' },
      env: { CENTAGATE_SIGNATURES_DIR: '/absolute/signatures' },
    });
    expect(settings.outDir).toBe(resolve('out'));
    expect(settings.signaturesDir).toBe('/absolute/signatures');
  });

  it('starts in the folder of the configuration file for what the file names', async () => {
    await aFile(PEM, 'etc/tls/ca.pem');
    await aFile('token-from-file\n', 'etc/token');
    const config = await aFile('ca: tls/ca.pem\nauth-token-file: token\nout-dir: ../out\n', 'etc/centagate.yaml');
    const settings = await resolveSettings({ flags: { config }, env: NEEDED });
    expect(settings.ca).toBe(join(folder, 'etc/tls/ca.pem'));
    expect(settings.outDir).toBe(join(folder, 'out'));
    expect(settings.config).toBe(config);
    expect(settings.session.tokens?.authToken.reveal()).toBe('token-from-file');
  });

  it('to a client certificate needs its key, and the other way round', async () => {
    const pem = await aFile(PEM);
    expect(await problemsOf({ flags: { 'client-cert': pem } })).toEqual([
      '--client-cert: needs --client-key (CENTAGATE_CLIENT_KEY) with it',
    ]);
    expect(await problemsOf({ env: { CENTAGATE_CLIENT_KEY: pem } })).toEqual([
      'CENTAGATE_CLIENT_KEY: needs --client-cert (CENTAGATE_CLIENT_CERT) with it',
    ]);
    const settings = await settingsOf({ flags: { 'client-cert': pem }, env: { CENTAGATE_CLIENT_KEY: pem } });
    expect(settings).toMatchObject({ clientCert: pem, clientKey: pem });
  });

  it('of trust is opened: what cannot be read or is no PEM is a problem', async () => {
    const text = await aFile('hello', 'hello.pem');
    expect(await problemsOf({ flags: { ca: text, 'client-cert': '/none', 'client-key': '/none' } })).toEqual([
      '--ca: "hello.pem" does not look like PEM: it has no line -----BEGIN CERTIFICATE-----',
      expect.stringMatching(/^--client-cert: .* does not exist$/),
      '--client-key: the file that it names does not exist',
    ]);
  });
});

describe('who we are', () => {
  const LOGIN: Variables = {
    CENTAGATE_PASSWORD: 'the-password',
    CENTAGATE_INTEGRATION_KEY: 'the-key',
    CENTAGATE_INTEGRATION_SECRET: 'the-secret',
  };
  const NO_SESSION: Variables = { CENTAGATE_AUTH_TOKEN: '', CENTAGATE_SECRET_CODE: '' };

  it('is a login alone, or a session and a login', async () => {
    const { session } = await settingsOf({ env: { ...NO_SESSION, ...LOGIN } });
    expect(session.tokens).toBeUndefined();
    expect(session.login?.authBase).toBe('');
    const { password, integrationKey, integrationSecret } = session.login?.secrets ?? {};
    const revealed = [password, integrationKey, integrationSecret].map((secret) => secret?.reveal());
    expect(revealed).toEqual(['the-password', 'the-key', 'the-secret']);
    const both = await settingsOf({ env: LOGIN, flags: { 'auth-base': '/v2' } });
    expect(both.session.tokens?.authToken.reveal()).toBe('the-auth-token');
    expect(both.session.login?.authBase).toBe('/v2');
  });

  it('is whole or a problem that names what is missing', async () => {
    expect(await problemsOf({ env: { CENTAGATE_SECRET_CODE: '' } })).toEqual([
      'CENTAGATE_AUTH_TOKEN: needs --secret-code-file (CENTAGATE_SECRET_CODE_FILE or CENTAGATE_SECRET_CODE) with it',
    ]);
    expect(await problemsOf({ env: { CENTAGATE_INTEGRATION_KEY: 'the-key' } })).toEqual([
      'CENTAGATE_INTEGRATION_KEY: needs --password-file (CENTAGATE_PASSWORD_FILE or CENTAGATE_PASSWORD) with it',
      'CENTAGATE_INTEGRATION_KEY: needs --integration-secret-file ' +
        '(CENTAGATE_INTEGRATION_SECRET_FILE or CENTAGATE_INTEGRATION_SECRET) with it',
    ]);
  });

  it.each(['/v2', '/a/b.c'])('takes %j before the address of the login', async (base) => {
    expect((await settingsOf({ env: LOGIN, flags: { 'auth-base': base } })).session.login?.authBase).toBe(base);
  });

  it.each(['v2', '/', '/v2/', '//host', '/..', '/a/../b', '/v2?x', 'https://host/v2'])(
    'takes no %j there: it is a path alone',
    async (base) => {
      expect(await problemsOf({ flags: { 'auth-base': base } })).toEqual([
        expect.stringContaining('needs a path such as /v2'),
      ]);
    },
  );
});

describe('a secret', () => {
  it('comes from the file of a flag, of a variable, of the configuration, and then from its plain variable', async () => {
    const files = {
      flag: await aFile('of-flag'),
      variable: await aFile('of-variable'),
      config: await aFile('of-config'),
    };
    const tokenOf = async (given: Given): Promise<string | undefined> =>
      (await settingsOf(given)).session.tokens?.authToken.reveal();
    const config = `auth-token-file: ${files.config}`;
    const env = { CENTAGATE_AUTH_TOKEN_FILE: files.variable };
    expect(await tokenOf({ config, env, flags: { 'auth-token-file': files.flag } })).toBe('of-flag');
    expect(await tokenOf({ config, env })).toBe('of-variable');
    expect(await tokenOf({ config })).toBe('of-config');
    expect(await tokenOf({ config: '' })).toBe('the-auth-token');
  });

  it('is not looked for elsewhere when the file that should hold it is wrong', async () => {
    expect(await problemsOf({ flags: { 'auth-token-file': await aFile('') } })).toEqual([
      '--auth-token-file: the secret is empty (in the file that it names)',
    ]);
  });

  it('of a variable must be one line', async () => {
    expect(await problemsOf({ env: { CENTAGATE_SECRET_CODE: 'c0ffee\n' } })).toEqual([
      'CENTAGATE_SECRET_CODE: the secret holds a line break; it must be one line',
    ]);
  });

  describe('that was mangled on its way', () => {
    const QUOTES = /begins and ends with the same quote sign, which docker --env-file keeps/;
    const BLANKS = /has a blank at an end/;

    it.each([
      ['"c0ffee"', QUOTES],
      ["'c0ffee'", QUOTES],
      ['`c0ffee`', QUOTES],
      ['""', QUOTES],
      ['" c0ffee "', QUOTES],
      [' c0ffee', BLANKS],
      ['c0ffee ', BLANKS],
      ['c0ffee\t', BLANKS],
      ['c0ffee\u00a0', BLANKS],
      ['\ufeffc0ffee', BLANKS],
    ])('is taken as it is, with one warning that names it and not its value: %j', async (value, words) => {
      const { warnings, session } = await settingsOf({ env: { CENTAGATE_SECRET_CODE: value } });
      expect(warnings).toEqual([expect.stringMatching(/^CENTAGATE_SECRET_CODE: the secret /)]);
      expect(warnings[0]).toMatch(words);
      expect(warnings[0]).not.toContain('c0ffee');
      expect(session.tokens?.secretCode.reveal()).toBe(value);
    });

    it.each(['c0f"fee', '"c0ffee', "c0ffee'", '"c0ffee\'', '"', 'c0 ffee'])('is no such thing: %j', async (value) => {
      expect((await settingsOf({ env: { CENTAGATE_SECRET_CODE: value } })).warnings).toEqual([]);
    });

    it('may have been so in its file, whose last line end is none of it', async () => {
      const env = { CENTAGATE_SECRET_CODE_FILE: await aFile('"c0ffee"\r\n') };
      const { warnings } = await settingsOf({ env });
      expect(warnings).toEqual([
        expect.stringMatching(/^CENTAGATE_SECRET_CODE_FILE: the secret .*in the file that it/),
      ]);
      expect((await settingsOf({ env: { CENTAGATE_SECRET_CODE_FILE: await aFile('c0ffee\n') } })).warnings).toEqual([]);
    });

    it('by a carriage return is refused: no secret can end in one', async () => {
      const problem = /: the secret ends in a carriage return, as from a file with the line ends of Windows/;
      const problems = [
        ...(await problemsOf({ env: { CENTAGATE_SECRET_CODE: 'c0ffee\r' } })),
        ...(await problemsOf({ env: { CENTAGATE_SECRET_CODE_FILE: await aFile('c0ffee\r') } })),
      ];
      expect(problems).toEqual([expect.stringMatching(problem), expect.stringMatching(problem)]);
    });
  });

  it('that everybody on the machine may read is warned of', async () => {
    const path = await aFile('x');
    await writeFile(join(folder, 'open'), 'x', { mode: 0o644 });
    const settings = await settingsOf({ flags: { 'auth-token-file': join(folder, 'open'), 'secret-code-file': path } });
    expect(settings.warnings).toEqual([expect.stringMatching(/^--auth-token-file: .*every user of this machine/)]);
  });

  it.each(['auth-token', 'authToken', 'auth_token', 'SECRET-CODE'])(
    'is refused in a configuration file: %s',
    async (key) => {
      const [problem] = await problemsOf({ config: `${key}: c0ffee` });
      expect(problem).toMatch(
        new RegExp(`^${key} in config.yaml line 1: a configuration file holds no secrets; .*-file$`),
      );
      expect(problem).not.toContain('c0ffee');
    },
  );
});

describe('any other value of the environment that was mangled on its way', () => {
  it('is taken as it is with a warning, where it can be', async () => {
    const { warnings, session } = await settingsOf({ env: { CENTAGATE_ADMIN: "'alice'" } });
    expect(session.admin).toBe("'alice'");
    expect(warnings).toEqual([
      expect.stringMatching(/^CENTAGATE_ADMIN: the value begins and ends with the same quote/),
    ]);
  });

  it('loses its blanks without a word', async () => {
    const { warnings, session, concurrency } = await settingsOf({
      env: { CENTAGATE_ADMIN: ' alice\r', CENTAGATE_CONCURRENCY: '8 ' },
    });
    expect([session.admin, concurrency, warnings]).toEqual(['alice', 8, []]);
  });

  it.each([
    ['CENTAGATE_SERVER', '"https://centagate.example"', 'same quote sign'],
    ['CENTAGATE_CONCURRENCY', "'8'", 'same quote sign'],
    ['CENTAGATE_CA', '"/etc/ca.pem"', 'same quote sign'],
    ['CENTAGATE_CA', '/no/ca.pem\r', 'a blank at an end'],
    ['CENTAGATE_SECRET_CODE_FILE', '"/run/secrets/code"', 'same quote sign'],
  ])('says so where it is wrong: %s=%s', async (variable, value, words) => {
    const problems = await problemsOf({ env: { [variable]: value } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${variable}: .*; the value .*${words}`));
  });

  it('is no such thing in a flag, which a shell has read, nor in a configuration file', async () => {
    expect((await settingsOf({ flags: { admin: '"alice"' } })).warnings).toEqual([]);
    expect((await settingsOf({ config: `admin: "'alice'"`, env: { CENTAGATE_ADMIN: '' } })).warnings).toEqual([]);
  });
});

/** Every way in which somebody hands over a secret, rightly or not. */
const PLACES: Record<string, (secret: string) => Given | Promise<Given>> = {
  'its variable': (secret) => ({ env: { CENTAGATE_AUTH_TOKEN: secret, CENTAGATE_SECRET_CODE: secret } }),
  'its variable, among other mistakes': (secret) => ({
    flags: { concurrency: 'x' },
    env: { CENTAGATE_AUTH_TOKEN: secret, CENTAGATE_SECRET_CODE: secret },
  }),
  'its variable, with a line break': (secret) => ({ env: { CENTAGATE_AUTH_TOKEN: `${secret}\n` } }),
  'its variable, with a NUL': (secret) => ({ env: { CENTAGATE_SECRET_CODE: `${secret}\0` } }),
  'its file': async (secret) => ({ flags: { 'auth-token-file': await aFile(`${secret}\n`) } }),
  'its file, two lines': async (secret) => ({ flags: { 'auth-token-file': await aFile(`${secret}\n${secret}`) } }),
  'its file, too long': async (secret) => ({ flags: { 'auth-token-file': await aFile(secret.repeat(9999)) } }),
  'its file, no UTF-8': async (secret) => ({
    flags: { 'auth-token-file': await aFile(Buffer.from(`\ufeff${secret}\ud800`, 'utf16le')) },
  }),
  'the flag of its file': (secret) => ({ flags: { 'auth-token-file': secret } }),
  'the flag of its file, twice': (secret) => ({ flags: { 'secret-code-file': [secret, secret] } }),
  'the variable of its file': (secret) => ({ env: { CENTAGATE_SECRET_CODE_FILE: secret } }),
  'the variable of a key file': (secret) => ({
    env: { CENTAGATE_CLIENT_KEY: `-----BEGIN PRIVATE KEY-----\n${secret}`, CENTAGATE_CLIENT_CERT: '/none' },
  }),
  'the configuration': (secret) => ({ config: `auth-token: ${secret}\nsecretCode: "${secret}"` }),
  'the configuration, as the name of its file': (secret) => ({ config: `auth-token-file: ${secret}` }),
  'the configuration, under an unknown key': (secret) => ({ config: `password: ${secret}` }),
  'the configuration, not as a value': (secret) => ({ config: `auth-token-file:\n  - ${secret}` }),
  'the configuration, broken': (secret) => ({ config: `auth-token: "${secret}\nconcurrency: [${secret}` }),
  'the configuration, with an alias': (secret) => ({ config: `admin: *${secret}\nname: !${secret} x` }),
  'the configuration, in place of all': (secret) => ({ config: secret }),
  'the credentials of the address': (secret) => ({ flags: { server: `https://user:${secret}@host` } }),
  'the path of the address': (secret) => ({ flags: { server: `https://host/auth/sessioncheck/admin/${secret}` } }),
  'the query of the address': (secret) => ({ env: { CENTAGATE_SERVER: `https://host?cenToken=${secret}` } }),
};

describe('a secret, however it was handed over,', () => {
  it.each(Object.entries(PLACES))(
    'shows up in no message and no description of the settings: in %s',
    async (_, place) => {
      await fc.assert(
        fc.asyncProperty(fc.stringMatching(/^[A-Za-z0-9]{12,80}$/), async (secret) => {
          const outcome: unknown = await settingsOf(await place(secret)).catch((error: unknown) => error);
          const shown = [
            inspect(outcome, { showHidden: true, depth: null, getters: true }),
            JSON.stringify(outcome),
            String(outcome),
            outcome instanceof UsageError
              ? outcome.problems.join()
              : JSON.stringify(describeSettings(outcome as Settings)),
          ].join('\n');
          expect(shown).not.toContain(secret.slice(0, 10));
        }),
        { numRuns: 20 },
      );
    },
  );
});

describe('a configuration file', () => {
  it('takes each key in kebab, snake and camel spelling', async () => {
    for (const key of ['timestamp-unit', 'timestamp_unit', 'timestampUnit', 'Timestamp Unit']) {
      expect((await settingsOf({ config: `${key}: s` })).timestampUnit).toBe('s');
    }
  });

  it('gives numbers, booleans and text as they are written', async () => {
    const config =
      'concurrency: 8\ntimeout: 2.5\nallow-plain-http: true\nadmin: 007\ndefault-status: 2 # valid\nattempts: "3"';
    const settings = await settingsOf({ config, env: { CENTAGATE_ADMIN: '' } });
    expect(settings).toMatchObject({ concurrency: 8, timeoutMs: 2500, allowed: ['plain-http'], attempts: 3 });
    expect(settings).toMatchObject({ session: { admin: '007' }, defaultStatus: '2' });
  });

  it.each(['', '# nothing yet\n', '---\n', '{}', '\ufeffconcurrency: 16\r\n'])(
    'may be as good as empty: %j',
    async (config) => {
      expect(await problemsOf({ config })).toEqual([]);
    },
  );

  it('may be named by CENTAGATE_CONFIG, after --config', async () => {
    const env = { CENTAGATE_CONFIG: await aFile('concurrency: 3') };
    expect((await settingsOf({ env })).concurrency).toBe(3);
    expect((await settingsOf({ env, config: 'attempts: 3' })).concurrency).toBe(16);
  });

  it.each([
    [
      'concurency: 1',
      '"concurency" is not',
      /concurency in config.yaml line 1: is not a setting; did you mean concurrency\?/,
    ],
    ['client: 1', 'the near ones are listed', /did you mean client-cert or client-key\?/],
    ['timeout-seconds: 1', 'by how they begin', /did you mean timestamp-unit or timeout\?|timeout or timestamp-unit\?/],
    ['zzz: 1', 'all are listed when none is near', /did you mean server or .* or where or metrics-file .* or by\?/],
    ['"a\\u001b": 1', 'controls are escaped', /^a\\x1b in config/],
    ['[a]: 1', 'a list is no key', /line 1: is not a setting/],
    ['? {a: b}\n: 1', 'neither is a map', /line 1: is not a setting/],
    ['<<: {concurrency: 1}', 'nothing is merged', /<< in config.yaml line 1: is not a setting/],
    ['__proto__: 1', 'nor inherited', /__proto__ in config.yaml line 1: is not a setting/],
  ])('is refused with an unknown key: %j, %s', async (config, _, message) => {
    expect(await problemsOf({ config })).toEqual([expect.stringMatching(message)]);
  });

  it.each(['fresh', 'take-lock', 'json', 'name', 'config'])(
    'is no place for %s, which belongs to one run',
    async (flag) => {
      expect(await problemsOf({ config: `${flag}: true` })).toEqual([
        `${flag} in config.yaml line 1: does not belong in a configuration file; give --${flag}`,
      ]);
    },
  );

  it('is refused when a key stands twice, also in another spelling', async () => {
    expect(await problemsOf({ config: 'client-key: a\nclientKey: b' })).toContain(
      'clientKey in config.yaml line 2: is given more than once, in another spelling',
    );
    expect(await problemsOf({ config: 'ca: a\nca: b' })).toEqual([
      'config.yaml line 2, column 1: is not valid YAML (duplicate key)',
    ]);
  });

  it.each(['concurrency:', 'concurrency: ~', 'concurrency: ""', 'concurrency: null'])(
    'is refused with %j',
    async (config) => {
      expect(await problemsOf({ config })).toEqual([
        'concurrency in config.yaml line 1: has no value; give one or leave the line out',
      ]);
    },
  );

  it.each(['[1]', '{a: 1}', '\n  - 1'])('is refused when a value is %j', async (value) => {
    expect(await problemsOf({ config: `concurrency: ${value}` })).toEqual([
      'concurrency in config.yaml line 1: needs a single plain value',
    ]);
  });

  it.each([
    ['a: 1\n b: 2', 'line 1, column 4'],
    ['server: "unclosed\n', 'line 2, column'],
    ['\tserver: x', 'line 1, column'],
    ['server: !secret x', 'line 1, column 9'],
    ['admin: a\n---\nadmin: b', 'line 2, column 1'],
    ['server: %', 'line 1, column 9'],
  ])('is refused with line and column when it is no YAML: %j', async (config, place) => {
    const problems = await problemsOf({ config });
    expect(problems[0]).toMatch(new RegExp(`^config.yaml ${place}.*is not valid YAML`));
  });

  it.each(['text', '- a\n- b', '42'])('is refused when it holds no settings: %j', async (config) => {
    expect(await problemsOf({ config })).toEqual(['config.yaml: needs lines such as "concurrency: 8"']);
  });

  it.each([
    ['a folder', async () => Promise.resolve(folder), /is a folder/],
    ['missing', async () => Promise.resolve('/nowhere/config.yaml'), /"\/nowhere\/config.yaml" does not exist/],
    ['over 64 KiB', async () => aFile(`# ${'x'.repeat(65536)}`), /larger than 64 KiB/],
    ['no UTF-8', async () => aFile(Buffer.from([0x61, 0xff])), /not UTF-8/],
  ])('is refused when it is %s', async (_, path, message) => {
    expect(await problemsOf({ flags: { config: await path() } })).toEqual([expect.stringMatching(message)]);
  });

  it('that cannot be read leaves nothing to call missing: it may hold it', async () => {
    expect(await problemsOf({ env: { CENTAGATE_SERVER: '' }, config: 'a: [' })).not.toContainEqual(
      expect.stringContaining('--server'),
    );
  });

  it('that multiplies itself does not hang', async () => {
    const layers = Array.from({ length: 30 }, (_, i) => `x${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`);
    const problems = await problemsOf({ config: ['x0: &a0 [1]', ...layers, 'ca: *a30'].join('\n') });
    expect(problems).toHaveLength(32);
    expect(problems).toContainEqual(expect.stringMatching(/^ca in config.yaml line 32: needs a single plain value/));
  });
});

describe('the description of the settings', () => {
  it('is what the settings say, in plain JSON, without the session', async () => {
    const settings = await settingsOf({ flags: { 'signatures-dir': '/signatures', timeout: '2.5', fresh: true } });
    const described = describeSettings(settings);
    expect(JSON.parse(JSON.stringify(described))).toEqual({
      admin: 'admin',
      server: 'https://centagate.example:8443',
      concurrency: 16,
      attempts: 4,
      timeoutMs: 2500,
      maxOutageMs: 600_000,
      signaturesDir: '/signatures',
      timestampUnit: 'ms',
      clock: 'server',
      noKeepalive: false,
      noPreflight: false,
      unwrapFormulas: false,
      visibleOnly: false,
      all: false,
      errorsOnly: false,
      report: false,
      dryRun: false,
      fresh: true,
      takeLock: false,
      attemptLog: false,
      json: false,
    });
  });
});

describe('the settings of a command that sends nothing', () => {
  it('are its own alone, and none of them is needed', async () => {
    expect(await resolveValues('validate', { flags: {}, env: {} })).toEqual({
      config: undefined,
      defaultStatus: undefined,
      signaturesDir: undefined,
      outDir: undefined,
      name: undefined,
      json: false,
      unwrapFormulas: false,
      visibleOnly: false,
      all: false,
      controlTotals: false,
      errorsOnly: false,
      where: [],
      allowed: [],
      origins: expect.any(Map) as unknown,
      warnings: [],
    });
  });

  it('come from the same sources, where those of other commands are not looked at', async () => {
    const config = await aFile('default-status: valid\nconcurrency: many\nserver: nowhere\n');
    const env = { CENTAGATE_SIGNATURES_DIR: '/data/signatures', CENTAGATE_ATTEMPTS: 'often', CENTAGATE_CONFIG: config };
    expect(await resolveValues('validate', { flags: { json: true }, env })).toMatchObject({
      defaultStatus: '2',
      signaturesDir: '/data/signatures',
      json: true,
    });
  });

  it('are refused like those of run', async () => {
    const error: unknown = await resolveValues('validate', { flags: { 'default-status': '5' }, env: {} }).catch(
      (thrown: unknown) => thrown,
    );
    expect((error as UsageError).problems).toEqual([
      '--default-status: found "5", needs one of 1, 2, 3, 4, pending, valid, temp-deactivated, deactivated',
    ]);
  });
});
