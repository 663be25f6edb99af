import type { FileFigures, Unchained } from './manifest.js';

/** One line of what `sha256sum -c` takes. */
export interface Digest {
  /** Of a file in the same folder. */
  readonly file: string;
  /** Hex. */
  readonly sha256: string;
}

/**
 * Of which files a run leaves the digests, in their order. @param itself the file of the manifest
 * @param found what stands in a list, which tells for a manifest that does not whether the input is in it
 */
export function digestsOf(
  { input, results, failed, summary, attempts, undone }: Unchained,
  itself: FileFigures,
  found: readonly Digest[] = [],
): readonly Digest[] {
  const isListed = input.listed ?? found.some(({ file }) => file === input.file);
  return [
    ...(isListed ? [input] : []),
    results,
    failed,
    summary,
    ...(attempts === null ? [] : [attempts]),
    ...(undone === undefined ? [] : [undone]),
    itself,
  ];
}

/** As sha256sum writes it: a name that holds a line end or a backslash is escaped, and its line begins with a backslash. */
export function toDigestList(digests: readonly Digest[]): string {
  const lines = digests.map(({ file, sha256 }) => {
    const escaped = file.replaceAll(/[\\\n\r]/g, (character) => ESCAPES[character] ?? character);
    return `${escaped === file ? '' : '\\'}${sha256}  ${escaped}\n`;
  });
  return lines.join('');
}

/** Undefined where a line is none of ours. */
export function parseDigestList(text: string): readonly Digest[] | undefined {
  const lines = text.split('\n');
  if (lines.pop() !== '') return undefined;
  const digests = lines.map((line) => {
    const [, escape, sha256 = '', file = ''] = /^(\\?)([0-9a-f]{64}) {2}(.+)$/s.exec(line) ?? [];
    return { file: escape === '' ? file : file.replaceAll(/\\[\\nr]/g, (found) => CHARACTERS[found] ?? found), sha256 };
  });
  return digests.every(({ sha256 }) => sha256 !== '') ? digests : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };
const CHARACTERS: Readonly<Record<string, string>> = { '\\\\': '\\', '\\n': '\n', '\\r': '\r' };
