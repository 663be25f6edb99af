import { isWorkbook } from '../input/open-input.js';
import type { StemFiles } from '../core/stem.js';
import type { RunSummary } from '../report/summary.js';
import { settingNamesOf, SETTINGS } from '../settings/setting.js';
import { shardText } from '../plan/shard.js';
import type { Shard } from '../plan/shard.js';
import { showText } from '../core/safe-text.js';
import { toShellText } from './shell-text.js';
import type { Shell } from './shell-text.js';

export const PROGRAM = 'centagate-provision';

/** A run as it was typed: flags by their names, as yargs gives them. None of them holds a secret. */
export interface TypedRun {
  readonly flags: Readonly<Record<string, unknown>>;
  /** Where standard input was copied to, when that was typed. */
  readonly input: string;
  readonly files: Pick<StemFiles, 'failed'>;
  /** As whom it ran, whoever said so. */
  readonly shard?: Shard | undefined;
}

type Flags = TypedRun['flags'];
type Ended = Pick<RunSummary, 'stop' | 'byRetry' | 'byOutcome' | 'carried' | 'leftOut' | 'fixOutside'>;

const { fresh, takeLock, limit, only, where, visibleOnly, sheet, delimiter, encoding } = SETTINGS;
/** What was meant for that one run: to start over, and to pass by another one's lock. */
const ONCE: readonly string[] = [fresh.flag, takeLock.flag];
/** What says how a workbook, or a CSV that is none of ours, is to be read. */
const ABOUT_WORKBOOK = [sheet.flag, delimiter.flag, encoding.flag];

/**
 * What to type after a run to go on where it ended: the command that was typed, over the file that has what is left. A run
 * that was stopped goes on with the selection that it had; one that has ended is followed by one over more rows, but only
 * by as many as were left out. Nothing when nothing is left, or when no line is sure to do that.
 */
export function toNextCommand(typed: TypedRun, ended: Ended, shell: Shell): string | undefined {
  const next = nextRun(typed, ended);
  if (next === undefined) return typed.shard && toMergeCommand(typed, shell);
  return toShellText([PROGRAM, 'run', next.input, ...toWords(next.flags)], shell);
}

/** What makes the shards one, when all of them have ended. */
export function toMergeCommand({ flags, input }: Pick<TypedRun, 'flags' | 'input'>, shell: Shell): string | undefined {
  const known: readonly string[] = settingNamesOf('merge').map((name) => SETTINGS[name].flag);
  const kept = Object.entries(flags).filter(([name]) => known.includes(name) && !ONCE.includes(name));
  return toShellText([PROGRAM, 'merge', input, ...toWords(Object.fromEntries(kept))], shell);
}

export interface TypedMerge extends Pick<TypedRun, 'flags' | 'files'> {
  /** What the shards were told, whoever told them. */
  readonly server: string;
  readonly admin: string;
}

/** What to type after a merge, for what is left; what only the shards were told is not known here, but for this. */
export function toNextAfterMerge(
  { flags, files, server, admin }: TypedMerge,
  { byRetry }: Pick<RunSummary, 'byRetry'>,
  shell: Shell,
): string | undefined {
  if (byRetry.yes === 0 && byRetry.fix === 0) return undefined;
  const told = SETTINGS.config.flag in flags ? {} : { [SETTINGS.server.flag]: server, [SETTINGS.admin.flag]: admin };
  const words = toWords({ ...told, ...without(flags, ONCE) });
  return toShellText([PROGRAM, 'run', files.failed, ...words], shell);
}

/** The command that was typed; where no line is sure to give its words, as they would be shown. */
export function toTypedCommand(
  { flags, input }: Pick<TypedRun, 'flags' | 'input'>,
  shell: Shell,
  command: TypedCommand = 'run',
): string {
  const words = [PROGRAM, command, input, ...toWords(flags, command)];
  return toShellText(words, shell) ?? words.map((word) => showText(word, 1000)).join(' ');
}

