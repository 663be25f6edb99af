import { isAnnotated, PROBLEM_COLUMN } from './annotation.js';
import type { FileRecord, RowFile } from '../input/file-row.js';
import { isSameFile } from '../core/same-file.js';
import { UsageError } from '../core/usage-error.js';
import { ReplacedFile } from '../record/replaced-file.js';
import { CsvWriter } from '../record/result-writer.js';
import { openTextEncoding } from '../record/text-encoding.js';
import type { StemFiles } from '../core/stem.js';

export interface Annotation {
  /** @param problem what stands in its column */
  readonly add: (line: number, problem: string) => Promise<void>;
  readonly complete: () => Promise<void>;
  readonly discard: () => void;
}

export interface AnnotatedJob {
  readonly input: string;
  readonly files: StemFiles;
}

/**
 * Reads the input a second time beside its validation, so that what was found need not be kept: but for rows whose results
 * stand in another order. @throws {UsageError} for a file that must not be replaced; {StateError} when it can't be written
 */
export async function openAnnotation(path: string, input: RowFile, job: AnnotatedJob): Promise<Annotation> {
  refuseOwn(path, 'annotate', job);
  const format = { ...input.dialect, ...(await openTextEncoding(input.dialect.encoding)) };
  const file = new ReplacedFile(path);
  const writer = new CsvWriter(file, format);
  const records = input.records()[Symbol.asyncIterator]();
  const read = async (): Promise<FileRecord | undefined> => {
    const step = await records.next();
    return step.done === true ? undefined : step.value;
  };
  const header = (await read())?.cells ?? [];
  const own = (cells: readonly string[]): readonly string[] => (isAnnotated(header) ? cells.slice(1) : cells);
  writer.writeRecord([PROBLEM_COLUMN, ...own(header)]);
  const found = new Map<number, string>();
  let next = await read();
  const writeNext = async ({ line, cells }: FileRecord): Promise<void> => {
    writer.writeRecord([format.escape(found.get(line) ?? ''), ...own(cells)]);
    found.delete(line);
    next = await read();
  };
  return {
    add: async (line, problem) => {
      found.set(line, problem);
      while (next !== undefined && found.has(next.line)) await writeNext(next);
    },
    complete: async () => {
      while (next !== undefined) await writeNext(next);
      writer.finish();
      writer.place();
    },
    discard: () => file.discard(),
  };
}

/** @throws {UsageError} for the input, and for what runs left beside it, by whatever name @param flag that names the path */
export function refuseOwn(path: string, flag: string, { input, files }: AnnotatedJob): void {
  const taken = [input, ...Object.values<string>({ ...files })].find((other) => isSameFile(path, other));
  if (taken !== undefined) throw new UsageError([`--${flag}: ${taken} is not to be replaced: give another file`]);
}
