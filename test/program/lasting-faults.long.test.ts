/** What no waiting heals: said at once and as a sentence, by a run, by doctor and by verify; each with a server of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Authorities } from '../support/authority.js';
import type { Certified } from '../support/authority.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';

const SECRETS = { CENTAGATE_AUTH_TOKEN: 'the-auth-token', CENTAGATE_SECRET_CODE: 'the-secret-code' };
const REPLY = 'HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n';
/** Far less than the outage that a run waits for. */
const SOON_MS = 15_000;

const authorities = new Authorities();
const closers: (() => unknown)[] = [];
let lab: Lab;
let root: Certified;
let other: Certified;

beforeAll(() => {
  root = authorities.authority();
  other = authorities.authority();
});
afterAll(() => authorities.remove());
beforeEach(() => {
  lab = new Lab();
  lab.file('ca.pem', root.cert);
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  lab.remove();
});

/** A server, and what came to it. */
interface Listening {
  readonly url: string;
  readonly seen: { connections: number; text: string };
}

async function listen(server: Server, scheme = 'https'): Promise<Listening> {
  const seen = { connections: 0, text: '' };
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    seen.connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const listening = { url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
  server.on('secureConnection', (socket: Socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      seen.text += bytes.toString('latin1');
      socket.write(REPLY);
    });
  });
  return listening;
}

function secured(options: TlsOptions): Promise<Listening> {
  const server = createTlsServer(options);
  server.on('tlsClientError', () => undefined);
  return listen(server);
}

function run(server: string, ...words: readonly string[]): Promise<Ended> {
  const rows = Array.from({ length: 100 }, (_, number) => `u${number},otp`);
  const input = lab.file('users.csv', ['username,token_type', ...rows].join('\n'));
  return runProgram(['run', input, '--ca', lab.path('ca.pem'), ...words], environment(server));
}

function environment(server: string): Record<string, string> {
  return { CENTAGATE_SERVER: server, CENTAGATE_ADMIN: 'root', ...SECRETS };
}

function column(name: string): string[] {
  const rows: Record<string, string>[] = parse(readFileSync(lab.path('users.results.csv')), { columns: true });
  return rows.map((row) => row[name] ?? '');
}

interface Fault {
  readonly what: string;
  readonly words: string;
  readonly start: () => Promise<Listening>;
  /** TLS 1.3 tells it only when the request is on its way. */
  readonly comesLate?: true;
}

