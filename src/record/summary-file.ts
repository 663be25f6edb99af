import { errnoOf } from '../core/errno.js';
import { InputError } from '../core/input-error.js';
import { NotOursError, readOwn } from '../disk/own-file.js';
import type { RunReport } from '../report/run-report.js';
import { isSummary } from './summary-shape.js';

/** In bytes: a thousand earlier runs, and as many corrections as people make. */
const MAX_SUMMARY_BYTES = 64 * 1024 * 1024;

/** What the last run of the stem wrote. @throws {InputError} when it is no summary of ours */
export function readSummary(path: string): RunReport | undefined {
  try {
    const report: unknown = JSON.parse(readOwn(path, { maxBytes: MAX_SUMMARY_BYTES }).toString('utf8'));
    if (isSummary(report)) return report;
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

export function toSummaryText(report: RunReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
