import { readFileSync } from 'node:fs';

/** `--version` alone is answered without yargs, which takes longer to load than everything else that it needs. */
export function isVersionAsked(words: readonly string[]): boolean {
  return words.length === 1 && (words[0] === '--version' || words[0] === '-v');
}

export function readVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  // It is our own, and npm wants a version in it.
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
