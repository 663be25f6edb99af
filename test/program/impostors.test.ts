/** Impostors of the server and of a proxy, on a machine whose environment switches the check of certificates off. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import type { Server, TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Authorities } from '../support/authority.js';
import type { Certified } from '../support/authority.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { every } from '../support/suite.js';

const SECRETS = {
  CENTAGATE_PASSWORD: 'the-password',
  CENTAGATE_INTEGRATION_KEY: 'the-integration-key',
  CENTAGATE_INTEGRATION_SECRET: 'the-integration-secret',
};
const NAMES = 'subjectAltName=IP:127.0.0.1,DNS:localhost';

/** What an impostor may come by; `root` alone is trusted. */
const IMPOSTORS: Readonly<Record<string, (by: Authorities, root: Certified) => TlsOptions>> = {
  'signed by itself': (by) => by.authority(undefined, NAMES),
  'an unknown issuer': (by) => by.server(by.authority()),
  'an unknown issuer of the same name': (by, { name }) => by.server({ ...by.authority(), name }),
  'for another name': (by, root) => by.server(root, 'subjectAltName=DNS:elsewhere.example'),
  'for no name': (by, root) => by.server(root, 'basicConstraints=CA:FALSE'),
  'for another address': (by, root) => by.server(root, 'subjectAltName=IP:127.0.0.2'),
  'for a longer name': (by, root) => by.server(root, 'subjectAltName=DNS:127.0.0.1.elsewhere.example'),
  'over since yesterday': (by, root) => by.expired(root),
  'for clients': (by, root) => by.server(root, NAMES, 'extendedKeyUsage=clientAuth'),
  'an issuer that is no authority': (by, root) => {
    const leaf = by.server(root);
    const made = by.server(leaf);
    return { ...made, cert: made.cert + leaf.cert };
  },
  'an issuer that may have none below it': (by, root) => {
    const last = by.authority(root, 'basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=keyCertSign');
    const below = by.authority(last, 'basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign');
    const made = by.server(below);
    return { ...made, cert: made.cert + below.cert + last.cert };
  },
  'a version of TLS that is too old': (by, root) => ({
    ...by.server(root),
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
  }),
};

const authorities = new Authorities();
let root: Certified;
let lab: Lab;
let server: Server | undefined;
beforeAll(() => {
  root = authorities.authority();
});
afterAll(() => authorities.remove());
beforeEach(() => (lab = new Lab()));
afterEach(() => {
  vi.unstubAllEnvs();
  server?.close();
  lab.remove();
});

/** @returns where it is, and what it is told */
async function listen(options: TlsOptions): Promise<{ readonly port: number; readonly heard: () => string }> {
  let heard = '';
  server = createServer(options, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1');
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, heard: () => heard };
}

let jobs = 0;

/** Each with files of its own: results tell of their server. */
function run(command: 'run' | 'verify', env: Readonly<Record<string, string>>): Promise<Ended> {
  const name = `users${(jobs += 1)}`;
  const path =
    command === 'run'
      ? lab.file(`${name}.csv`, 'username,token_type\nann,otp\n')
      : lab.file(
          `${name}.results.csv`,
          'username,token_type,line,outcome,retry,return_code,message,http_status,attempts,sent_at,latency_ms,detail\n' +
            'ann,otp,2,registered,no,0,,200,1,2026-01-01T00:00:00.000Z,5,\n',
        );
  const words = [command, path, '--ca', lab.file('ca.pem', root.cert), '--max-outage', '0'];
  return runProgram(words, { CENTAGATE_ADMIN: 'root', ...SECRETS, ...env });
}

describe('while certificates are not checked in this process', () => {
  // What the program is told of it would end it sooner.
  beforeEach(() => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  });
  afterEach(() => vi.restoreAllMocks());

  it.each(every(6, Object.entries(IMPOSTORS)))('%s: nobody is told anything', async (_, make) => {
    const { port, heard } = await listen(make(authorities, root));
    const asServer = { CENTAGATE_SERVER: `https://127.0.0.1:${port}` };
    const asProxy = {
      CENTAGATE_SERVER: 'https://centagate.example',
      HTTPS_PROXY: `https://me:the-password@127.0.0.1:${port}`,
    };
    const ended = [await run('run', asServer), await run('verify', asServer), await run('run', asProxy)];
    for (const { exitCode } of ended) expect([2, 6]).toContain(exitCode);
    expect(heard()).toBe('');
  });

  it('the server itself, and a proxy, are spoken to', async () => {
    const { port, heard } = await listen(authorities.server(root));
    const asServer = { CENTAGATE_SERVER: `https://127.0.0.1:${port}` };
    await run('run', asServer);
    await run('verify', asServer);
    expect(heard().split('the-integration-key')).toHaveLength(3);
    await run('run', {
      CENTAGATE_SERVER: 'https://centagate.example',
      HTTPS_PROXY: `https://me:the-password@127.0.0.1:${port}`,
    });
    expect(heard()).toContain('CONNECT centagate.example:443');
  });
});

it.each([
  ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
  ['NODE_DEBUG', 'undici'],
  ['NODE_OPTIONS', '--trace-tls'],
])('%s=%s is refused by name, before anything is sent', async (name, value) => {
  const { port, heard } = await listen(authorities.server(root));
  for (const command of ['run', 'verify'] as const) {
    const ended = await run(command, { CENTAGATE_SERVER: `https://127.0.0.1:${port}`, [name]: value });
    expect([ended.exitCode, heard()]).toEqual([2, '']);
    expect(ended.stderr).toMatch(new RegExp(`^${name}: .*\nNothing was sent\\.\n$`));
  }
});
