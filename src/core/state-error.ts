import { dirname } from 'node:path';
import { errnoOf } from './errno.js';
import { InputError } from './input-error.js';
import { showName } from './safe-text.js';
import { UsageError } from './usage-error.js';

/** A file of ours that can't be written: the run stops, what was answered is kept as far as it can be. */
export class StateError extends Error {
  override readonly name = 'StateError';

  constructor(file: string, cause: unknown) {
    super(`${showName(file)} can't be written: ${describeCause(file, cause)}`, { cause });
  }

  get isForRoom(): boolean {
    return ['ENOSPC', 'EDQUOT'].includes(errnoOf(this.cause) ?? '');
  }
}

/** What fails is about this file. @throws {StateError} */
export function orStateError<Result>(file: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw new StateError(file, error);
  }
}

/** Before anything is sent, a file that can't be written is wrong usage. */
export function orUsageError<Result>(open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    throw toUsageError(error);
  }
}

export function toUsageError(error: unknown): unknown {
  return error instanceof StateError ? new UsageError([error.message]) : error;
}

/** A file of ours that somebody changed meanwhile is no input that breaks before anything was sent: the journal is needed. */
export function toStateError(error: unknown): unknown {
  return error instanceof InputError ? new StateError(error.file, new Error(error.problem, { cause: error })) : error;
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the disk quota is used up: free some space',
  EBUSY:
    'another program holds it open, such as a spreadsheet, or it may not be replaced: close it there, and run again',
  EROFS: 'the file system is read-only: choose another --out-dir',
  EACCES: 'no permission: give this user the right to write there, or choose another --out-dir',
  EPERM: 'no permission: give this user the right to write there, or choose another --out-dir',
  ENOENT: 'the folder does not exist: make it, or choose another --out-dir',
  ENXIO: 'it is a pipe that nobody reads: start what reads it, or name a file',
  ENOTDIR: 'its folder is a file: choose another --out-dir',
  EIO: 'the disk failed: look at it before you go on',
};

/** What a file system says that does not know what it is asked for: some buckets and shares can't append. */
const UNKNOWN: readonly (string | undefined)[] = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

function describeCause(file: string, cause: unknown): string {
  const code = errnoOf(cause);
  if (UNKNOWN.includes(code)) {
    return `${showName(dirname(file))} does not take files as a run makes them, each new and then appended to (${code}): choose another --out-dir`;
  }
  return REMEDIES[code ?? ''] ?? (cause instanceof Error ? cause.message : String(cause));
}
