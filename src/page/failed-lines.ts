import { InputError } from '../core/input-error.js';
import { eachRow } from '../input/file-row.js';
import type { FileRow, RowFile } from '../input/file-row.js';
import { isCellProblem, parseLine } from '../record/added-cells.js';

/** Where the rows that are left stand in the failed file, which has them in the order of the results. */
export class FailedLines {
  readonly #rows: AsyncGenerator<FileRow> | undefined;
  #next: FileRow | undefined;

  /** @param failed undefined where it is not there, or can't be read */
  constructor(failed: RowFile | undefined) {
    this.#rows = failed && eachRow(failed);
  }

  /** @param line of the first input. Undefined where somebody took the row out, or sorted the file */
  async take(line: number): Promise<number | undefined> {
    this.#next ??= await this.#read();
    const { added, line: at } = this.#next ?? {};
    const known = added === undefined ? undefined : parseLine(added);
    if (at === undefined || known === undefined || isCellProblem(known) || known !== line) return undefined;
    this.#next = undefined;
    return at;
  }

  async close(): Promise<void> {
    await this.#rows?.return(undefined);
  }

  /** What breaks the file is for the next run to say. */
  async #read(): Promise<FileRow | undefined> {
    try {
      const step = await this.#rows?.next();
      return step === undefined || step.done === true ? undefined : step.value;
    } catch (error) {
      if (error instanceof InputError) return undefined;
      throw error;
    }
  }
}
