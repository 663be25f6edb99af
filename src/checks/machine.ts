import { readFileSync } from 'node:fs';

/** What a crash may write of our memory to a file: `0`, a number of bytes, or `unlimited`, as Linux says it. */
export function coreLimit(): string | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return /^Max core file size\s+(\S+)/m.exec(limits)?.[1];
  } catch {
    return undefined;
  }
}
