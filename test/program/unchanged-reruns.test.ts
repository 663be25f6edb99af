import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JOURNAL_VERSION } from '../../src/record/journal-entry.js';
import type { RunReport } from '../../src/report/run-report.js';
import { openJournalLines } from '../../src/record/journal.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Send, Simulator } from '../../src/simulator/simulator.js';
import { environmentOf } from '../support/account.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { runs } from '../support/suite.js';

const SESSION = { admin: 'admin', authToken: 'auth-token', secretCode: 'secret-code' };
const SAMPLES = join(import.meta.dirname, '../../samples');
const SIGNATURE = 'signatures/finance/aisyah.rahman.p7s';
const [INPUT, RESULTS, FAILED, KEYS, SUMMARY] = [
  'users.csv',
  'users.results.csv',
  'users.failed.csv',
  'users.keys.csv',
  'users.summary.json',
] as const;
const PROOFS = ['users.SHA256SUMS', 'users.manifest.json'];

let folder: string;
let saved: string;
let simulator: Simulator;
/** Who has a token, whatever server is up. */
let tokens: Set<string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unchanged-'));
  saved = mkdtempSync(join(tmpdir(), 'unchanged-saved-'));
  tokens = new Set();
  simulator = await startServer(0);
});
afterEach(async () => {
  await simulator.close();
  for (const path of [folder, saved]) rmSync(path, { recursive: true });
});

function startServer(port: number): Promise<Simulator> {
  const users = ['ann', 'ben', 'cho', 'dan'].map((username) => ({
    username,
    active: true,
    hasOtp: tokens.has(`${username} otp`),
    hasCertificate: tokens.has(`${username} pki`),
  }));
  return startSimulator({ ...SESSION, port, users, seed: tokens.size + 1, onSend: note });
}

function note({ username, applied, tokenType }: Send): void {
  if (applied) tokens.add(`${username} ${tokenType}`);
}

function run(...flags: readonly string[]): Promise<Ended> {
  const env = {
    ...environmentOf(simulator.url, SESSION),
    CENTAGATE_SIGNATURES_DIR: SAMPLES,
  };
  return runProgram(['run', join(folder, INPUT), '--attempts', '1', ...flags], env);
}

const path = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(path(name), 'latin1');
const summary = (): RunReport => JSON.parse(read(SUMMARY)) as RunReport;
/** A file that was written anew has another one. */
const inode = (): number => statSync(path(RESULTS)).ino;

function put(from: string, to: string): void {
  for (const name of readdirSync(to)) rmSync(join(to, name), { recursive: true });
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}

describe('a rerun that finds all as it was left', () => {
  const CSV = `username,token_type,signature_path,status\nann,otp,,\nben,pki,${SIGNATURE},2\nann,otp,,\n`;

  it('leaves the results in their place, says what any rerun says, and tells of itself', async () => {
    writeFileSync(path(INPUT), CSV);
    expect((await run()).exitCode).toBe(0);
    const [before, first] = [inode(), summary()];
    const sends = simulator.sends.length;
    const rerun = await run();
    expect(rerun.exitCode).toBe(0);
    expect(rerun.stdout).toContain('3 rows, 2 of them done before, 0 sends');
    expect(inode()).toBe(before);
    expect(simulator.sends).toHaveLength(sends);
    expect(readdirSync(folder).sort()).toEqual([INPUT, FAILED, KEYS, RESULTS, SUMMARY, ...PROOFS].sort());
    expect(summary()).toMatchObject({ carried: 2, sends: 0, outcomes: first.outcomes, as_left: first.as_left });
    expect(summary().runs.map(({ sends: its }) => its)).toEqual([2]);
    await run();
    expect(inode()).toBe(before);
    expect(summary().runs).toHaveLength(2);
  });

  it('is not for another server: the results of a rehearsal are refused as ever', async () => {
    writeFileSync(path(INPUT), CSV);
    await run();
    expect((await run('--server', 'http://127.0.0.1:9')).exitCode).toBe(2);
  });

  it('looks at the server as any run does', async () => {
    writeFileSync(path(INPUT), CSV);
    await run();
    await simulator.close();
    const port = Number(new URL(simulator.url).port);
    const other = createServer((_, response) => response.writeHead(302, { location: '/' }).end()).listen(
      port,
      '127.0.0.1',
    );
    await once(other, 'listening');
    expect((await run()).exitCode).toBe(2);
    other.close();
    await once(other, 'close');
    simulator = await startServer(port);
    expect(summary().runs).toEqual([]);
  });
});

