import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
import { UnsteadyWay } from '../support/unsteady-way.js';
import type { WayState } from '../support/unsteady-way.js';

/* The whole tool at a server that goes away. Its minute is a quarter of a second of ours. */

const FACTOR = 240;
const MINUTE_MS = 60_000;
const ROWS = 400;

let clock: QuickClock;
let folder: string;
let simulator: Simulator;
let way: UnsteadyWay;

beforeEach(() => {
  clock = new QuickClock(FACTOR);
  folder = mkdtempSync(join(tmpdir(), 'outage-'));
  const rows = Array.from({ length: ROWS }, (_, index) => `u${index},otp`);
  writeFileSync(join(folder, 'users.csv'), ['username,token_type', ...rows].join('\n'));
});
afterEach(async () => {
  await way.close();
  await simulator.close();
  rmSync(folder, { recursive: true });
});

async function simulate(options: Partial<SimulatorOptions> = {}): Promise<void> {
  simulator = await startSimulator({ ...SESSION, login: LOGIN, ...options });
  way = await UnsteadyWay.to(simulator.url);
}

/** A silence is noticed after 24 s, unless told. */
function run(env: Readonly<Record<string, string>>, ...flags: readonly string[]): Promise<Ended> {
  const where = { CENTAGATE_SERVER: way.url, CENTAGATE_ADMIN: SESSION.admin };
  const timeout = flags.includes('--timeout') ? [] : ['--timeout', '24'];
  const words = ['run', join(folder, 'users.csv'), ...timeout, ...flags];
  return runProgram(words, { ...where, ...env }, { clock });
}

/** Away from this send on, for a minute or for good. */
function goAway(state: WayState, { atSend, forMs }: { readonly atSend: number; readonly forMs?: number }) {
  const onSend: SimulatorOptions['onSend'] = ({ n }) => {
    if (n !== atSend) return;
    way.turn(state);
    if (forMs !== undefined) clock.after(forMs, () => way.turn('through'));
  };
  return simulate({ onSend, latencyMs: 2 });
}

function read(name: string): Record<string, string>[] {
  return parse(readFileSync(join(folder, name)), { columns: true });
}

/** What the results say of each row is what the server has of it, and every key that it gave is kept. */
function expectTruth(): void {
  const rows = read('users.results.csv');
  expect(rows).toHaveLength(ROWS);
  for (const { username = '', outcome = '' } of rows) {
    const isThere = simulator.user(username)?.hasOtp === true;
    const right = isThere ? ['registered', 'key_lost', 'unknown'] : ['unavailable', 'unknown', 'not_sent'];
    expect(right).toContain(outcome);
  }
  const registered = rows.filter(({ outcome }) => outcome === 'registered').map(({ username }) => username);
  expect(
    read('users.keys.csv')
      .map(({ username }) => username)
      .sort(),
  ).toEqual(registered.sort());
}

describe.each(['refused', 'reset', 'silent'] as const)('a server that is away for a minute (%s)', (state) => {
  it('is found back by one probe at a time, and every row ends right', async () => {
    // A probe in silence takes most of a minute.
    await goAway(state, { atSend: 100, forMs: state === 'silent' ? 2 * MINUTE_MS : MINUTE_MS });
    const ended = await run(GIVEN);
    expectTruth();
    // The replies that were cut off belong to rows that may have been applied: their keys are lost, and that is said.
    expect(ended.exitCode).toBe(read('users.results.csv').some(({ outcome }) => outcome === 'key_lost') ? 1 : 0);
    if (state === 'refused') return;
    // Some have left before it is known; from then on there are only probes, after 1, 2, 4, … s.
    expect(way.strays.length).toBeGreaterThan(2);
    expect(way.strays.length).toBeLessThan(40);
    expect([...new Set(way.strays.slice(way.strays.indexOf(1, 1)))]).toEqual([1]);
  });

  it('ends the run when that takes longer than --max-outage; the same command goes on', async () => {
    await goAway(state, { atSend: 100 });
    const ended = await run(GIVEN, '--max-outage', '60');
    expect(ended.exitCode).toBe(4);
    expect(ended.stdout).toContain('the server was away for');
    expectTruth();
    expect(read('users.results.csv').filter(({ outcome }) => outcome === 'not_sent').length).toBeGreaterThan(200);
    way.turn('through');
    expect([0, 1]).toContain((await run(GIVEN)).exitCode);
    expectTruth();
    expect(new Set(read('users.results.csv').map(({ retry }) => retry))).not.toContain('yes');
  });
});

describe.each(['refused', 'reset', 'silent'] as const)('a login at a server that is away (%s)', (state) => {
  it('waits for it, and is made once', async () => {
    await simulate();
    way.turn(state);
    clock.after(MINUTE_MS, () => way.turn('through'));
    expect((await run(ACCOUNT, '--timeout', '60')).exitCode).toBe(0);
    expect([simulator.logins, simulator.logouts]).toEqual([1, 1]);
    expectTruth();
  });

  it('ends with the run when that takes longer than --max-outage', async () => {
    await simulate();
    way.turn(state);
    const ended = await run(ACCOUNT, '--max-outage', '60');
    expect(ended.exitCode).toBe(4);
    expect(ended.stdout).toContain('see that the server is there, then rerun');
    expect(simulator.logins).toBe(0);
    expect(new Set(read('users.results.csv').map(({ outcome }) => outcome))).toEqual(new Set(['not_sent']));
    expect([...new Set(way.strays)].join()).toBe(state === 'refused' ? '' : '1');
  });
});

it('a server that comes back without its sessions costs one login more', async () => {
  const onSend: SimulatorOptions['onSend'] = ({ n }) => {
    if (n !== 100) return;
    simulator.endSession();
    way.turn('refused');
    clock.after(MINUTE_MS, () => way.turn('through'));
  };
  await simulate({ onSend, latencyMs: 2 });
  await run(ACCOUNT);
  expectTruth();
  expect(simulator.logins).toBe(2);
});
