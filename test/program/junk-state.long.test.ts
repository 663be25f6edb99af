import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openJournalLines } from '../../src/record/journal.js';
import { JOURNAL_VERSION } from '../../src/record/journal-entry.js';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentOf, SESSION } from '../support/account.js';
import { AN_ORIGIN, aSettlement, NOON } from '../support/builders.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import { junked } from '../support/junk.js';
import type { Junked } from '../support/junk.js';
import { isWhole } from '../support/suite.js';

/* Whatever stands at any place of what a run reads back: it is taken as it is, or named; never is it a bug (70). */

const BUG = 70;
/** Each of so many: it has no divisor in common with the kinds of junk, so each place and each kind has its turn. */
const STRIDE = isWhole ? 1 : 17;

let lab: Lab;
let simulator: Simulator;
let env: Record<string, string>;

beforeAll(async () => {
  lab = new Lab();
  simulator = await startSimulator(SESSION);
  env = environmentOf(simulator.url, SESSION);
});
afterAll(async () => {
  await simulator.close();
  lab.remove();
});

function some(all: Iterable<Junked>): readonly Junked[] {
  return [...all].filter((_, at) => at % STRIDE === 0);
}

let copies = 0;

/** A copy of a folder, with another text in one of its files. */
function copyOf(folder: string, name: string, text: string): string {
  copies += 1;
  const copy = lab.path(`copy-${copies}`);
  cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
  writeFileSync(join(copy, name), text, { mode: 0o600 });
  return copy;
}

async function exitsOf(folder: string, commands: readonly (readonly string[])[]): Promise<readonly string[]> {
  const ends: string[] = [];
  for (const [command = '', file = '', ...flags] of commands) {
    const { exitCode, stderr } = await runProgram([command, join(folder, file), ...flags], env);
    ends.push(exitCode === BUG ? `${command}: ${stderr}` : '');
  }
  return ends.filter((said) => said !== '');
}

describe('a summary', () => {
  it('may have anything anywhere', async () => {
    const folder = lab.path('summary');
    mkdirSync(folder);
    const input = join(folder, 'users.csv');
    writeFileSync(input, 'username,token_type,team\nann,otp,a\nbob,opt,b\ncem,otp,c\n');
    const failed = join(folder, 'users.failed.csv');
    await runProgram(['run', input, '--where', 'team=b'], env);
    await runProgram(['run', input], env);
    writeFileSync(failed, readFileSync(failed, 'utf8').replace(',opt,', ',otp,'));
    await runProgram(['run', failed], env);
    await runProgram(['run', input], env);
    const summary: unknown = JSON.parse(readFileSync(join(folder, 'users.summary.json'), 'utf8'));
    expect(summary).toMatchObject({ exit_code: 0, runs: [{}, {}, {}], corrections: [{}] });
    for (const { what, value } of some(junked(summary))) {
      const copy = copyOf(folder, 'users.summary.json', JSON.stringify(value));
      const bugs = await exitsOf(copy, [
        ['audit', 'users.results.csv'],
        ['report', 'users.results.csv', '--text'],
        ['run', 'users.csv'],
        ['run', 'users.csv', '--where', 'team=b'],
      ]);
      expect(bugs, what).toEqual([]);
    }
  }, 600_000);
});

describe('a journal', () => {
  it('may have anything anywhere, with checksums that are right', async () => {
    const folder = lab.path('journal');
    mkdirSync(folder);
    const input = join(folder, 'users.csv');
    writeFileSync(input, 'username,token_type\nann,otp\nbob,otp\ncem,otp\ndan,otp\n');
    const content = { signature: 'd1', status: '3', algorithm: '' };
    const entries: readonly JournalEntry[] = [
      {
        ...{ type: 'run', version: JOURNAL_VERSION, id: 'killed', input, sha256: 'ab'.repeat(32), size: 60, at: NOON },
        reading: {
          encoding: 'utf-8',
          delimiter: ',',
          columns: { username: 'username' },
          sheet: undefined,
          headerLine: 1,
        },
        ...{ signaturesDir: folder, bootId: 'boot', madeBy: AN_ORIGIN, selection: { where: ['a=b'], limit: 2 } },
        settings: { server: simulator.url, admin: SESSION.admin, attemptLog: true },
      },
      { type: 'intent', key: 'otp:ann', attempt: 1, at: NOON, content },
      { type: 'try', key: 'otp:ann', settlement: aSettlement({ outcome: 'unknown' }) },
      { type: 'intent', key: 'otp:bob', attempt: 1, at: NOON },
      { type: 'settled', key: 'otp:bob', settlement: aSettlement({ outcome: 'refused' }) },
      { type: 'taken_back', key: 'otp:bob', settlement: aSettlement({ outcome: 'unknown', needsFix: true }) },
      { type: 'settled', key: 'otp:gone', settlement: aSettlement({ outcome: 'unknown' }) },
      { type: 'intent', key: 'otp:cem', attempt: 2, at: NOON },
    ];
    for (const { what, value } of some(junked(entries))) {
      const mutated = (value as readonly (JournalEntry | null | undefined)[]).filter((entry) => entry != null);
      const copy = copyOf(folder, 'users.journal', openJournalLines()(mutated).toString('utf8'));
      const bugs = await exitsOf(copy, [
        ['report', 'users.results.csv', '--text'],
        ['run', 'users.csv'],
      ]);
      expect(bugs, what).toEqual([]);
    }
  }, 600_000);
});