/** What somebody may do between two runs. */
const CHANGES = {
  nothing: () => undefined,
  'a row is added': () => appendFileSync(path(INPUT), '\ndan,otp,,'),
  'a row is taken away': () => writeFileSync(path(INPUT), read(INPUT).split('\n').slice(0, -1).join('\n'), 'latin1'),
  'the results are edited': () => writeFileSync(path(RESULTS), read(RESULTS).replace('ann', 'dan'), 'latin1'),
  'the results are cut off': () => writeFileSync(path(RESULTS), read(RESULTS).slice(0, -9), 'latin1'),
  'the results are taken away': () => rmSync(path(RESULTS)),
  'the results may be read by others': () => chmodSync(path(RESULTS), 0o644),
  'the results are linked': () => {
    cpSync(path(RESULTS), path('elsewhere.csv'));
    rmSync(path(RESULTS));
    symlinkSync(path('elsewhere.csv'), path(RESULTS));
  },
  'something failed by hand': () => appendFileSync(path(FAILED), 'cho,otp,,,,,,,,,,,,\n'),
  'the failed file is taken away': () => rmSync(path(FAILED)),
  'the keys are taken away': () => rmSync(path(KEYS), { force: true }),
  'a key is cut off': () => appendFileSync(path(KEYS), 'dan,ABC'),
  'the keys are damaged': () => appendFileSync(path(KEYS), '"dan,ABC\n'),
  'the summary is taken away': () => rmSync(path(SUMMARY)),
  'a journal is left': () => writeFileSync(path('users.journal'), ''),
  'the last run was killed while its files took their places': () => {
    if (!existsSync(path(SUMMARY))) return;
    const { run_id: id, signatures_dir: signaturesDir, settings } = summary();
    const reading = { encoding: undefined, delimiter: undefined, sheet: undefined, columns: undefined };
    const run = { type: 'run', version: JOURNAL_VERSION, id, input: path(INPUT), sha256: '', at: 0 } as const;
    writeFileSync(path('users.journal'), openJournalLines()([{ ...run, reading, signaturesDir, settings }]));
    renameSync(path(RESULTS), path(`${RESULTS}.tmp`));
  },
  'a file is left that was not finished': () => writeFileSync(path(`${RESULTS}.tmp`), 'half'),
} as const satisfies Record<string, () => unknown>;

describe('any rerun', () => {
  const row = fc.constantFrom(
    'ann,otp,,',
    'ben,otp,,',
    'ann ,otp,,',
    'cho,OTP,,2',
    '+dan,otp,,',
    `ben,pki,${SIGNATURE},2`,
    `ann,pki,${SIGNATURE},`,
    'cho,pki,nowhere.p7s,1',
    'gone,otp,,',
    'ann,otp,,,one too many',
    '"cho\n",otp,,',
  );
  const flags = fc.constantFrom([], ['--limit', '1'], ['--default-status', '2'], ['--only', 'yes'], ['--fresh']);
  const scene = fc.record({
    rows: fc.oneof(fc.constant(['ann,otp,,', 'ben,otp,,', 'ann,otp,,']), fc.array(row, { maxLength: 5 })),
    runs: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, flags), { minLength: 1, maxLength: 3 }),
    // Object.keys loses the names, which are all there.
    change: fc.constantFrom(...(Object.keys(CHANGES) as (keyof typeof CHANGES)[])),
    last: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, flags),
  });

  it('ends as it does when nobody remembers how all was left', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ rows, runs, change, last }) => {
        await begin(rows);
        for (const more of runs) await run(...more);
        CHANGES[change]();
        put(folder, saved);
        const before = new Set(tokens);
        const one = await outcomeOf(last);
        await simulator.close();
        tokens = before;
        simulator = await startServer(Number(new URL(simulator.url).port));
        put(saved, folder);
        forget();
        expect(one).toEqual(await outcomeOf(last));
      }),
      runs(Number(process.env['RERUNS'] ?? 25)),
    );
  });

  async function begin(rows: readonly string[]): Promise<void> {
    for (const name of readdirSync(folder)) rmSync(path(name), { recursive: true });
    writeFileSync(path(INPUT), ['username,token_type,signature_path,status', ...rows].join('\n'));
    await simulator.close();
    tokens = new Set();
    simulator = await startServer(0);
  }

  /** As if the last run had been one of a version that does not know it. */
  function forget(): void {
    try {
      writeFileSync(path(SUMMARY), JSON.stringify({ ...summary(), as_left: undefined }, undefined, 2));
    } catch {
      // There is none.
    }
  }

  /** All that a run leaves and says, but for times, keys and its number. */
  async function outcomeOf(more: readonly string[]): Promise<unknown> {
    const sendsBefore = simulator.sends.length;
    const { exitCode, stdout, stderr } = await run(...more);
    const files = readdirSync(folder).map((name) => {
      const { mode } = statSync(path(name));
      return `${name} ${mode.toString(8)} ${name.startsWith(SUMMARY) ? summaryText(name) : mask(read(name))}`;
    });
    return { exitCode, said: mask(stdout), stderr, sends: simulator.sends.length - sendsBefore, files };
  }

  /** Also of one that was put away by --fresh. */
  function summaryText(name: string): string {
    const report = JSON.parse(read(name)) as RunReport;
    const history = { ...report.history, duration_ms: 0 };
    // What replies took, and how many went in a second, is another thing every time.
    // Of the server's connections only a run tells that went through its rows.
    const changing = { run_id: '', duration_ms: 0, as_left: undefined, connections: undefined };
    const text = JSON.stringify({ ...report, history, ...changing });
    return mask(text.replaceAll(/"pace":\{.*?\}(?:\})?/g, ''));
  }

  function mask(text: string): string {
    const untimed = text
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]{12}Z(,\d*)?/g, '<time>')
      .replaceAll(/\d+\.\d s\b/g, '<seconds>');
    const unnumbered = untimed
      .replaceAll(/\b[0-9a-f]{64}\b/g, '<digest>')
      .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<id>')
      .replaceAll(/"bytes":\d+/g, '<bytes>');
    return unnumbered.replaceAll(/\b[A-Z0-9]{4}(?:-[A-Z0-9]{4}){3}\b/g, '<key>');
  }
});
