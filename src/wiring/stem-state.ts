import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Corrections } from '../input/correction.js';
import { joinDialects } from '../input/dialect.js';
import type { Dialect, Reading } from '../input/dialect.js';
import type { RowFile } from '../input/file-row.js';
import type { PlanRules } from '../plan/planned-row.js';
import type { RunReport } from '../report/run-report.js';
import { isSameFile } from '../core/same-file.js';
import { selectionProblem } from '../plan/selection.js';
import type { SelectionRules } from '../plan/selection.js';
import type { StemFiles } from '../core/stem.js';
import { UsageError } from '../core/usage-error.js';
import type { SavedKeys } from '../record/keys-file.js';
import { readSavedKeys } from '../record/keys-file.js';
import { foreignProblem } from '../disk/own-file.js';
import { InputError } from '../core/input-error.js';
import { readSummary } from '../record/summary-file.js';
import { KeyTimes } from '../plan/key-times.js';
import type { Job } from './job.js';
import { openInput } from '../input/open-input.js';
import type { InputOptions } from '../input/open-input.js';
import { showName } from '../core/safe-text.js';

/** The input, and what earlier runs of its stem say of its rows. */
export interface Stem {
  readonly input: RowFile;
  readonly results: RowFile | undefined;
  /** How the results of this run are written. */
  readonly dialect: Dialect;
  readonly earlier: RunReport | undefined;
  readonly corrections: Corrections;
  readonly signaturesDir: string;
}

export interface StemKeys {
  readonly savedKeys: SavedKeys;
  readonly keyTimes: KeyTimes;
}

export type StemState = Stem & StemKeys;

type StemSettings = Omit<Reading, 'encodingBy'> & {
  readonly signaturesDir: string | undefined;
  readonly fresh?: boolean;
  /** Where each setting was given. */
  readonly origins?: ReadonlyMap<string, string>;
};

/** @throws {InputError} when one of the files is not what it should be */
export async function readStemState(
  job: Job,
  settings: StemSettings,
  readKeys = keysReader(job.files),
): Promise<StemState> {
  return { ...(await openStem(job, settings)), ...(await readKeys()) };
}

/** Reads the keys file when it is asked for first. Rejects with {InputError} when it is not what it should be. */
export function keysReader({ keys }: StemFiles): () => Promise<StemKeys> {
  let reading: Promise<StemKeys> | undefined;
  return () => (reading ??= readKeys(keys));
}

async function readKeys(path: string): Promise<StemKeys> {
  const keyTimes = new KeyTimes();
  const savedKeys = await readSavedKeys(path, (username, savedAt) => keyTimes.note(username, savedAt));
  return { savedKeys, keyTimes };
}

/** Reads no more than summary and headers. @throws {InputError} when one of them is not what it should be */
export async function openStem({ input, files }: Job, settings: StemSettings): Promise<Stem> {
  const { fresh = false } = settings;
  const earlier = fresh ? undefined : readSummary(files.summary);
  const { encoding, delimiter, sheet, signaturesDir, allowed, headerLine, unwrapFormulas } = settings;
  const encodingBy = settings.origins?.get('encoding');
  const remembered = earlier?.encoding;
  const columns = { ...earlier?.columns, ...settings.columns };
  const opened = await openInput(input, {
    ...{ encoding, encodingBy, allowed, delimiter, columns, sheet, remembered },
    ...{ headerLine, unwrapFormulas },
  });
  // What is said of the input's bytes is not said of what we wrote ourselves.
  const wrote = { encoding: remembered ?? encoding, encodingBy: remembered && 'the summary of the last run' };
  const written = { ...wrote, allowed, unwrapFormulas, delimiter: undefined, columns, sheet: undefined };
  const results = fresh ? undefined : await openResults(opened, files, { ...written, remembered: undefined });
  const leading = opened.header.added === undefined ? opened : (results ?? opened);
  return {
    input: opened,
    results,
    // What operators corrected was of the encoding that the last run wrote.
    dialect: joinDialects(leading.dialect, [opened.dialect.encoding, results?.dialect.encoding, earlier?.encoding]),
    earlier,
    corrections: new Corrections(earlier?.corrections),
    signaturesDir: signaturesDir ?? earlier?.signatures_dir ?? resolve(dirname(input)),
  };
}

export function toPlanRules(
  { keyTimes }: StemState,
  { defaultStatus, allowed }: Pick<PlanRules, 'defaultStatus' | 'allowed'>,
): PlanRules {
  const hasKeySince = (username: string, sinceMs: number): boolean => keyTimes.hasSince(username, sinceMs);
  return { defaultStatus, ...(allowed && { allowed }), hasKeySince };
}

/** What is done on one server is not done on another: a rehearsal must never make the real run believe that all is done. */
export function checkServer({ files }: Job, { earlier, results }: Stem, server: string): void {
  const before = earlier?.settings['server'];
  if (results === undefined || before === undefined || before === server) return;
  throw new UsageError([
    `${showName(files.results)} tells of runs against ${before}, this one is against ${server}: give another --name, or start over with --fresh (if it is the same server under a new name, write that name into ${showName(files.summary)})`,
  ]);
}

/** @throws {UsageError} when rows are to be selected by a column that the input lacks */
export function checkSelection(rules: Pick<SelectionRules, 'where'>, { input }: Stem): void {
  const problem = selectionProblem(rules, input.header);
  if (problem !== undefined) throw new UsageError([problem]);
}

async function openResults(
  input: RowFile,
  { results }: StemFiles,
  options: InputOptions,
): Promise<RowFile | undefined> {
  const problem = foreignProblem(results);
  if (problem !== undefined) throw new InputError(results, 1, `no results can be read from this, as ${problem}`);
  if (isSameFile(input.name, results)) return input;
  return existsSync(results) ? openInput(results, options) : undefined;
}
