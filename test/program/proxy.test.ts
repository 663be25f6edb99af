/** A proxy that makes no tunnel: told as that, with its name, and asked no more than once; each with a proxy of its own. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/report/run-report.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { QuickClock } from '../support/quick-clock.js';

const PASSWORD = 'pr0xy-passw0rd';
/** Nobody is there: what is reached at all is the proxy. */
const SERVER = 'https://centagate.example:8443';
const SECRETS = { CENTAGATE_AUTH_TOKEN: 'the-auth-token', CENTAGATE_SECRET_CODE: 'the-secret-code' };

const closers: (() => unknown)[] = [];
let lab: Lab;

beforeEach(() => (lab = new Lab()));
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  lab.remove();
});

interface Proxy {
  /** `host:port` */
  readonly name: string;
  readonly asked: IncomingMessage[];
}

/** Answers each CONNECT as the test says, by its number from 1. */
async function startProxy(answer: (number: number) => string): Promise<Proxy> {
  const asked: IncomingMessage[] = [];
  const server = createServer((_, response) => response.writeHead(400).end());
  server.on('connect', (request, socket: Socket) => {
    asked.push(request);
    socket.on('error', () => undefined);
    socket.write(answer(asked.length));
  });
  return { name: await listen(server), asked };
}

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function status(line: string, ...headers: readonly string[]): string {
  return [`HTTP/1.1 ${line}`, 'Content-Length: 0', ...headers, '', ''].join('\r\n');
}

/** Does as the test says with each connection and the first that comes over it. */
async function startCloser(
  close: (socket: Socket) => void,
): Promise<{ readonly name: string; readonly connections: () => number }> {
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).once('data', () => close(socket));
  });
  return { name: await listen(server), connections: () => connections };
}

async function run(proxy: string, ...words: readonly string[]): Promise<Ended> {
  const rows = Array.from({ length: 200 }, (_, number) => `u${number},otp`);
  const input = lab.file('users.csv', ['username,token_type', ...rows].join('\n'));
  const ended = await runProgram(['run', input, ...words], environment(proxy));
  expect(ended.stdout + ended.stderr).not.toContain(PASSWORD);
  return ended;
}

function environment(proxy: string): Record<string, string> {
  const where = { CENTAGATE_SERVER: SERVER, CENTAGATE_ADMIN: 'root' };
  return { ...where, ...SECRETS, HTTPS_PROXY: `http://me:${PASSWORD}@${proxy}` };
}

function column(name: string): string[] {
  const rows: Record<string, string>[] = parse(readFileSync(lab.path('users.results.csv')), { columns: true });
  return rows.map((row) => row[name] ?? '');
}

const REFUSALS = [
  ['407 Proxy Authentication Required', 'refuses the name and password of HTTPS_PROXY (HTTP status 407)'],
  ['403 Forbidden', 'does not let us through to the server (HTTP status 403)'],
  ['302 Found', 'sends us to another page (HTTP status 302)'],
  ['404 Not Found', 'makes no tunnel (HTTP status 404)'],
] as const;

describe.each(REFUSALS)('a CONNECT that is answered by %s', (line, words) => {
  it('is told before the run, with the name of the proxy', async () => {
    const proxy = await startProxy(() => status(line, 'Location: http://portal.example/?secret'));
    const ended = await run(proxy.name);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain(`the proxy ${proxy.name} ${words}`);
    expect(proxy.asked.map(({ url }) => url)).toEqual(['centagate.example:8443']);
  });

  it.each([
    [1, 'server'],
    [16, 'local'],
    [64, 'local'],
    [64, 'server'],
  ])(
    'is asked for once by a run of %i at a time that does not look, by the clock of %s',
    async (concurrency, clock) => {
      const proxy = await startProxy(() => status(line));
      const flags = ['--no-preflight', '--clock', clock, '--concurrency', String(concurrency)];
      const ended = await run(proxy.name, ...flags);
      expect(ended.exitCode).toBe(6);
      expect(ended.stdout).toContain(`the proxy ${proxy.name} ${words}`);
      expect(proxy.asked).toHaveLength(1);
      expect(new Set(column('outcome'))).toEqual(new Set(['unavailable', 'not_sent']));
      expect(new Set(column('attempts'))).toEqual(new Set(['0']));
    },
  );

  it('is told by doctor', async () => {
    const proxy = await startProxy(() => status(line));
    const ended = await runProgram(['doctor'], environment(proxy.name));
    expect(ended.exitCode).toBe(6);
    expect(ended.stdout).toMatch(/^BAD {2}http /m);
    expect(ended.stdout).toContain(`the proxy ${proxy.name} ${words}`);
    expect(ended.stdout).not.toContain(PASSWORD);
    expect(proxy.asked).toHaveLength(1);
  });
});

