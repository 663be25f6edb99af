import dns from 'node:dns';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, request as startRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { ACCOUNT, GIVEN, LOGIN, SESSION } from '../support/account.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { QuickClock } from '../support/quick-clock.js';

/* Nothing waits for ever: every command ends at every peer that never does, and says what it met. */

const PATIENCE = ['--timeout', '20', '--max-outage', '60', '--attempts', '2'];
const ROWS = 20;
/** A minute is a quarter of a second at peers that never answer; a server that does gets the time that it needs. */
const QUICK = 240;

let factor: number;
let folder: string;
const closers: (() => unknown)[] = [];

beforeEach(() => {
  factor = QUICK;
  folder = mkdtempSync(join(tmpdir(), 'waits-'));
  const rows = Array.from({ length: ROWS }, (_, index) => `u${index},otp`);
  writeFileSync(join(folder, 'users.csv'), ['username,token_type', ...rows].join('\n'));
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  rmSync(folder, { recursive: true });
});

function path(name: string): string {
  return join(folder, name);
}

function command(server: string, env: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<Ended> {
  const where = { CENTAGATE_SERVER: server, CENTAGATE_ADMIN: SESSION.admin };
  const patience = words[0] === 'doctor' ? PATIENCE.slice(0, 2) : PATIENCE;
  return runProgram([...words, ...patience], { ...where, ...env }, { clock: new QuickClock(factor) });
}

function results(): Record<string, string>[] {
  return parse(readFileSync(path('users.results.csv')), { columns: true });
}

async function simulate(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ ...SESSION, login: LOGIN, ...options });
  closers.push(() => simulator.close());
  return simulator;
}

/** The results of a run against a server that works, for `verify`. */
async function leaveResults(): Promise<void> {
  const simulator = await simulate();
  factor = 1;
  expect((await command(simulator.url, GIVEN, 'run', path('users.csv'))).exitCode).toBe(0);
  factor = QUICK;
  // Without it, nobody knows which server that was.
  rmSync(path('users.summary.json'));
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A peer that does this with each connection, after the first bytes of a request. */
function peer(act: (socket: Socket) => void): () => Promise<string> {
  return async () => {
    const server = createServer((socket) => void socket.once('data', () => act(socket)));
    return `http://127.0.0.1:${await listen(server)}`;
  };
}

/** Writes the same again and again, for as long as anybody takes it. */
function pour(text: string): (socket: Socket) => void {
  return (socket) => {
    const more = (): void => {
      if (!socket.destroyed) socket.write(text, () => setImmediate(more));
    };
    more();
  };
}

function drip(socket: Socket): void {
  const text = 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{"code":"0","message":"';
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++] ?? 'x'), 1000 / QUICK);
  socket.once('close', () => clearInterval(timer));
}

/** A resolver that never says a word. */
function blackHole(): Promise<string> {
  const { lookup } = dns;
  const { lookup: lookupLater } = dns.promises;
  dns.lookup = (() => undefined) as unknown as typeof dns.lookup;
  dns.promises.lookup = (() => new Promise(() => undefined)) as typeof dns.promises.lookup;
  syncBuiltinESMExports();
  closers.push(() => {
    Object.assign(dns, { lookup });
    Object.assign(dns.promises, { lookup: lookupLater });
    syncBuiltinESMExports();
  });
  return Promise.resolve('https://centagate.example');
}

interface Peer {
  readonly what: string;
  readonly open: () => Promise<string>;
  /** What is said of a row, of the login, and by `doctor`. */
  readonly says: string;
  readonly check: string;
  /** With what a run, a login and `doctor` end, where that is not 4: what is no reply is for a person. */
  readonly exits?: Readonly<Partial<Record<'run' | 'login' | 'doctor', number>>>;
}

const PEERS: readonly Peer[] = [
  {
    what: 'a name that never resolves',
    open: blackHole,
    says: 'no connection: no whole reply within 20 s',
    check: 'dns',
  },
  { what: 'a peer that says nothing', open: peer(() => undefined), says: 'no whole reply within 20 s', check: 'http' },
  {
    what: 'a TLS handshake that stalls',
    open: async () => (await peer(() => undefined)()).replace('http:', 'https:'),
    says: 'no connection: no whole reply within 20 s',
    check: 'tls',
  },
  { what: 'a byte a second', open: peer(drip), says: 'no whole reply within 20 s', check: 'http' },
  {
    what: 'an endless body',
    open: peer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      pour('x'.repeat(10_000))(socket);
    }),
    says: 'the reply is over 1 MiB',
    check: 'http',
    exits: { run: 6, login: 6, doctor: 6 },
  },
  {
    what: 'endless headers',
    open: peer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      pour('X-More: and more\r\n')(socket);
    }),
    says: 'the reply has too many headers',
    check: 'http',
    exits: { run: 6, login: 6, doctor: 6 },
  },
  {
    what: 'an endless promise of a reply',
    open: peer(pour('HTTP/1.1 102 Processing\r\n\r\n')),
    says: 'no whole reply within 20 s',
    check: 'http',
  },
];

