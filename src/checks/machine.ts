import { readFileSync } from 'node:fs';

/**
 * How much of this program's memory a crash may write to a file: `0`, a number of bytes, or `unlimited`, as Linux says it;
 * nothing where it can't be known.
 */
export function coreLimit(): string | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return /^Max core file size\s+(\S+)/m.exec(limits)?.[1];
  } catch {
    return undefined;
  }
}
