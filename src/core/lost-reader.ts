import { closeSync, fstatSync } from 'node:fs';

/** Whoever read has left, as `head` does (EPIPE), or the terminal is gone (EIO). */
const LEFT: readonly (string | undefined)[] = ['EPIPE', 'EIO'];

/**
 * Lets a command go on to its own end, and its own exit code, when what it says reaches nobody any more: what it does, and
 * the files that it leaves, do not hang on who looks. So a terminal that goes away (SIGHUP) ends nothing either; Node
 * resets what nohup sets.
 */
export function outliveReader(ours: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'on' | 'platform'>): void {
  const { stdout, stderr } = ours;
  let isTold = false;
  stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EIO') leaveTerminal();
    if (LEFT.includes(code) || isTold) return;
    isTold = true;
    stderr.write(`Standard output could not be written (${code}): not all of it is there.\n`);
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
    ours.on('exit', () => [0, 1, 2].filter(isTerminal).forEach((handle) => closeSync(handle)));
  };
  // On Windows it ends a run, which has some seconds left there.
  if (ours.platform !== 'win32') ours.on('SIGHUP', leaveTerminal);
}

/** It may be gone, so that it can't be asked any more whether it is one. */
function isTerminal(handle: number): boolean {
  try {
    return fstatSync(handle).isCharacterDevice();
  } catch {
    return false;
  }
}
