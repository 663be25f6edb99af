import { rmSync } from 'node:fs';
import { InputError } from '../core/input-error.js';
import { orStateError } from '../core/state-error.js';
import { syncFolder } from '../disk/file-system.js';
import { orNothing, readOwn, whyUnreadable } from '../disk/own-file.js';
import { link } from '../record/lock-file.js';
import { ReplacedFile, temporaryOf } from '../record/replaced-file.js';
import { isRound } from './round.js';
import type { Round } from './round.js';

const MAX_BYTES = 64 * 1024;

/** What the shards of an input hold to; nothing where none has begun. @throws {InputError} when it is none of ours */
export function readRound(path: string): Round | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  const round = parseRound(text);
  if (round !== undefined) return round;
  throw new InputError(path, 1, 'this is no file that shards of ours hold to: restore it from a copy');
}

/** Of two shards that begin at once, one makes it. @returns false when it is there already @throws {StateError} */
export function makeRound(path: string, round: Round): boolean {
  const file = new ReplacedFile(path);
  file.write(`${JSON.stringify(round, undefined, 2)}\n`);
  file.finish();
  const isMade = link(temporaryOf(path), path);
  if (isMade === undefined) {
    file.place();
    return true;
  }
  file.discard();
  orStateError(path, () => syncFolder(path));
  return isMade;
}

/** The shards are merged. @throws {StateError} */
export function removeRound(path: string): void {
  orStateError(path, () => {
    rmSync(path, { force: true });
    syncFolder(path);
  });
}

function parseRound(text: string): Round | undefined {
  try {
    const round: unknown = JSON.parse(text);
    return isRound(round) ? round : undefined;
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return orNothing(() => readOwn(path, { maxBytes: MAX_BYTES, isLinked: true }))?.toString('utf8');
  } catch (error) {
    const why = whyUnreadable(error, 'give this user the right to');
    throw new InputError(path, 1, `what the shards hold to can't be read ${why}`);
  }
}
