import { closeSync, existsSync, fchmodSync, fstatSync, ftruncateSync, writeFileSync } from 'node:fs';
import {
  checkReplaceable,
  NotOursError,
  openOutlet,
  openOwn,
  orNothing,
  readOwn,
  removeOwn,
  renameOwn,
} from '../disk/own-file.js';

/** Where a cluster takes the last words of a container from. */
const TERMINATION_LOG = '/dev/termination-log';
/** A wrong file is known by its size; in bytes. */
const MAX_METRICS_BYTES = 1024 * 1024;

/** Whoever collects it is another user, and there is nothing in it that is not for them. */
const PUBLIC_MODE = 0o644;

/** Nobody sees half of it. After a power cut nobody misses it, so no disk is waited for. */
export function writeMetrics(path: string, text: string): void {
  // A collector reads what ends in .prom.
  const temporary = `${path}.tmp`;
  checkReplaceable(path);
  removeOwn(temporary);
  const fd = openOwn(temporary, 'create');
  try {
    fchmodSync(fd, PUBLIC_MODE);
    writeFileSync(fd, text);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  renameOwn(fd, temporary, path);
}

/** Empty for a file that is not there, or is none of ours. */
export function readMetrics(path: string): string {
  try {
    return orNothing(() => readOwn(path, { maxBytes: MAX_METRICS_BYTES }))?.toString('utf8') ?? '';
  } catch (error) {
    if (error instanceof NotOursError) return '';
    throw error;
  }
}

/** In its place, since it is mounted there, whoever it belongs to; never where a link leads. */
export function writeLastWords(path: string, line: string): void {
  const fd = openOutlet(path, { isAnybodys: path === TERMINATION_LOG });
  try {
    if (fstatSync(fd).isFile()) ftruncateSync(fd);
    writeFileSync(fd, line);
  } finally {
    closeSync(fd);
  }
}

/** Where last words go: as the operator has it, or else where a cluster has it, if one does. */
export function terminationLogOf(given: string | undefined): string | undefined {
  return given ?? (existsSync(TERMINATION_LOG) ? TERMINATION_LOG : undefined);
}