const FAULTS: readonly Fault[] = [
  {
    what: 'leads to no root',
    words: "the issuer of the server's certificate is not known: give it with --ca",
    start: () => secured(authorities.server(other)),
  },
  {
    what: 'is for another purpose',
    words: "the server's certificate, or an issuer's, is for another purpose",
    start: () => secured(authorities.server(root, 'extendedKeyUsage=clientAuth', 'subjectAltName=IP:127.0.0.1')),
  },
  {
    what: 'leads over too long a path',
    words: "an issuer of the server's certificate may not have that many others below it",
    start: () => {
      const short = authorities.authority(root, 'basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=keyCertSign');
      const below = authorities.authority(short);
      const leaf = authorities.server(below);
      return secured({ key: leaf.key, cert: leaf.cert + below.cert + short.cert });
    },
  },
  {
    what: 'was made by one that is no authority',
    words: 'is for another purpose',
    start: () => {
      const noAuthority = authorities.server(root);
      const leaf = authorities.server(noAuthority);
      return secured({ key: leaf.key, cert: leaf.cert + noAuthority.cert });
    },
  },
  {
    what: 'has expired',
    words: "the server's certificate has expired: have it renewed",
    start: () => secured(authorities.expired(root)),
  },
  {
    what: 'is for another name',
    words: "the server's certificate is for another name",
    start: () => secured(authorities.server(root, 'subjectAltName=DNS:elsewhere.example')),
  },
  {
    what: 'speaks old TLS alone',
    words: 'the server speaks no version of TLS that we do: have it speak TLS 1.2 or 1.3',
    start: () =>
      secured({
        ...authorities.server(root),
        ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      }),
  },
  {
    what: 'has no cipher in common',
    words: 'it has no cipher in common with us',
    start: () =>
      secured({ ...authorities.server(root), maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0' }),
  },
  {
    what: 'has no application protocol in common',
    words: 'the server does not speak HTTP/1.1 at this port (ALPN)',
    start: () => secured({ ...authorities.server(root), ALPNProtocols: ['h2'] }),
  },
  {
    what: 'speaks plain http',
    words: 'the server speaks no TLS at this port: check the port of --server',
    start: () => listen(createHttpServer((_, response) => response.end())),
  },
  {
    what: 'speaks something else',
    words: 'the server speaks no TLS at this port: check the port of --server',
    start: () => listen(createServer((socket) => void socket.write('SSH-2.0-Some\r\n'))),
  },
  {
    what: 'speaks TLS where we speak plain http',
    words: 'the server speaks TLS at this port, and --server says http: write it with https',
    start: async () => {
      const { url, seen } = await secured(authorities.server(root));
      return { url: url.replace('https:', 'http:'), seen };
    },
  },
  {
    what: 'wants a certificate of ours (TLS 1.2)',
    words: '--client-cert',
    start: () => secured({ ...authorities.server(root), requestCert: true, ca: root.cert, maxVersion: 'TLSv1.2' }),
  },
  {
    what: 'wants a certificate of ours (TLS 1.3)',
    words: 'the server asks for a certificate of ours: give --client-cert and --client-key',
    comesLate: true,
    start: () => secured({ ...authorities.server(root), requestCert: true, ca: root.cert, minVersion: 'TLSv1.3' }),
  },
];

describe.each(FAULTS)('a server that $what', ({ words, start, comesLate }) => {
  it('is refused by the look before the run, with nothing sent', async () => {
    const { url, seen } = await start();
    const ended = await run(url);
    expect(ended.stderr).toContain(words);
    expect(ended.exitCode).toBe(2);
    expect(seen.text).toBe('');
  });

  it.each(['server', 'local'])(
    'stops a run that does not look at once, by the clock of %s; every row is accounted for',
    async (clock) => {
      const { url, seen } = await start();
      const begun = performance.now();
      const ended = await run(url, '--no-preflight', '--clock', clock, '--concurrency', '8');
      expect(performance.now() - begun).toBeLessThan(SOON_MS);
      expect(ended.exitCode).toBe(6);
      expect(ended.stdout).toContain(words);
      expect(ended.stdout).toContain('Waiting does not heal it');
      const outcomes = column('outcome');
      expect(outcomes).toHaveLength(100);
      // What had left for a plain port, or before the server's word came, may have been read.
      const mayHaveLeft = clock === 'local' && (comesLate === true || url.startsWith('http:'));
      expect(new Set(outcomes)).toEqual(new Set(['not_sent', mayHaveLeft ? 'unknown' : 'unavailable']));
      expect(Math.max(...column('attempts').map(Number))).toBe(mayHaveLeft ? 1 : 0);
      expect(outcomes.filter((outcome) => outcome !== 'not_sent').length).toBeLessThanOrEqual(8);
      expect(column('detail').find((detail) => !detail.startsWith('the run stopped'))).toContain(words);
      expect(seen.text).toBe('');
    },
  );

  it('is told by doctor, with no secret on its way', async () => {
    const { url, seen } = await start();
    const ended = await runProgram(['doctor', '--ca', lab.path('ca.pem')], environment(url));
    expect(ended.exitCode).toBe(6);
    expect(ended.stdout).toContain(words);
    expect(ended.stdout).toMatch(/^BAD {2}/m);
    expect(seen.text).toBe('');
  });
});

describe('a server that does not take our certificate', () => {
  function ours(): string[] {
    const { cert, key } = authorities.server(root, 'extendedKeyUsage=clientAuth');
    return ['--client-cert', lab.file('ours.pem', cert), '--client-key', lab.file('ours.key', key)];
  }

  it('says so by the alert that comes behind the handshake', async () => {
    const url = await startOpenssl(authorities.server(root), '-Verify', '1', '-CAfile', authorities.file(other.cert));
    const ended = await run(url, ...ours());
    expect(ended.stderr).toContain('the server does not trust the issuer of our certificate');
    expect(ended.exitCode).toBe(2);
  });

  it('may close without a word: doctor says that it had asked for one', async () => {
    const { url } = await secured({ ...authorities.server(root), requestCert: true, ca: other.cert });
    const ended = await runProgram(['doctor', '--ca', lab.path('ca.pem'), ...ours()], environment(url));
    expect(ended.stdout).toMatch(/^BAD {2}http .*after the server had asked for a certificate of ours/m);
    expect(ended.exitCode).toBe(6);
  });

  it('may close without a word: a run says the same, at once', async () => {
    const words = 'after the server had asked for a certificate of ours: give one that it takes with --client-cert';
    const { url, seen } = await secured({ ...authorities.server(root), requestCert: true, ca: other.cert });
    const looked = await run(url, ...ours());
    expect(looked.stderr).toContain(words);
    expect(looked.exitCode).toBe(2);
    const ended = await run(url, ...ours(), '--no-preflight', '--clock', 'local');
    expect(ended.stdout).toContain(words);
    expect(ended.exitCode).toBe(6);
    expect(column('outcome').filter((outcome) => outcome !== 'not_sent')).toEqual(['unknown']);
    expect(seen.text).toBe('');
  });

  it('is away, and no more, when it closes once it has replied to somebody', async () => {
    const server = createTlsServer({ ...authorities.server(root), requestCert: true, rejectUnauthorized: false });
    let connections = 0;
    const { url } = await listen(server);
    server.removeAllListeners('secureConnection');
    server.on('secureConnection', (socket: Socket) => {
      connections += 1;
      socket.on('error', () => undefined);
      if (connections > 1) socket.destroy();
      else socket.on('data', () => socket.end(REPLY));
    });
    const ended = await run(url, '--clock', 'local', '--max-outage', '1');
    expect(ended.exitCode).toBe(4);
    expect(ended.stdout).toContain('the server was away');
  });
});

/** A server of OpenSSL's own, which ends a handshake as the standard says. */
function startOpenssl({ cert, key }: Certified, ...words: readonly string[]): Promise<string> {
  const files = ['-cert', authorities.file(cert), '-key', authorities.file(key)];
  const child = spawn('openssl', [
    's_server',
    '-accept',
    '127.0.0.1:0',
    '-www',
    '-verify_return_error',
    ...files,
    ...words,
  ]);
  closers.push(async () => {
    child.kill();
    await once(child, 'close');
  });
  return new Promise((resolve) => {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [, port] = /^ACCEPT 127\.0\.0\.1:(\d+)\n/m.exec(said) ?? [];
      if (port !== undefined) resolve(`https://127.0.0.1:${port}`);
    });
  });
}

