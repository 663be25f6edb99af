import type { X509Certificate } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { errnoOf } from './errno.js';
import { parseCertificates } from './pem.js';
import { showName } from './safe-text.js';
import { UsageError } from './usage-error.js';

/** Certificate bundles of operating systems are some hundred KiB. */
export const MAX_PEM_BYTES = 4 * 1024 * 1024;

export interface SmallFile {
  readonly bytes: Buffer;
  readonly mode: number;
}

/**
 * Reads a regular file of at most `maxBytes`. Anything else, such as a pipe that may never answer, is a problem: the rest of a
 * sentence whose subject is the file. @throws what is no word of the system's
 */
export function readSmallFile(path: string, maxBytes: number): SmallFile | { readonly problem: string } {
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to hangs for ever.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(file);
      if (stat.isDirectory()) return { problem: 'is a folder; name a file' };
      if (!stat.isFile()) return { problem: 'is not a regular file' };
      const bytes = readAtMost(file, maxBytes + 1);
      if (bytes.length > maxBytes) return { problem: `is larger than ${maxBytes / 1024} KiB: a wrong file?` };
      return { bytes, mode: stat.mode };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { problem: whyUnreadable(error) };
  }
}

/** What others would read of this path without us: why that would take long, or for ever; nothing where it would not. */
export function endlessProblem(path: string, maxBytes: number): string | undefined {
  const stats = statOf(path);
  if (stats?.isFile() === false && !stats.isDirectory()) return 'is not a regular file';
  return (stats?.size ?? 0) > maxBytes ? `is larger than ${maxBytes / 1024} KiB: a wrong file?` : undefined;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function readAtMost(file: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const bytesRead = readSync(file, buffer, filled, length - filled, null);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  ENAMETOOLONG: 'does not exist: no file name is that long',
  EACCES: 'may not be read by this user',
  ERR_INVALID_ARG_VALUE: 'does not exist: no file name holds a NUL character',
};

/** The operating system's reasons; what is none of them is a mistake of ours. */
function whyUnreadable(error: unknown): string {
  const code = errnoOf(error) ?? '';
  const reason = UNREADABLE[code] ?? (error instanceof Error && 'syscall' in error ? `can't be read (${code})` : '');
  if (reason === '') throw error;
  return reason;
}

/** @param flag that names the file, as in `--ca`; @throws {UsageError} when a certificate can't be read */
export function readCertificateFile(path: string, flag: string): readonly X509Certificate[] {
  const file = readSmallFile(path, MAX_PEM_BYTES);
  if ('problem' in file) throw new UsageError([`${flag}: ${showName(path)} ${file.problem}`]);
  const parsed = parseCertificates(file.bytes, path);
  if ('problem' in parsed) throw new UsageError([`${flag}: ${parsed.problem}`]);
  return parsed.certificates;
}
