import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

export const REPOSITORY = join(import.meta.dirname, '../..');

/** The text of a document, by its path from the root. */
export function readDocument(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

/** Every document that people read here, but for the changelog, which tells of what was. */
export const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'samples/README.md'],
  ...readdirSync(join(REPOSITORY, 'docs')).map((name) => `docs/${name}`),
];

/** What stands between `<!-- name -->` and `<!-- /name -->` is these lines; UPDATE_DOCS=1 writes them anew. */
export function expectBlock(
  path: string,
  name: string,
  { lines, normalise = (text) => text }: { lines: readonly string[]; normalise?: (text: string) => string },
): void {
  const { text, from, to } = findBlock(path, name);
  const block = `${lines.join('\n')}\n`;
  if (process.env['UPDATE_DOCS'] !== '1') expect(normalise(text.slice(from, to))).toBe(normalise(block));
  else if (normalise(text.slice(from, to)) !== normalise(block)) {
    writeFileSync(join(REPOSITORY, path), text.slice(0, from) + block + text.slice(to));
  }
}

function findBlock(path: string, name: string): { readonly text: string; readonly from: number; readonly to: number } {
  const text = readDocument(path);
  const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open) + open.length, text.indexOf(close)];
  expect(text).toContain(open);
  expect(to).toBeGreaterThanOrEqual(from);
  return { text, from, to };
}
