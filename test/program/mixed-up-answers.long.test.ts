import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../src/simulator/make-certificate.js';
import { GIVEN, SESSION } from '../support/account.js';
import { runProgram } from '../support/program.js';
import { ENDS, SURPLUS_TIMES, SurplusServer, toReply } from '../support/surplus-server.js';
import type { Surplus, SurplusServerOptions } from '../support/surplus-server.js';

/* The whole tool at servers that answer more than they are asked. MIXED_UP_SCHEDULES=1000 makes it a long run. */

const SCHEDULES = Number(process.env['MIXED_UP_SCHEDULES'] ?? 30);
const ROWS = 80;

let folder: string;
let certificate: { key: string; cert: string };
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  certificate = await makeCertificate(['127.0.0.1']);
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mixed-'));
  writeFileSync(join(folder, 'ca.pem'), certificate.cert);
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  rmSync(folder, { recursive: true });
});

async function serve(options: SurplusServerOptions): Promise<SurplusServer> {
  const server = await new SurplusServer({ codeOf, ...options }).start();
  closers.push(() => server.close());
  return server;
}

/** Every fourth user is not there. */
function codeOf(username: string): string {
  return Number(username.slice(1)) % 4 === 3 ? '22002' : '0';
}

async function run(server: SurplusServer, rows: number, ...words: readonly string[]) {
  const users = Array.from({ length: rows }, (_, number) => `u${number},otp`);
  writeFileSync(join(folder, 'users.csv'), ['username,token_type', ...users].join('\n'));
  const env = {
    ...GIVEN,
    CENTAGATE_SERVER: server.url,
    CENTAGATE_ADMIN: SESSION.admin,
    ...(server.url.startsWith('https') && { CENTAGATE_CA: join(folder, 'ca.pem') }),
  };
  const ended = await runProgram(['run', join(folder, 'users.csv'), ...words], env);
  // It is our own.
  const summary = JSON.parse(readFileSync(join(folder, 'users.summary.json'), 'utf8')) as { stopped_by: string | null };
  return { ...ended, rows: read('users.results.csv'), keys: read('users.keys.csv'), stoppedBy: summary.stopped_by };
}

function read(file: string): Record<string, string>[] {
  return parse(readFileSync(join(folder, file), 'utf8'), { columns: true });
}

/** The keys that stand, by their users: those of a line that is not taken back further down. */
function standing(keys: readonly Record<string, string>[]): Map<string, string> {
  const stand = new Map<string, string>();
  for (const { username = '', key = '', registered_at: at = '' } of keys) {
    if (at.startsWith('taken back ')) stand.delete(username);
    else stand.set(username, key);
  }
  return stand;
}

/** What the results say of a row is what the server did to it; what they say nothing of is in doubt. */
function checkTruth(
  server: SurplusServer,
  ended: Awaited<ReturnType<typeof run>>,
  isUntold: (username: string) => boolean = () => false,
): void {
  const keys = standing(ended.keys);
  for (const { username = '', outcome = '' } of ended.rows) {
    if (isUntold(username)) {
      keys.delete(username);
      continue;
    }
    const { codes, keys: made } = server.users.get(username) ?? { codes: [], keys: [] };
    const about = `${username} ${outcome} ${codes.join()}`;
    if (outcome === 'registered') expect([about, keys.get(username)]).toEqual([about, made[0]]);
    if (outcome === 'refused') expect([about, made]).toEqual([about, []]);
    if (['already_registered', 'unavailable', 'key_lost'].includes(outcome)) expect(about).toBe('');
    if (outcome === 'not_sent') expect([about, codes]).toEqual([about, []]);
  }
  for (const [username, key] of keys) expect([username, key]).toEqual([username, `KEY-OF-${username}`]);
}

/** A generator of numbers below 1 that a seed repeats (mulberry32). */
function diceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function scheduleOf(seed: number) {
  const roll = diceOf(seed);
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(roll() * values.length)]!;
  const concurrency = pick([1, 16, 64]);
  const surplus: Surplus[] = Array.from({ length: pick([1, 1, 2, 4]) }, () => {
    const when = pick(SURPLUS_TIMES);
    const at = 1 + Math.floor(roll() * (when === 'connect' ? concurrency : ROWS));
    return { at, when, codes: Array.from({ length: pick([1, 1, 2, 3]) }, () => pick(['0', '22002', '29008', 'copy'])) };
  });
  const think = pick([0, 2, 12]);
  const thinkMs = (): number => roll() * think;
  const endsAfter = { replies: 2 + Math.floor(roll() * 40), how: pick(ENDS) };
  return { concurrency, isTls: roll() < 0.5, surplus, thinkMs, endsAfter };
}

describe('at a server that answers more than it is asked', () => {
  it.each(Array.from({ length: SCHEDULES }, (_, at) => at + 1))(
    'no row is called what it is not, and no key stands beside a wrong name (schedule %i)',
    async (seed) => {
      const { concurrency, isTls, surplus, thinkMs } = scheduleOf(seed);
      const server = await serve({ surplus, thinkMs, ...(isTls && { tls: certificate }) });
      const ended = await run(server, ROWS, '--concurrency', String(concurrency));
      expect(ended.rows).toHaveLength(ROWS);
      checkTruth(server, ended);
      if (![1, 3].includes(ended.exitCode)) expect(ended.stoppedBy).toContain('got mixed up');
    },
  );
});

