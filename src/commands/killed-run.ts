import { InputError } from '../core/input-error.js';
import { JOURNAL_VERSION, JournalReplay } from '../core/journal-entry.js';
import type { RunEntry } from '../core/journal-entry.js';
import { UsageError } from '../core/usage-error.js';
import { readJournal } from '../io/journal.js';
import type { Job } from './job.js';

/** What the journal of a run tells that has not ended by itself. */
export interface JournaledRun {
  readonly entry: RunEntry;
  readonly replay: JournalReplay;
  /** Bytes of an unfinished last entry. */
  readonly tornBytes: number;
}

/**
 * Reads a journal; nothing when it has no entry yet.
 * @throws {InputError} when it is damaged, or not by a program like this one
 */
export function readKilledRun(path: string): JournaledRun | undefined {
  const { entries, tornBytes } = readJournal(path);
  const [entry] = entries;
  if (entry === undefined) return undefined;
  if (entry.type !== 'run' || entry.version !== JOURNAL_VERSION) {
    const problem =
      'the journal of a killed run is of another version of this program: go on with that, or use --fresh';
    throw new InputError(path, 1, problem);
  }
  const replay = new JournalReplay();
  for (const each of entries) replay.add(each);
  return { entry, replay, tornBytes };
}

/** What a run against one server has left open can't be finished against another. */
export function checkKilledServer({ files }: Pick<Job, 'files'>, { settings }: RunEntry, server: string): void {
  const before = settings['server'];
  if (before === server) return;
  throw new UsageError([
    `${files.journal} is of a killed run against ${before}, this one is against ${server}: run against that one first, give another --name, or start over with --fresh`,
  ]);
}
