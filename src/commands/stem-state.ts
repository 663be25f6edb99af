import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Corrections } from '../core/correction.js';
import type { RowFile } from '../core/file-row.js';
import type { RunReport } from '../core/run-report.js';
import type { SavedKeys } from '../io/keys-file.js';
import { readSavedKeys } from '../io/keys-file.js';
import { openRowFile } from '../io/row-reader.js';
import { readSummary } from '../io/summary-file.js';
import type { Job } from './job.js';

/** What earlier runs of a stem left, beside the input. */
export interface StemState {
  readonly input: RowFile;
  readonly results: RowFile | undefined;
  readonly earlier: RunReport | undefined;
  readonly corrections: Corrections;
  readonly savedKeys: SavedKeys;
  readonly signaturesDir: string;
}

/** @throws {InputError} when one of the files is not what it should be */
export async function readStemState({ input, files }: Job, signaturesDir: string | undefined): Promise<StemState> {
  const earlier = readSummary(files.summary);
  return {
    input: await openRowFile(input),
    results: existsSync(files.results) ? await openRowFile(files.results) : undefined,
    earlier,
    corrections: new Corrections(earlier?.corrections),
    savedKeys: readSavedKeys(files.keys),
    signaturesDir: signaturesDir ?? earlier?.signatures_dir ?? resolve(dirname(input)),
  };
}
