import type { RunReport } from './run-report.js';

/** Rows that need nothing but another run, and that a run was not to send. */
export interface LeftOut {
  readonly rows: number;
  /** Such as `--where department=Treasury, --limit 20`. */
  readonly by: string;
  /** How to send them, where the next command does not. */
  readonly remedy: string | undefined;
}

type Told = Pick<RunReport, 'outcomes' | 'stopped_by'> &
  Partial<Pick<RunReport, 'selection' | 'left_out' | 'next_command' | 'made_by'>>;

/** Undefined where no row was left out. */
export function leftOutOf(report: Told): LeftOut | undefined {
  const { next_command: next = null, outcomes, stopped_by: stoppedBy, made_by: madeBy } = report;
  // Summaries of older versions tell only of those that were never sent.
  const rows = report.left_out ?? (stoppedBy === null ? outcomes['not_sent'] : undefined) ?? 0;
  const { where = [], limit, visible_only: visibleOnly } = report.selection ?? {};
  const by = [
    ...where.map((condition) => `--where ${condition}`),
    ...(limit === undefined ? [] : [`--limit ${limit}`]),
    ...(visibleOnly === true ? ['--visible-only'] : []),
  ];
  if (rows === 0 || by.length === 0) return undefined;
  const flags = [...new Set(by.map((text) => text.replace(/ .*/s, '')))];
  const [kept, configured] = [
    flags.filter((flag) => next === null || hasFlag(next, flag)),
    flags.filter((flag) => next !== null && madeBy != null && !hasFlag(madeBy.command, flag)),
  ];
  const remedy =
    kept.length > 0
      ? `the same command without ${kept.join(' and ')}`
      : configured.length > 0
        ? `without ${configured.join(' and ')}, which the configuration file or the environment gives`
        : undefined;
  return { rows, by: by.join(', '), remedy };
}

export function hasFlag(command: string, flag: string): boolean {
  return new RegExp(` ${flag}(?:[ =]|$)`).test(command);
}
