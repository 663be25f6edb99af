import { describe, expect, it } from 'vitest';
import { expectedUnchanged, isSame } from '../../src/report/unchanged.js';
import type { Rerun } from '../../src/report/unchanged.js';
import type { Unchanged } from '../../src/report/run-report.js';
import { toRunReport } from '../../src/report/run-report.js';
import type { RunReport } from '../../src/report/run-report.js';
import { anEndedRun, someUsedCells } from '../support/builders.js';

const LEFT: Unchanged = { program: '1', input: 'aa', results: 'bb', failed: 'cc', keys: '9 bytes' };
const RERUN: Rerun = {
  input: 'users.csv',
  isFirstInput: true,
  columns: { username: 'UPN' },
  encoding: 'utf-8',
  signaturesDir: '/in',
  settings: { server: 'https://localhost', concurrency: 16 },
  selectsAll: true,
};

/** After a run that ended every row, as its summary file has it. */
function aReport(changes: Partial<RunReport> = {}): RunReport {
  const { input, columns, encoding, signaturesDir, settings } = RERUN;
  const report = toRunReport(anEndedRun({ unchanged: LEFT, ...{ input, columns, encoding, signaturesDir, settings } }));
  return JSON.parse(JSON.stringify({ ...report, ...changes })) as RunReport;
}

describe('a rerun', () => {
  it('has nothing to read when the last run left nothing to do, and all is as that left it', () => {
    const expected = expectedUnchanged(aReport(), RERUN);
    expect(isSame(expected, LEFT)).toBe(true);
    expect(isSame(expected, undefined)).toBe(false);
  });

  it('has nothing to read either when it only warned of cells that no send goes by, or of what was sent', () => {
    const warned = aReport({ warnings: { formula: 3, ignored_cells: 1, other_subject: 2, sha1: 1 } });
    expect(isSame(expectedUnchanged(warned, RERUN), LEFT)).toBe(true);
  });

  it.each([
    ['rows to rerun', { retry: { no: 1, yes: 1, fix: 0 } }],
    ['rows to correct', { retry: { no: 1, yes: 0, fix: 1 } }],
    ['another end', { exit_code: 4 }],
    ['what every run warns of', { warnings: { trimmed: 1 } }],
    ['what operators corrected', { corrections: [{ line: 2, from: someUsedCells(), to: someUsedCells() }] }],
    ['nothing to know it by', { as_left: undefined }],
    ['other settings', { settings: { ...RERUN.settings, server: 'https://elsewhere' } }],
    ['settings that this one lacks', { settings: { ...RERUN.settings, limit: 1 } }],
    ['another name of its input', { input: 'users.txt' }],
    ['another map', { columns: {} }],
    ['another encoding', { encoding: 'utf-16le' }],
    ['another signature folder', { signatures_dir: '/elsewhere' }],
  ] as const)('reads its rows when the last run left %s', (_, changes) => {
    expect(expectedUnchanged(aReport(changes as Partial<RunReport>), RERUN)).toBeUndefined();
  });

  it.each([
    ['are what a run left', { isFirstInput: false }],
    ['are selected', { selectsAll: false }],
  ])('reads its rows when they %s', (_, changes) => {
    expect(expectedUnchanged(aReport(), { ...RERUN, ...changes })).toBeUndefined();
  });

  it.each(Object.keys(LEFT))('reads its rows when this has changed: %s', (name) => {
    expect(isSame(expectedUnchanged(aReport(), RERUN), { ...LEFT, [name]: 'changed' })).toBe(false);
  });

  it('reads its rows when there was no run', () => {
    expect(expectedUnchanged(undefined, RERUN)).toBeUndefined();
  });
});
