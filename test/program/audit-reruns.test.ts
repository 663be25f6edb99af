import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditCheck, AuditCheckName, AuditReport } from '../../src/checks/audit.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentOf, SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';

/* An audit after more than one run: what an earlier one read and sent is proved as what the last one did. */

const CARDS = join(import.meta.dirname, '../../samples/signatures/finance');
const SIGNED = { ben: 'aisyah.rahman.p7s', cem: 'priya.nair.p7s', dan: 'pedro.silva.p7s', eve: 'tan.weiming.p7s' };
const users = Object.keys(SIGNED).map((username) => ({ username, active: true, hasOtp: false, hasCertificate: false }));

let lab: Lab;
let simulator: Simulator;

/** Eve is refused, once, and the user of the last row, which has her signature too, for good. */
beforeEach(async () => {
  lab = new Lab();
  cpSync(CARDS, lab.folder, { recursive: true });
  const rows = [...Object.entries(SIGNED), ['gone', SIGNED.eve] as const];
  const lines = rows.map(([username, path]) => `${username},pki,${path},2`);
  lab.file('users.csv', ['username,token_type,signature_path,status', ...lines, 'fay,otp,,', ''].join('\n'));
  simulator = await startSimulator({ ...SESSION, users, script: { eve: ['22002'] } });
});
afterEach(async () => {
  await simulator.close();
  lab.remove();
});

function type(command: string, file: string, ...words: readonly string[]): Promise<Ended> {
  return runProgram([command, lab.path(file), ...words], environmentOf(simulator.url, SESSION));
}

async function check(name: AuditCheckName): Promise<Pick<AuditCheck, 'verdict' | 'says'>> {
  const { stdout } = await type('audit', 'users.results.csv', '--json');
  const { exit_code: exitCode, checks } = JSON.parse(stdout) as AuditReport;
  const { verdict, says } = checks.find((one) => one.name === name) ?? { verdict: 'skipped', says: 'not there' };
  // Nothing else was touched.
  const isBad = (other: AuditCheck): boolean => other.verdict === 'bad' && other.name !== name;
  if (name === 'signatures') expect([checks.filter(isBad), exitCode]).toEqual([[], verdict === 'bad' ? 1 : 0]);
  return { verdict, says };
}

function flipBit(file: string): void {
  const bytes = readFileSync(lab.path(file));
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  writeFileSync(lab.path(file), bytes);
}

describe('after a run of what failed', () => {
  beforeEach(async () => {
    expect((await type('run', 'users.csv')).exitCode).toBe(1);
    // Eve's row goes its way now; the other one is left alone, with the send of the first run.
    await type('run', 'users.failed.csv', '--where', 'username=eve');
  });

  it('the signatures of both runs are as they were, but for one of a row that later runs may send again', async () => {
    const says = '4 are as they were; 1 was sent by a run that the results tell too little of by now: not looked at';
    expect(await check('signatures')).toEqual({ verdict: 'skipped', says });
  });

  it('all of them are, once each row was sent by the last run or is done', async () => {
    await type('run', 'users.failed.csv');
    expect(await check('signatures')).toEqual({ verdict: 'good', says: '5 were sent, and are as they were' });
  });

  it.each([
    [SIGNED.ben, 'run 1'],
    [SIGNED.eve, 'run 2'],
  ])('a bit of %s is found, with the run that sent it', async (file, run) => {
    flipBit(file);
    const { verdict, says } = await check('signatures');
    expect([verdict, says]).toEqual([
      'bad',
      expect.stringMatching(new RegExp(`^some signature in .* that ${run} sent$`)),
    ]);
  });

  it('the input that the first run read is looked at, as it lies beside', async () => {
    expect(await check('input')).toEqual({
      verdict: 'good',
      says: '6 rows, each in the results, and no other; read by run 1',
    });
    const before = readFileSync(lab.path('users.csv'), 'utf8');
    writeFileSync(lab.path('users.csv'), before.replace(/^cem.*\n/m, ''));
    expect(await check('input')).toMatchObject({
      verdict: 'bad',
      says: 'users.csv is not the file that a run read: it has changed since',
    });
  });
});

it('of rows that were sent again, an earlier run says nothing any more', async () => {
  await type('run', 'users.csv', '--where', 'username=eve', '--where', 'username=gone');
  await type('run', 'users.csv');
  expect(await check('signatures')).toMatchObject({ verdict: 'good', says: '5 were sent, and are as they were' });
});

it('where none was sent, none is said to be as it was', async () => {
  await type('run', 'users.csv', '--where', 'username=fay');
  expect(await check('signatures')).toEqual({ verdict: 'skipped', says: 'none of the results was sent' });
});

describe('after an undo', () => {
  beforeEach(async () => {
    await type('run', 'users.csv');
    const { exitCode } = await type('undo', 'users.results.csv', '--yes', '--expect-rows', '3');
    expect(exitCode).toBe(0);
  });

  it('the signatures and the input of the run before are proved', async () => {
    expect(await check('signatures')).toEqual({ verdict: 'good', says: '5 were sent, and are as they were' });
    expect((await check('input')).says).toBe('6 rows, each in the results, and no other; read by run 1');
    flipBit(SIGNED.cem);
    expect((await check('signatures')).says).toMatch(/^some signature in .* is not the one that run 1 sent$/);
  });
});

describe('after a merge', () => {
  beforeEach(async () => {
    for (const index of [0, 1, 2]) await type('run', 'users.csv', '--shard', `${index}/3`);
    // Some row of a shard was sent twice then.
    for (const index of [0, 1, 2]) await type('run', 'users.csv', '--shard', `${index}/3`);
    expect((await type('merge', 'users.csv')).exitCode).toBe(1);
  });

  it('the signatures of the shards are proved, also when runs came after it', async () => {
    const good = { verdict: 'good', says: '5 were sent, and are as they were' };
    expect(await check('signatures')).toEqual(good);
    await type('run', 'users.csv');
    expect(await check('signatures')).toEqual(good);
    flipBit(SIGNED.dan);
    expect((await check('signatures')).says).toMatch(/^some signature in .* is not the one that shard [012]\/3 sent$/);
  });
});
