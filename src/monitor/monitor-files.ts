import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { isWindows } from '../disk/file-system.js';
import { checkReplaceable } from '../disk/own-file.js';

/** Where a cluster takes the last words of a container from. */
const TERMINATION_LOG = '/dev/termination-log';
/** A wrong file is known by its size; in bytes. */
const MAX_METRICS_BYTES = 1024 * 1024;

/** Whoever collects it is another user, and there is nothing in it that is not for them. */
const PUBLIC_MODE = 0o644;

/** Nobody sees half of it. */
export function writeMetrics(path: string, text: string): void {
  // A collector reads what ends in .prom.
  const temporary = `${path}.tmp`;
  checkReplaceable(path);
  rmSync(temporary, { force: true });
  writeFileSync(temporary, text, { mode: PUBLIC_MODE, flag: 'wx' });
  renameSync(temporary, path);
}

/** Empty for a file that is not there, or is none of ours. */
export function readMetrics(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size <= MAX_METRICS_BYTES ? readFileSync(path, 'utf8') : '';
}

const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = constants;
const AT_ONCE = isWindows ? 'w' : O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK;

/** In its place, since it is mounted there; a pipe that nobody reads is not waited for. */
export function writeLastWords(path: string, line: string): void {
  const fd = openSync(path, AT_ONCE);
  try {
    writeFileSync(fd, line);
  } finally {
    closeSync(fd);
  }
}

/** Where last words go: as the operator has it, or else where a cluster has it, if one does. */
export function terminationLogOf(given: string | undefined): string | undefined {
  return given ?? (existsSync(TERMINATION_LOG) ? TERMINATION_LOG : undefined);
}
