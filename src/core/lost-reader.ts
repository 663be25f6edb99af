import { closeSync, fstatSync, writeSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { EXIT_CODES } from './exit-code.js';

const CAUSES: Readonly<Record<string, string>> = {
  ENOSPC: 'ENOSPC: no space is left',
  EDQUOT: 'EDQUOT: the quota is used up',
  EFBIG: 'EFBIG: the file may be no larger',
};

/**
 * Lets a command go on to its own end, and its own exit code, when whoever read what it says has left, as `head` does
 * (EPIPE), or the terminal is gone (EIO): what it does, and the files that it leaves, do not hang on who looks. So a terminal
 * that goes away (SIGHUP) ends nothing either; Node resets what nohup sets. A file that takes no more is another matter.
 */
export function outliveReader(ours: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'on' | 'platform' | 'exitCode'>): void {
  const { stdout, stderr } = ours;
  const isFile = isOf(stdout.fd, (stats) => stats.isFile());
  if (isFile) writeWhole(stdout);
  let isTold = false;
  stdout.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
    // Of a file it is the disk that fails.
    const isTerminalGone = code === 'EIO' && !isFile;
    if (isTerminalGone) leaveTerminal();
    if (isTerminalGone || code === 'EPIPE' || isTold) return;
    isTold = true;
    stderr.write(`Standard output could not be written (${CAUSES[code] ?? code}): not all of it is there.\n`);
    // Somebody waits for it. A code that speaks of the rows says more.
    ours.on('exit', (end) => {
      if (end === EXIT_CODES.done.code) ours.exitCode = EXIT_CODES.stopped.code;
    });
  });
  // There is nowhere left to say it.
  stderr.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EIO') leaveTerminal();
  });
  let isLeaving = false;
  // What Node gives back to a terminal at its end, one that is gone refuses, and Node aborts.
  const leaveTerminal = (): void => {
    if (isLeaving) return;
    isLeaving = true;
    ours.on('exit', () =>
      [0, 1, 2]
        .filter((handle) => isOf(handle, (stats) => stats.isCharacterDevice()))
        .forEach((handle) => closeSync(handle)),
    );
  };
  // On Windows it ends a run, which has some seconds left there.
  if (ours.platform !== 'win32') ours.on('SIGHUP', leaveTerminal);
}

/** It may be gone, so that it can't be asked any more what it is. */
function isOf(handle: number, isKind: (stats: Stats) => boolean): boolean {
  try {
    return isKind(fstatSync(handle));
  } catch {
    return false;
  }
}

/** What a disk takes of a text before it is full, Node takes for all of it. */
function writeWhole(file: NodeJS.Process['stdout']): void {
  file._write = (bytes: Buffer, _, done) => {
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(file.fd, bytes, at);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    done();
  };
}
