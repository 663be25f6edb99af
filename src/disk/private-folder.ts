import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where this user's runs meet on this machine: one place for terminals, schedules and services alike. */
export function meetingFolder(): string {
  // Windows knows no such number, and gives each user a temporary folder of their own.
  return join(tmpdir(), `centagate-provision-${process.getuid?.() ?? 'runs'}`);
}

/**
 * Makes the folder, for this user alone. Its parent is everybody's, so whoever was there first may be somebody else: a
 * link, another one's folder, or one that others may use is not taken.
 * @returns why it can't be used, if so
 */
export function makePrivate(folder: string): string | undefined {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code !== 'EEXIST') return `it can't be made (${String(error.code)})`;
  }
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) return 'it is no folder';
  const uid = process.getuid?.();
  if (uid === undefined) return undefined;
  if (stat.uid !== uid) return 'it belongs to somebody else';
  return (stat.mode & 0o077) === 0 ? undefined : 'others may use it as well';
}
