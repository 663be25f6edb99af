import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/simulator/fault.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { runProgram } from '../support/program.js';
import { QuickClock } from '../support/quick-clock.js';

/* The whole tool where replies are lost: a row must end as what the server holds. LOST_ROWS=4000 makes it a long run. */

const SAMPLES = join(import.meta.dirname, '../../samples');
const SESSION = { admin: 'admin', authToken: 'auth-token', secretCode: 'secret-code' };
const ROWS = Number(process.env['LOST_ROWS'] ?? 200);

let folder: string;
let simulator: Simulator;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lost-'));
  const rows = Array.from({ length: ROWS }, (_, n) =>
    n % 2 === 0 ? `otp.${n},otp,,` : `pki.${n},pki,signatures/finance/aisyah.rahman.p7s,2`,
  );
  writeFileSync(join(folder, 'users.csv'), ['username,token_type,signature_path,status', ...rows].join('\n'));
});

afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

async function run(options: Partial<SimulatorOptions>, ...words: readonly string[]) {
  simulator = await startSimulator({ ...SESSION, ...options });
  const env = {
    CENTAGATE_SERVER: simulator.url,
    CENTAGATE_ADMIN: SESSION.admin,
    CENTAGATE_AUTH_TOKEN: SESSION.authToken,
    CENTAGATE_SECRET_CODE: SESSION.secretCode,
  };
  const input = ['run', join(folder, 'users.csv'), '--signatures-dir', SAMPLES];
  await runProgram([...input, '--attempts', '2', '--timeout', '20', ...words], env, { clock: new QuickClock(200) });
  return { rows: read('users.results.csv'), keys: read('users.keys.csv') };
}

function read(file: string): Record<string, string>[] {
  return parse(readFileSync(join(folder, file), 'utf8'), { columns: true });
}

/** Few in a row leave nothing at all: the run would take that for an outage, and wait. */
const LOSSES: readonly Fault[] = [
  { kind: 'reset-after', share: 0.1 },
  { kind: 'applied-500', share: 0.3 },
  { kind: 'truncated', share: 0.05 },
  { kind: 'reset-before', share: 0.05 },
  { kind: 'html', share: 0.2 },
  { kind: 'lost', share: 0.02 },
];

/** The rows that lead are answered: what is no CENTAGATE by its first answer stops the run. */
const PROVED = { 'otp.0': ['ok'], 'pki.1': ['ok'] } as const;

describe('a server whose replies are lost', () => {
  it('has what the results say it has, row by row, and no OTP key is lost in silence', async () => {
    const { rows, keys } = await run({ faults: LOSSES, seed: 7, script: PROVED }, '--concurrency', '64');
    expect(rows).toHaveLength(ROWS);
    const lost = simulator.sends.filter(({ fault, applied }) => fault !== undefined && applied);
    if (process.env['LOST_ROWS'] !== undefined) process.stdout.write(`${lost.length} replies lost\n`);
    expect(lost.length).toBeGreaterThan(ROWS / 3);
    for (const { username = '', token_type: tokenType, outcome } of rows) {
      const isThere = tokenType === 'otp' ? simulator.user(username)?.hasOtp : simulator.user(username)?.hasCertificate;
      if (tokenType === 'pki') expect([username, outcome]).toEqual([username, isThere ? 'registered' : 'unknown']);
      else expect(isThere ? ['registered', 'key_lost'] : ['unknown']).toContain(outcome);
    }
    const made = new Map(simulator.sends.map(({ username, key }) => [username, key]));
    const registered = rows.filter(({ token_type: type, outcome }) => type === 'otp' && outcome === 'registered');
    expect(keys.map(({ username }) => username).sort()).toEqual(registered.map(({ username }) => username).sort());
    for (const { username = '', key } of keys) expect(key).toBe(made.get(username));
  });

  it('leaves rows as they were before when it does not show what it has, and is asked for three users', async () => {
    const { rows } = await run(
      { faults: LOSSES.slice(0, -1), seed: 7, script: PROVED, userList: 'missing' },
      '--concurrency',
      '1',
    );
    expect(simulator.listings).toBe(3);
    for (const { username = '', token_type: tokenType, outcome = '' } of rows) {
      const isThere = tokenType === 'otp' ? simulator.user(username)?.hasOtp : simulator.user(username)?.hasCertificate;
      if (outcome === 'registered' || outcome === 'already_registered') expect(isThere).toBe(true);
      if (isThere === true) expect(['registered', 'already_registered', 'key_lost', 'unknown']).toContain(outcome);
      else expect(outcome).toBe('unknown');
    }
  });
});