describe('at a server that breaks connections too', () => {
  it.each(Array.from({ length: Math.ceil(SCHEDULES / 3) }, (_, at) => at + 1))(
    'no row is called what it is not that a look has come behind (schedule %i)',
    async (seed) => {
      const { concurrency, isTls, surplus, thinkMs, endsAfter } = scheduleOf(seed);
      const server = await serve({ surplus, thinkMs, endsAfter, ...(isTls && { tls: certificate }) });
      const ended = await run(server, ROWS, '--concurrency', String(concurrency));
      expect(ended.rows).toHaveLength(ROWS);
      // What never reached the server was the last over a connection that broke.
      const isUntold = (username: string): boolean =>
        server.untold.has(username) || (server.untold.size > 0 && !server.users.has(username));
      checkTruth(server, ended, isUntold);
    },
  );

  it.each([
    ['announced', 30],
    ['fin', 7],
    ['rst', 60],
  ] as const)(
    'its second connection (%s after %i replies) is known to be mixed up by its last look',
    async (how, replies) => {
      const surplus = [{ at: replies + 2, when: 'late', codes: ['22002'] } as const];
      const server = await serve({ surplus, endsAfter: { replies, how }, thinkMs: () => 2 });
      const ended = await run(server, 3 * replies, '--concurrency', '1');
      expect(ended.stoppedBy).toContain('got mixed up');
      checkTruth(server, ended);
    },
  );

  it.each(ENDS)('that alone leaves no row in doubt (%s)', async (how) => {
    const server = await serve({ endsAfter: { replies: 9, how }, thinkMs: () => 1 });
    const ended = await run(server, 200, '--concurrency', '4');
    expect(ended.stoppedBy).toBeNull();
    if (how === 'announced') expect(ended.rows.filter(({ outcome }) => outcome === 'unknown')).toEqual([]);
    checkTruth(server, ended);
  });
});

describe('a server that answers what it is asked', () => {
  it.each([
    [1, false, 0],
    [16, false, 3],
    [16, true, 0],
    [64, true, 3],
  ])('leaves no row in doubt (%i at once, TLS: %s, %i ms)', async (concurrency, isTls, think) => {
    const server = await serve({ ...(isTls && { tls: certificate }), thinkMs: () => think });
    const ended = await run(server, 600, '--concurrency', String(concurrency));
    expect(ended.exitCode).toBe(1);
    expect(ended.rows.map(({ outcome }) => outcome)).toEqual(
      ended.rows.map(({ username = '' }) => (codeOf(username) === '0' ? 'registered' : 'refused')),
    );
    checkTruth(server, ended);
  });

  it.each([1, 7, 100])('also when it closes each connection after %i requests', async (mostRequests) => {
    const server = await serve({ mostRequests });
    const ended = await run(server, 400, '--concurrency', '4');
    expect(ended.rows.filter(({ outcome = '' }) => !['registered', 'refused'].includes(outcome))).toEqual([]);
    checkTruth(server, ended);
  });

  it('is looked at soon, then once in 200 answers, and at the end', async () => {
    const server = await serve({});
    await run(server, 1000, '--concurrency', '1');
    // The first look, three soon, that before the 101st request, four on the way, and the last.
    expect(server.looks).toBe(10);
  });
});

describe('at a server that answers a look as it answers a row', () => {
  it('nothing is in doubt for it', async () => {
    const server = await serve({ look: toReply('10002') });
    const ended = await run(server, ROWS, '--concurrency', '4');
    expect(ended.exitCode).toBe(1);
    checkTruth(server, ended);
  });

  it('a surplus answer that nobody waits for stops the run all the same', async () => {
    const surplus = [{ at: 20, when: 'after', codes: ['0'] } as const];
    const server = await serve({ look: toReply('10002'), surplus });
    const ended = await run(server, ROWS, '--concurrency', '1');
    expect(ended.stoppedBy).toContain('got mixed up');
    checkTruth(server, ended);
  });
});

describe('with --no-keepalive', () => {
  it('each request has a connection of its own, and nobody looks', async () => {
    const server = await serve({});
    const ended = await run(server, ROWS, '--concurrency', '4', '--no-keepalive');
    expect(ended.exitCode).toBe(1);
    expect([server.connections, server.looks]).toEqual([ROWS + 1, 1]);
    checkTruth(server, ended);
  });

  it('a server that answers late and once too often mixes up nothing', async () => {
    const surplus = Array.from({ length: ROWS }, (_, at) => ({ at: at + 1, when: 'late', codes: ['0'] }) as const);
    const server = await serve({ surplus });
    const ended = await run(server, ROWS, '--concurrency', '4', '--no-keepalive');
    expect(ended.exitCode).toBe(1);
    checkTruth(server, ended);
  });
});
