import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Corrections } from '../core/correction.js';
import { joinDialects } from '../core/dialect.js';
import type { Dialect, Reading } from '../core/dialect.js';
import type { Encoding } from '../core/encoding.js';
import type { RowFile } from '../core/file-row.js';
import type { RunReport } from '../core/run-report.js';
import type { StemFiles } from '../core/stem.js';
import type { SavedKeys } from '../io/keys-file.js';
import { readSavedKeys } from '../io/keys-file.js';
import { readSummary } from '../io/summary-file.js';
import type { Job } from './job.js';
import { openInput } from './open-input.js';

/** What earlier runs of a stem left, beside the input. */
export interface StemState {
  readonly input: RowFile;
  readonly results: RowFile | undefined;
  /** How the results of this run are written. */
  readonly dialect: Dialect;
  readonly earlier: RunReport | undefined;
  readonly corrections: Corrections;
  readonly savedKeys: SavedKeys;
  readonly signaturesDir: string;
}

/** @throws {InputError} when one of the files is not what it should be */
export async function readStemState(
  { input, files }: Job,
  settings: Reading & { readonly signaturesDir: string | undefined },
): Promise<StemState> {
  const earlier = readSummary(files.summary);
  const { encoding, delimiter, signaturesDir } = settings;
  const remembered = earlier?.encoding;
  const opened = await openInput(input, { encoding, delimiter, remembered });
  const results = await openResults(opened, files, remembered ?? encoding);
  const isFirst = opened.header.added === undefined || results === undefined;
  return {
    input: opened,
    results,
    dialect: isFirst ? joinDialects(opened.dialect, results?.dialect) : joinDialects(results.dialect, opened.dialect),
    earlier,
    corrections: new Corrections(earlier?.corrections),
    savedKeys: readSavedKeys(files.keys),
    signaturesDir: signaturesDir ?? earlier?.signatures_dir ?? resolve(dirname(input)),
  };
}

/** What is said of the input's dialect is not said of what we wrote ourselves. */
async function openResults(
  input: RowFile,
  files: StemFiles,
  encoding: Encoding | undefined,
): Promise<RowFile | undefined> {
  if (resolve(input.name) === resolve(files.results)) return input;
  if (!existsSync(files.results)) return undefined;
  return openInput(files.results, { encoding, delimiter: undefined, remembered: undefined });
}
