import { readdirSync, readFileSync } from 'node:fs';
import { UsageError } from '../core/usage-error.js';
import type { Settings } from '../settings/settings.js';

/** What may be open at once, as far as it is for us to choose. */
interface Load {
  readonly concurrency: number;
  /** That judge signatures. */
  readonly threads: number;
}

interface FileLimit {
  readonly limit: number;
  readonly open: number;
}

/**
 * What a run opens beside its connections, most of it at its end: keys, journal, reserve, results and failed file, old and
 * new, summary, the input twice, folders to sync, a signature, a lookup of the server's name, modules. Seen: 12.
 */
const OWN_FILES = 18;
/** Its queue, its wake-ups and the module that it is loading. */
const FILES_PER_THREAD = 6;

/** The settings of a run that fits, and how many threads of `threads` there is room for. @throws {UsageError} */
export function withinFileLimit(
  settings: Settings,
  threads: number,
): { readonly settings: Settings; readonly threads: number } {
  const { load, warning } = fitLimit({ concurrency: settings.concurrency, threads }, askFileLimit());
  const warnings = warning === undefined ? settings.warnings : [...settings.warnings, warning];
  return { settings: { ...settings, concurrency: load.concurrency, warnings }, threads: load.threads };
}

/** The threads that a check has room for, which has no connections: all of them, or none, as in a run. */
export function threadsWithin(threads: number, files = askFileLimit()): number {
  return files === undefined || roomOf(files) >= threads * FILES_PER_THREAD ? threads : 0;
}

/** How many files this process may have open, and has; nothing where the system does not tell it (Linux does, proc(5)). */
function askFileLimit(): FileLimit | undefined {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    // One of them is for reading these.
    return soft === undefined ? undefined : { limit: Number(soft), open: readdirSync('/proc/self/fd').length - 1 };
  } catch {
    return undefined;
  }
}

/** Met while it sends, the limit would look like a server that is away. @throws {UsageError} when no row would fit */
export function fitLimit(
  asked: Load,
  files: FileLimit | undefined,
): { readonly load: Load; readonly warning?: string } {
  if (files === undefined) return { load: asked };
  const { limit, open } = files;
  const room = roomOf(files);
  if (room >= asked.concurrency + asked.threads * FILES_PER_THREAD) return { load: asked };
  const says = `this process may have ${limit} files open at a time`;
  if (room < 1) {
    throw new UsageError([`${says}, and needs ${open + OWN_FILES + 1} or more: raise the limit (ulimit -n)`]);
  }
  const load = { concurrency: Math.min(room, asked.concurrency), threads: 0 };
  if (load.concurrency === asked.concurrency) return { load };
  const warning = `${says} (ulimit -n): ${load.concurrency} at once instead of ${asked.concurrency}`;
  return { load, warning };
}

function roomOf({ limit, open }: FileLimit): number {
  return limit - open - OWN_FILES;
}
