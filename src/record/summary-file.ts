import { INPUT_COLUMNS } from '../input/column.js';
import type { Correction } from '../input/correction.js';
import { parseEncoding } from '../input/encoding.js';
import { errnoOf } from '../core/errno.js';
import { InputError } from '../core/input-error.js';
import { NotOursError, readOwn } from '../disk/own-file.js';
import type { RunReport } from '../report/run-report.js';

/** In bytes: a thousand earlier runs, and as many corrections as people make. */
const MAX_SUMMARY_BYTES = 64 * 1024 * 1024;

/** What the last run of the stem wrote. @throws {InputError} when it is no summary of ours */
export function readSummary(path: string): RunReport | undefined {
  try {
    // Checked for what we rely on; the rest is only handed on.
    const report = JSON.parse(readOwn(path, { maxBytes: MAX_SUMMARY_BYTES }).toString('utf8')) as RunReport;
    const isOurs =
      Array.isArray(report.corrections) &&
      report.corrections.every(isCorrection) &&
      Array.isArray(report.runs) &&
      report.runs.every((run: unknown) => typeof run === 'object' && run !== null) &&
      typeof report.signatures_dir === 'string' &&
      isEncoding(report.encoding) &&
      Object.values(report.columns).every((name) => typeof name === 'string') &&
      Object.values(report.settings).every((value) => typeof value !== 'object') &&
      [report.outcomes, report.retry, report.return_codes, report.warnings].every(areCounts);
    if (isOurs) return report;
  } catch (error) {
    // All else is said below: no JSON, or not to be read.
    if (errnoOf(error) === 'ENOENT') return undefined;
    if (error instanceof NotOursError)
      throw new InputError(path, 1, `no summary can be read from this, as ${error.message}`);
  }
  throw new InputError(
    path,
    1,
    'this is no summary that a run wrote: restore it, or move it away and lose what operators corrected',
  );
}

function areCounts(counts: Readonly<Record<string, unknown>>): boolean {
  return Object.values(counts).every((count) => typeof count === 'number');
}

function isEncoding(found: unknown): boolean {
  return typeof found === 'string' && parseEncoding(found) === found;
}

function isCorrection({ from, to }: Correction): boolean {
  return [from, to].every((cells) => Object.keys(INPUT_COLUMNS).every((column) => isText(cells, column)));
}

function isText(cells: object, column: string): boolean {
  // It is one: asked just before.
  return column in cells && typeof cells[column as keyof typeof cells] === 'string';
}

export function toSummaryText(report: RunReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
