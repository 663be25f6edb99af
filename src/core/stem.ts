export const STANDARD_INPUT = '/dev/stdin';

export interface StemFiles {
  readonly results: string;
  readonly failed: string;
  readonly keys: string;
  readonly journal: string;
  readonly lock: string;
  readonly reserve: string;
  readonly summary: string;
  readonly handedOut: string;
  readonly report: string;
  /** Every send, where somebody asked for that. */
  readonly attempts: string;
  readonly manifest: string;
  /** Digests of the others, as `sha256sum -c` takes them. */
  readonly digests: string;
  /** There while shards of the input run, and until they are merged. */
  readonly shards: string;
  /** The folder of the files of shards that were merged. */
  readonly mergedShards: string;
  /** What became of the rows that undo took up. */
  readonly undone: string;
}

/** `users.csv`, `users.xlsx`, `users.results.csv` and `users.failed.csv` share the stem `users`. */
export function stemOf(fileName: string): string {
  return fileName.replace(/\.(csv|xlsx|xlsm)$/i, '').replace(/\.(results|failed)$/i, '');
}

const DEVICE = /^(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(?:\.|$)/i;

/** What Windows takes for something else than a name: the rest of a sentence. */
export function windowsNameProblem(name: string): string | undefined {
  if (/[<>:"|?*]/.test(name)) return 'holds one of < > : " | ? *, which no name on Windows does';
  return DEVICE.test(name) ? 'is what Windows calls a device' : undefined;
}

/** What a name stands behind. `C:` is the folder where the shell stands on that drive, and `C:/` its root. */
export function toPrefix(folder: string, separator: string): string {
  if (folder.endsWith(separator)) return folder;
  const isDrive = separator === '\\' && /^[a-z]:$/i.test(folder);
  return `${folder}${isDrive ? '.' : ''}${separator}`;
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
    handedOut: `${base}.handed-out.csv`,
    report: `${base}.report.html`,
    attempts: `${base}.attempts.csv`,
    manifest: `${base}.manifest.json`,
    digests: `${base}.SHA256SUMS`,
    shards: `${base}.shards.json`,
    mergedShards: `${base}.shards`,
    undone: `${base}.undo.results.csv`,
  };
}

/** What the files of one shard of an input share: `users.shard-3-of-8`. */
export function shardStem(stem: string, { index, count }: { readonly index: number; readonly count: number }): string {
  return `${stem}.shard-${index}-of-${count}`;
}

/** The stem that such a one is a shard's of; undefined for all others. */
export function wholeStem(stem: string): string | undefined {
  return /^(.+)\.shard-\d+-of-\d+$/.exec(stem)?.[1];
}

/** What a hand-out of keys is called that is given no name. @param number from 1; @param ending such as `.csv` */
export function handOutName({ handedOut }: StemFiles, number: number, ending: string): string {
  return handedOut.replace(/handed-out\.csv$/, `hand-out-${number}${ending}`);
}