type TypedCommand = 'run' | 'undo' | 'merge';

/** What to type after an undo that left something: the same, which takes up the rest. Nothing where it would take more. */
export function toNextUndo({ flags, input }: Pick<TypedRun, 'flags' | 'input'>, shell: Shell): string | undefined {
  if (limit.flag in flags) return undefined;
  return toShellText([PROGRAM, 'undo', input, ...toWords(without(flags, ONCE), 'undo')], shell);
}

/** The rows of a shard that did not get through; nothing when all else is for the whole to go on with. */
function nextOfShard({ flags, input }: TypedRun, shard: Shard, { stop, byRetry, leftOut }: Ended): Next | undefined {
  if (stop === undefined && byRetry.yes <= leftOut) return undefined;
  return { input, flags: { ...without(flags, ONCE), [SETTINGS.shard.flag]: shardText(shard) } };
}

interface Next {
  readonly input: string;
  readonly flags: Flags;
}

function nextRun(run: TypedRun, ended: Ended): Next | undefined {
  if (run.shard !== undefined) return nextOfShard(run, run.shard, ended);
  const { flags: typed, input, files } = run;
  const { failed } = files;
  const { stop, byRetry, byOutcome, carried, leftOut, fixOutside } = ended;
  const flags = without(typed, ONCE);
  if (stop !== undefined) {
    return { input, flags: lowerLimit(flags, byRetry.no - carried - byOutcome.duplicate) };
  }
  const overFailed = isWorkbook(input) ? without(flags, ABOUT_WORKBOOK) : flags;
  // Corrections are made there; what was taken back needs none.
  const leavesOut = [where.flag, visibleOnly.flag].filter((flag) => flag in flags);
  const isAllLeftOut = leftOut === byRetry.yes;
  const toCorrect = byRetry.fix - byOutcome.undone;
  if (toCorrect > 0) {
    // A row whose user was mended says what it said before.
    const meant = byRetry.yes === 0 ? [limit.flag, only.flag] : [limit.flag];
    // The group is done: with the same flags no row that was corrected is sent.
    const isAllOutside = isAllLeftOut && fixOutside === toCorrect;
    return { input: failed, flags: without(overFailed, isAllOutside ? [...meant, ...leavesOut] : meant) };
  }
  if (byRetry.yes === 0) return undefined;
  if (leftOut > 0 && limit.flag in flags) return { input, flags: without(flags, [limit.flag]) };
  // What the configuration file leaves out, no flag brings in again.
  if (isAllLeftOut && leavesOut.length === 0) return undefined;
  if (isAllLeftOut) return { input, flags: without(flags, leavesOut) };
  return { input: failed, flags: without(overFailed, [limit.flag]) };
}

/** The rest of a pilot: rows of it that are done are not counted again. */
function lowerLimit(flags: Flags, done: number): Flags {
  const given = flags[limit.flag];
  if (given === undefined) return flags;
  const left = Number(given) - done;
  return left > 0 ? { ...flags, [limit.flag]: String(left) } : without(flags, [limit.flag]);
}

function without(flags: Flags, names: readonly string[]): Flags {
  return Object.fromEntries(Object.entries(flags).filter(([name]) => !names.includes(name)));
}

/** In the order in which they were typed; what yargs adds of its own is none of them. */
function toWords(flags: Flags, command: TypedCommand = 'run'): string[] {
  const known: readonly string[] = settingNamesOf(command).map((name) => SETTINGS[name].flag);
  return Object.entries(flags)
    .filter(([name]) => known.includes(name))
    .flatMap(([name, value]) => [value].flat().map((one): [string, unknown] => [name, one]))
    .flatMap(([name, value]) => {
      if (value === true) return [`--${name}`];
      const text = String(value);
      // What begins with a dash is a flag to yargs, and behind a `=` it takes quotes away.
      return value === false || text.startsWith('-') ? [`--${name}=${text}`] : [`--${name}`, text];
    });
}
