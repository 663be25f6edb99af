import { InputError } from '../core/input-error.js';
import { JOURNAL_VERSION, UNDO_JOURNAL_VERSION } from '../record/journal-entry.js';
import type { JournalEntry, RunEntry } from '../record/journal-entry.js';
import { UsageError } from '../core/usage-error.js';
import { KilledJournal } from '../record/journal.js';
import { bootId } from '../record/process-identity.js';
import { JournalReplay } from '../plan/journal-replay.js';
import type { Job } from './job.js';
import { showName } from '../core/safe-text.js';

/** What the journal of a run tells that has not ended by itself. */
export interface KilledRun {
  readonly entry: RunEntry;
  readonly replay: JournalReplay;
  /** Bytes of an unfinished last entry. */
  readonly tornBytes: number;
  /** Epoch ms of its last sign of life. */
  readonly endedAt: number;
  /** Ends the reading: no row can be taken from the replay any more. */
  readonly close: () => void;
}

/** Nothing for a journal without an entry. @throws {InputError} when it is damaged, or of another version */
export function readKilledRun(path: string): KilledRun | undefined {
  const journal = new KilledJournal(path);
  try {
    const replay = new JournalReplay((number) => journal.entry(number), bootId());
    let run: RunEntry | undefined;
    let number = 0;
    for (const entry of journal.entries()) {
      number += 1;
      run ??= toRunEntry(path, entry);
      orNotOurs(path, number, () => replay.add(entry));
    }
    if (run !== undefined) {
      const endedAt = Math.max(run.at, Math.round(journal.changedAt));
      return { entry: run, replay, tornBytes: journal.tornBytes, endedAt, close: () => journal.close() };
    }
  } catch (error) {
    journal.close();
    throw error;
  }
  journal.close();
  return undefined;
}

/** Whole entries may still say together what no run of ours says, such as a row that ends twice. */
function orNotOurs(path: string, line: number, add: () => void): void {
  try {
    add();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const problem = `the journal of a killed run is none that a run left (${why}): restore it from a copy; or, to start over without what it knows, use --fresh`;
    throw new InputError(path, line, problem);
  }
}

function versionOf({ undo }: RunEntry): number {
  return undo === undefined ? JOURNAL_VERSION : UNDO_JOURNAL_VERSION;
}

function toRunEntry(path: string, first: JournalEntry): RunEntry {
  if (first.type === 'run' && first.version === versionOf(first)) return first;
  const problem = 'the journal of a killed run is of another version of this program: go on with that, or use --fresh';
  throw new InputError(path, 1, problem);
}

/** What a run against one server has left open can't be finished against another. */
export function checkKilledServer({ files }: Pick<Job, 'files'>, { settings }: RunEntry, server: string): void {
  const before = settings['server'];
  if (before === server) return;
  throw new UsageError([
    `${showName(files.journal)} is of a killed run against ${before}, this one is against ${server}: run against that one first, give another --name, or start over with --fresh`,
  ]);
}
