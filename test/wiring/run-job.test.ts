import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveSettings } from '../../src/settings/settings.js';
import { locateJob } from '../../src/wiring/job.js';
import { runJob } from '../../src/wiring/run-job.js';
import { StateError } from '../../src/core/state-error.js';
import { UsageError } from '../../src/core/usage-error.js';
import type { Lock } from '../../src/record/lock.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { Lab } from '../support/lab.js';
import { environmentOf } from '../support/account.js';
import { aRunWorld } from '../support/run-world.js';
import { rowOf, sheetOf, sheetsOf } from '../support/workbook.js';

const SESSION = { admin: 'root', authToken: 'auth-token', secretCode: 'secret-code' };
let lab: Lab;
let simulator: Simulator;
let onSend: () => void;

beforeEach(async () => {
  lab = new Lab();
  onSend = () => undefined;
  simulator = await startSimulator({ ...SESSION, onSend: () => onSend() });
});
afterEach(async () => {
  await simulator.close();
  lab.remove();
});

/** Runs users.csv; returns what came of it, and what was warned of. */
function run(csv: string, onLost: Lock['onLost'] = () => undefined) {
  return runFile(lab.file('users.csv', csv), onLost);
}

async function runFile(path: string, onLost: Lock['onLost'] = () => undefined) {
  const settings = await resolveSettings({ flags: {}, env: environmentOf(simulator.url, SESSION) });
  const [warnings, notes]: [string[], string[]] = [[], []];
  const reporter = {
    note: (_: string, text: string) => void notes.push(text),
    warn: (_: string, text: string) => void warnings.push(text),
    progress: () => undefined,
    end: () => undefined,
  };
  const world = aRunWorld(settings, reporter, onLost);
  return { report: await runJob(locateJob(path, settings), world), warnings, notes };
}

it('warns of a column that may be meant for what not every row needs', async () => {
  expect((await run('username,token_type,Signature File\nann,otp,\n')).warnings).toEqual([
    'no column is read as signature_path: if one of them is, give --map "signature_path=Signature File"',
  ]);
  expect((await run('username,token_type,signature_path\nann,otp,\n')).warnings).toEqual([]);
});

it('names the sheet of a workbook, and warns of what it hides', async () => {
  const rows = rowOf(1, ['username', 'token_type']) + rowOf(2, ['ann', 'otp'], 'hidden="1"');
  const path = lab.file('users.xlsx', sheetsOf({ Users: { part: sheetOf(rows) } }));
  const { notes, warnings } = await runFile(path);
  expect(notes).toContain('the sheet "Users" is read');
  expect(warnings.join()).toContain('1 row of the sheet is hidden by hand or by a filter');
});

it('warns of a key that was cut off while it was written, and writes on behind the whole ones', async () => {
  const whole = 'username,key,registered_at\ndee,A-KEY,2026-01-31T12:00:00.000Z\n';
  const keys = lab.file('users.keys.csv', `${whole}eve,HALF-A-K`);
  expect((await run('username,token_type\nann,otp\n')).warnings).toEqual([
    `${keys}: an unfinished last line was cut off; its key was never reported as saved`,
  ]);
  expect(readFileSync(keys, 'utf8').startsWith(`${whole}ann,`)).toBe(true);
});

it('stops with 4 when its lock is lost: what is in flight ends, and the others are not sent', async () => {
  const rows = Array.from({ length: 100 }, (_, at) => `user${at},otp\n`).join('');
  const onLost: Lock['onLost'] = (tell) => {
    onSend = () => tell('another run took the lock of this input');
  };
  const { report } = await run(`username,token_type\n${rows}`, onLost);
  expect(report).toMatchObject({ exit_code: 4, stopped_by: 'another run took the lock of this input' });
  expect(report.outcomes).toMatchObject({ registered: report.sends, not_sent: 100 - report.sends });
  expect(report.sends).toBeLessThanOrEqual(16);
});

it('tells of no run in its summary when its lock is lost, also where nothing has changed', async () => {
  const csv = 'username,token_type\nann,otp\n';
  await run(csv);
  const before = readFileSync(lab.path('users.summary.json'), 'utf8');
  const rerun = run(csv, (tell) => tell('another run took the lock of this input'));
  await expect(rerun).rejects.toThrow(StateError);
  await expect(rerun).rejects.toThrow('another run took the lock of this input');
  expect(readFileSync(lab.path('users.summary.json'), 'utf8')).toBe(before);
});

it('remembers how it left all, unless its input has changed meanwhile: nobody knows what of it was read', async () => {
  const csv = 'username,token_type\nann,otp\n';
  onSend = () => appendFileSync(lab.path('users.csv'), 'ben,otp\n');
  const first = await run(csv);
  expect(first.report).toMatchObject({ exit_code: 0, as_left: undefined });
  onSend = () => undefined;
  const second = await run(csv);
  expect(second.report.as_left).toMatchObject({ program: expect.any(String) as string });
});

it('has sent nothing when it can not tell that nothing has changed', async () => {
  const csv = 'username,token_type\nann,otp\n';
  await run(csv);
  mkdirSync(lab.path('users.summary.json.tmp'));
  await expect(run(csv)).rejects.toThrow(UsageError);
});
