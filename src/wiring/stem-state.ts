import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UNDO_COLUMN } from '../input/added-column.js';
import { Corrections } from '../input/correction.js';
import { joinDialects } from '../input/dialect.js';
import type { Dialect, Reading } from '../input/dialect.js';
import type { RowFile } from '../input/file-row.js';
import type { PlanContext, PlannedRows } from '../plan/plan-context.js';
import { planRows } from '../plan/plan-rows.js';
import { ownRows, planShard } from '../plan/plan-shard.js';
import type { ShardPast } from '../plan/plan-shard.js';
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
import { KnownKeys } from '../server/known-keys.js';
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
  /** What the last run of the same files left. */
  readonly earlier: RunReport | undefined;
  /** What the run left that wrote the results: of a shard, one over the whole input. */
  readonly before: RunReport | undefined;
  readonly corrections: Corrections;
  readonly signaturesDir: string;
  /** Of a shard: what its own earlier runs left of its rows. */
  readonly part?: Omit<ShardPast, 'hasKeySince'>;
}

export interface StemKeys {
  /** As the keys file stands that this run goes on with. */
  readonly savedKeys: SavedKeys;
  /** Of the keys that came before: of a shard, those of the whole. */
  readonly keyTimes: KeyTimes;
  /** Of a shard: of its own. */
  readonly partTimes?: KeyTimes;
  /** All of them, of a shard those of the whole too; a run adds its own. */
  readonly knownKeys: KnownKeys;
}

export type StemState = Stem & StemKeys;

type StemSettings = Omit<Reading, 'encodingBy'> & {
  readonly signaturesDir: string | undefined;
  readonly fresh?: boolean;
  /** Where each setting was given. */
  readonly origins?: ReadonlyMap<string, string>;
};

/** @throws {InputError} when one of the files is not what it should be */
export async function readStemState(job: Job, settings: StemSettings, readKeys = keysReader(job)): Promise<StemState> {
  return { ...(await openStem(job, settings)), ...(await readKeys()) };
}

/** Reads the keys file when it is asked for first. Rejects with {InputError} when it is not what it should be. */
export function keysReader(job: Pick<Job, 'files' | 'part'>): () => Promise<StemKeys> {
  let reading: Promise<StemKeys> | undefined;
  return () => (reading ??= readAllKeys(job));
}

async function readAllKeys({ files, part }: Pick<Job, 'files' | 'part'>): Promise<StemKeys> {
  const knownKeys = new KnownKeys(() => randomInt(2 ** 31));
  const own = await readKeys(files.keys, knownKeys);
  if (part === undefined) return { ...own, knownKeys };
  const { keyTimes } = await readKeys(part.whole.keys, knownKeys);
  return { savedKeys: own.savedKeys, keyTimes, partTimes: own.keyTimes, knownKeys };
}

async function readKeys(path: string, known: KnownKeys): Promise<Pick<StemKeys, 'savedKeys' | 'keyTimes'>> {
  const keyTimes = new KeyTimes();
  const note = (username: string, savedAt: number): void => keyTimes.note(username, savedAt);
  const savedKeys = await readSavedKeys(path, note, (key) => known.add(key));
  return { savedKeys, keyTimes };
}

/** Reads no more than summary and headers. @throws {InputError} when one of them is not what it should be */
export async function openStem({ input, files, part }: Job, settings: StemSettings): Promise<Stem> {
  const { fresh = false } = settings;
  const own = fresh ? undefined : readSummary(files.summary);
  const before = part === undefined ? own : readSummary(part.whole.summary);
  const earlier = own ?? before;
  const { encoding, delimiter, sheet, signaturesDir, allowed, headerLine, unwrapFormulas } = settings;
  const encodingBy = settings.origins?.get('encoding');
  const remembered = earlier?.encoding;
  const columns = { ...earlier?.columns, ...settings.columns };
  const opened = await openInput(input, {
    ...{ encoding, encodingBy, allowed, delimiter, columns, sheet, remembered },
    ...{ headerLine, unwrapFormulas },
  });
  refuseUndone(opened);
  // What is said of the input's bytes is not said of what we wrote ourselves.
  const wrote = { encoding: remembered ?? encoding, encodingBy: remembered && 'the summary of the last run' };
  const written = { ...wrote, allowed, unwrapFormulas, delimiter: undefined, columns, sheet: undefined };
  const options = { ...written, remembered: undefined };
  const results = fresh ? undefined : await openResults(opened, part?.whole ?? files, options);
  const leading = opened.header.added === undefined ? opened : (results ?? opened);
  return {
    input: opened,
    results,
    // What operators corrected was of the encoding that the last run wrote.
    dialect: joinDialects(leading.dialect, [opened.dialect.encoding, results?.dialect.encoding, earlier?.encoding]),
    earlier: own,
    before,
    corrections: new Corrections(before?.corrections),
    signaturesDir: signaturesDir ?? earlier?.signatures_dir ?? resolve(dirname(input)),
    ...(part && { part: { shard: part.shard, results: await openResults(opened, files, options) } }),
  };
}

/** What undo left tells of the tokens that it took back, and nothing of what is to be registered. */
function refuseUndone({ name, header }: RowFile): void {
  if (header.added === undefined || header.ownNames.at(-1) !== UNDO_COLUMN) return;
  throw new InputError(name, 1, 'this is what undo left: give the results of the runs, as in users.results.csv');
}

/** The rows as this run has them: of a shard, all of them, those of the others marked. */
export function planStem(state: StemState, context: Pick<PlanContext, 'rules' | 'forgotten' | 'warn'>): PlannedRows {
  const { part, partTimes } = state;
  if (part === undefined || partTimes === undefined) return planRows({ ...state, ...context });
  const hasKeySince = (username: string, sinceMs: number): boolean => partTimes.hasSince(username, sinceMs);
  return planShard({ ...state, ...context }, { ...part, hasKeySince });
}

/** What is planned for this run alone. */
export function ownRowsOf({ part }: Stem, planned: PlannedRows): PlannedRows {
  return part === undefined ? planned : ownRows(planned);
}

export function toPlanRules(
  { keyTimes }: StemState,
  { defaultStatus, allowed }: Pick<PlanRules, 'defaultStatus' | 'allowed'>,
): PlanRules {
  const hasKeySince = (username: string, sinceMs: number): boolean => keyTimes.hasSince(username, sinceMs);
  return { defaultStatus, ...(allowed && { allowed }), hasKeySince };
}

/** What is done on one server is not done on another: a rehearsal must never make the real run believe that all is done. */
export function checkServer({ files, part }: Job, { before, results }: Stem, server: string): void {
  const then = before?.settings['server'];
  if (results === undefined || then === undefined || then === server) return;
  const whole = part?.whole ?? files;
  throw new UsageError([
    `${showName(whole.results)} tells of runs against ${then}, this one is against ${server}: give another --name, or start over with --fresh (if it is the same server under a new name, write that name into ${showName(whole.summary)})`,
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
