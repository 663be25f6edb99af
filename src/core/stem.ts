export const STANDARD_INPUT = '/dev/stdin';

export interface StemFiles {
  readonly results: string;
  readonly failed: string;
  readonly keys: string;
  readonly journal: string;
  readonly lock: string;
  readonly reserve: string;
  readonly summary: string;
}

/** `users.csv`, `users.xlsx`, `users.results.csv` and `users.failed.csv` share the stem `users`. */
export function stemOf(fileName: string): string {
  return fileName.replace(/\.(csv|xlsx|xlsm)$/i, '').replace(/\.(results|failed)$/i, '');
}

/** @param folder with its separator at the end */
export function stemFiles(folder: string, stem: string): StemFiles {
  const base = `${folder}${stem}`;
  return {
    results: `${base}.results.csv`,
    failed: `${base}.failed.csv`,
    keys: `${base}.keys.csv`,
    journal: `${base}.journal`,
    lock: `${base}.lock`,
    reserve: `${base}.reserve`,
    summary: `${base}.summary.json`,
  };
}
