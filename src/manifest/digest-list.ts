/** One line of what `sha256sum -c` takes. */
export interface Digest {
  /** Of a file in the same folder. */
  readonly file: string;
  /** Hex. */
  readonly sha256: string;
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