describe('verify', () => {
  it('stops as a run does, at once', async () => {
    const { url } = await secured(authorities.server(other));
    const results = lab.file(
      'done.results.csv',
      [
        'username,token_type,line,outcome,retry,return_code,message,http_status,attempts,sent_at,latency_ms,detail',
        'ann,otp,2,registered,no,0,,200,1,2026-01-31T12:00:00.000Z,5,',
      ].join('\n'),
    );
    const begun = performance.now();
    const ended = await runProgram(['verify', results, '--ca', lab.path('ca.pem')], environment(url));
    expect(performance.now() - begun).toBeLessThan(SOON_MS);
    expect(ended.exitCode).toBe(6);
    expect(ended.stdout).toContain("the issuer of the server's certificate is not known");
  });
});

describe('a login', () => {
  it('is not made where the way is not right, and nobody waits', async () => {
    const { url, seen } = await secured(authorities.server(other));
    const login = {
      CENTAGATE_PASSWORD: 'the-password',
      CENTAGATE_INTEGRATION_KEY: 'the-key',
      CENTAGATE_INTEGRATION_SECRET: 'the-integration-secret',
    };
    const input = lab.file('users.csv', 'username,token_type\nann,otp\n');
    const where = { CENTAGATE_SERVER: url, CENTAGATE_ADMIN: 'root' };
    const ended = await runProgram(['run', input, '--no-preflight'], { ...where, ...login });
    expect(ended.exitCode).toBe(6);
    expect(ended.stdout).toContain("the issuer of the server's certificate is not known");
    expect(seen.text).toBe('');
  });
});