/** What is refused for what it is ends nothing by time: on a busy machine, a quick clock would be there first. */
function paceOf(exit: number | undefined): number {
  return exit === 6 ? 1 : QUICK;
}

describe.each(PEERS)('$what', ({ open, says, check, exits }) => {
  it('ends a run, with what it was in each row that was tried', async () => {
    factor = paceOf(exits?.run);
    const { exitCode, stdout } = await command(
      await open(),
      GIVEN,
      'run',
      path('users.csv'),
      '--clock',
      'local',
      '--no-preflight',
    );
    // --clock local looks at the server in any case.
    expect(exitCode).toBe(exits?.run ?? 4);
    const tried = results().filter(({ outcome }) => outcome !== 'not_sent');
    expect(results()).toHaveLength(ROWS);
    expect(tried.length).toBeGreaterThan(0);
    for (const { outcome = '' } of tried) expect(['unavailable', 'unknown']).toContain(outcome);
    // What stops a run is said of that, and in its rows what to do about it.
    expect([stdout, ...tried.map(({ detail }) => detail)].some((text) => text?.includes(says))).toBe(true);
  });

  it('ends a run that logs in, with no registration sent and two logins at most', async () => {
    factor = paceOf(exits?.login);
    const ended = await command(await open(), ACCOUNT, 'run', path('users.csv'));
    expect(ended.exitCode).toBe(exits?.login ?? 4);
    const failed = exits?.login === 6 ? 'the administrator could not log in: ' : 'the login failed: ';
    expect(ended.stdout).toContain(`Stopped early: ${failed}`);
    expect(new Set(results().map(({ outcome }) => outcome))).toEqual(new Set(['not_sent']));
  });

  it('ends verify', async () => {
    await leaveResults();
    const ended = await command(await open(), GIVEN, 'verify', path('users.results.csv'));
    expect(ended.exitCode).toBe(4);
    expect(ended.stdout).toMatch(/unclear +│ +20 │/);
  });

  it.each([GIVEN, ACCOUNT])('ends doctor, at the step that it is about', async (env) => {
    factor = paceOf(exits?.doctor);
    const ended = await command(await open(), env, 'doctor', '--json');
    expect(ended.exitCode).toBe(exits?.doctor ?? 4);
    const { checks } = JSON.parse(ended.stdout) as { checks: { name: string; verdict: string; says: string }[] };
    const bad = checks.filter(({ verdict }) => verdict === 'bad');
    expect(bad.map(({ name }) => name)).toEqual([check]);
    expect(bad[0]?.says).toMatch(/nothing within 20 s|no reply within 5 s|no whole reply|over 1 MiB|too many headers/);
  });
});

describe('a server that works but for one call, which nobody answers', () => {
  /** Leads to a simulator; requests whose path ends like this hang. */
  async function hangAt(pathPart: string, options: Partial<SimulatorOptions> = {}) {
    const simulator = await simulate(options);
    factor = 60;
    const hung = { count: 0 };
    const server = createHttpServer((incoming, response) => {
      if (incoming.url?.includes(pathPart) === true) {
        hung.count += 1;
        return;
      }
      const { method, headers, url } = incoming;
      const onward = startRequest(`${simulator.url}${url ?? ''}`, { method, headers }, (reply) => {
        response.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(response);
      });
      incoming.pipe(onward);
    });
    return { simulator, hung, url: `http://127.0.0.1:${await listen(server)}` };
  }

  it('the login: two of them, and the run stops', async () => {
    const { url, hung, simulator } = await hangAt('/auth/authBasic');
    const ended = await command(url, ACCOUNT, 'run', path('users.csv'));
    expect([ended.exitCode, hung.count, simulator.sends.length]).toEqual([6, 2, 0]);
    expect(ended.stdout).toContain(
      'the login failed: no whole reply within 20 s. A third login could lock the account',
    );
  });

  it('the logout: the run has ended well', async () => {
    const { url, hung, simulator } = await hangAt('/auth/logout');
    expect((await command(url, ACCOUNT, 'run', path('users.csv'))).exitCode).toBe(0);
    expect([hung.count, simulator.logins]).toEqual([1, 1]);
  });

  it('the session check: a login settles it', async () => {
    const { url, hung, simulator } = await hangAt('/auth/sessioncheck', { sessionLimits: { requests: 15 } });
    const ended = await command(url, { ...GIVEN, ...ACCOUNT }, 'run', path('users.csv'), '--concurrency', '1');
    expect(ended.exitCode).toBe(0);
    expect(hung.count).toBe(3 * simulator.deaths);
    expect(simulator.logins).toBe(simulator.deaths);
  });

  it('the list of a user: verify stops', async () => {
    await leaveResults();
    const { url } = await hangAt('/user/auth/list');
    const ended = await command(url, GIVEN, 'verify', path('users.results.csv'));
    expect(ended.exitCode).toBe(4);
    expect(ended.stdout).toContain('Stopped early: the server was away for');
  });
});
