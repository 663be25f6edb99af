import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputError } from '../../src/core/input-error.js';
import { toRunReport } from '../../src/report/run-report.js';
import type { RunReport } from '../../src/report/run-report.js';
import { readSummary, toSummaryText } from '../../src/record/summary-file.js';
import { anEndedRun } from '../support/builders.js';
import { Lab } from '../support/lab.js';

const isRoot = process.getuid?.() === 0;
let lab: Lab;

beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

const CELLS = { username: 'ann', token_type: 'otp', signature_path: '', status: '', algorithm: '' };
const REPORT: RunReport = toRunReport(
  anEndedRun({ corrections: [{ line: 2, from: CELLS, to: { ...CELLS, username: 'änn"' } }] }),
);

function read(content: string): RunReport | undefined {
  return readSummary(lab.file('users.summary.json', content));
}

test('what a run wrote comes back', () => {
  expect(read(toSummaryText(REPORT))).toEqual(REPORT);
});

test('it is JSON that a person can read, with a line end', () => {
  expect(toSummaryText(REPORT)).toMatch(/^\{\n {2}"version": 1,\n/);
  expect(toSummaryText(REPORT)).toMatch(/\n\}\n$/);
});

test('no summary is none', () => {
  expect(readSummary(lab.path('nowhere.json'))).toBeUndefined();
});

test('what later versions add is handed on', () => {
  expect(read(JSON.stringify({ ...REPORT, more: [1] }))).toMatchObject({ more: [1] });
});

test.each([
  ['nothing', ''],
  ['no JSON', '{"version": 1,'],
  ['null', 'null'],
  ['a list', '[]'],
  ['another object', '{"name":"package"}'],
  ['no corrections', JSON.stringify({ ...REPORT, corrections: undefined })],
  ['a correction that is none', JSON.stringify({ ...REPORT, corrections: [null] })],
  ['a correction without its cells', JSON.stringify({ ...REPORT, corrections: [{ from: CELLS }] })],
  [
    'a correction whose cells are no text',
    JSON.stringify({ ...REPORT, corrections: [{ from: CELLS, to: { ...CELLS, status: 2 } }] }),
  ],
  ['an earlier run that is none', JSON.stringify({ ...REPORT, runs: [null] })],
  ['no earlier runs', JSON.stringify({ ...REPORT, runs: {} })],
  ['an encoding that is none', JSON.stringify({ ...REPORT, encoding: 'ansi' })],
  ['no columns', JSON.stringify({ ...REPORT, columns: undefined })],
  ['a column whose name is no text', JSON.stringify({ ...REPORT, columns: { username: 2 } })],
  ['no settings', JSON.stringify({ ...REPORT, settings: undefined })],
  ['no outcomes', JSON.stringify({ ...REPORT, outcomes: undefined })],
  ['an outcome that is no count', JSON.stringify({ ...REPORT, outcomes: { registered: 'all' } })],
  ['nothing of reruns', JSON.stringify({ ...REPORT, retry: undefined })],
  ['no return codes', JSON.stringify({ ...REPORT, return_codes: undefined })],
  ['no warnings', JSON.stringify({ ...REPORT, warnings: undefined })],
  ['no signature folder', JSON.stringify({ ...REPORT, signatures_dir: 7 })],
])('a file that no run wrote is refused with what to do: %s', (_, content) => {
  expect(() => read(content)).toThrow(
    new InputError(
      lab.path('users.summary.json'),
      1,
      'this is no summary that a run wrote: restore it, or move it away and lose what operators corrected',
    ),
  );
});

test('a folder in its place is refused the same way', () => {
  mkdirSync(lab.path('users.summary.json'));
  expect(() => readSummary(lab.path('users.summary.json'))).toThrow(InputError);
});

test('one that is there and does not open is never taken for none', () => {
  symlinkSync('users.summary.json', lab.path('users.summary.json'));
  expect(() => readSummary(lab.path('users.summary.json'))).toThrow(InputError);
});

test.skipIf(isRoot)('a file that this user may not read is refused the same way', () => {
  chmodSync(lab.file('users.summary.json', toSummaryText(REPORT)), 0);
  expect(() => readSummary(lab.path('users.summary.json'))).toThrow(InputError);
});