describe('a proxy', () => {
  it('that takes logins which we do not know says which', async () => {
    const line = '407 Proxy Authentication Required';
    const proxy = await startProxy(() =>
      status(line, 'Proxy-Authenticate: Negotiate', 'Proxy-Authenticate: NTLM TlRMTVNTUAAC=='),
    );
    const ended = await run(proxy.name);
    expect(ended.stderr).toContain('asks for a login by negotiate or ntlm');
    expect(proxy.asked).toHaveLength(1);
  });

  it('that speaks no HTTP is none', async () => {
    const name = await listen(
      createTcpServer((socket) => void socket.on('error', () => undefined).write('220 mail\r\n')),
    );
    const ended = await run(name);
    expect([ended.exitCode, ended.stderr.includes(`the proxy ${name} does not speak HTTP`)]).toEqual([2, true]);
  });

  it('that does not reach the server now is waited for', async () => {
    const proxy = await startProxy((number) => status(number < 3 ? '503 No' : '407 Who'));
    const ended = await run(proxy.name, '--no-preflight', '--max-outage', '60');
    expect(ended.exitCode).toBe(6);
    expect(ended.stdout).toContain('refuses the name and password');
    expect(proxy.asked.length).toBe(3);
  });
});

const UNANSWERED = 'closes the connection without an answer to our CONNECT';
const GRANTED = 'HTTP/1.1 200 Connection established\r\n\r\n';
const NO_WAY = 'grants a way to the server, and no connection comes about over it: the connection was reset';
const CLOSERS: readonly (readonly [what: string, close: (socket: Socket) => void, words: string])[] = [
  ['ends the connection after CONNECT', (socket) => socket.end(), UNANSWERED],
  ['breaks it off after CONNECT', (socket) => socket.resetAndDestroy(), UNANSWERED],
  ['ends it within an answer', (socket) => socket.end('HTTP/1.1 20'), UNANSWERED],
  ['ends it behind its grant', (socket) => socket.end(GRANTED), NO_WAY],
  [
    'breaks it off at the first bytes of TLS',
    (socket) => {
      socket.write(GRANTED);
      socket.once('data', () => socket.resetAndDestroy());
    },
    NO_WAY,
  ],
];

describe.each(CLOSERS)('a proxy that %s', (_, close, words) => {
  it('is told as what it is, and asked again as a server is that is away', async () => {
    const proxy = await startCloser(close);
    const rows = Array.from({ length: 50 }, (__, number) => `u${number},otp`);
    const input = lab.file('users.csv', ['username,token_type', ...rows].join('\n'));
    const flags = ['--max-outage', '60', '--timeout', '3600'];
    const ended = await runProgram(['run', input, ...flags], environment(proxy.name), { clock: new QuickClock(500) });
    expect(ended.exitCode).toBe(4);
    expect(ended.stdout).toContain(`the proxy ${proxy.name} ${words}`);
    // One look, three rows, and a probe after each pause.
    expect(proxy.connections()).toBeGreaterThan(5);
    expect(proxy.connections()).toBeLessThan(20);
    expect(new Set(column('attempts'))).toEqual(new Set(['0']));
    expect(column('detail')[0]).toContain(`the proxy ${proxy.name} ${words}`);
    const { connections } = JSON.parse(readFileSync(lab.path('users.summary.json'), 'utf8')) as RunReport;
    expect(connections).toEqual({ tried: proxy.connections(), failed: proxy.connections() });
    expect(ended.stdout).toContain(`${proxy.connections()} attempts at a connection`);
  });
});
