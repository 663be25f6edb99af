import { showName } from './safe-text.js';

/** A file that can't be read (on): nothing from `line` on is known. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly file: string;
  /** First line that was not read; 1 when the file could not be opened. */
  readonly line: number;
  readonly problem: string;

  constructor(file: string, line: number, problem: string) {
    super(`${showName(file)}:${line}: ${problem}`);
    this.file = file;
    this.line = line;
    this.problem = problem;
  }
}
