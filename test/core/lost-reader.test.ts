import { closeSync, openSync } from 'node:fs';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outliveReader } from '../../src/core/lost-reader.js';
import { Lab } from '../support/lab.js';

const NO_FILE = -1;

function aProcess({ platform = 'linux', fd = NO_FILE }: { platform?: NodeJS.Platform; fd?: number } = {}) {
  const said: string[] = [];
  const stream = () => Object.assign(new EventEmitter(), { fd, write: (text: string) => said.push(text) });
  const ours = Object.assign(new EventEmitter(), {
    platform,
    stdout: stream(),
    stderr: stream(),
    exitCode: undefined as number | undefined,
  });
  outliveReader(ours as unknown as NodeJS.Process);
  return { ours, stdout: ours.stdout, stderr: ours.stderr, said };
}

it('takes it in silence that who read has left, or the terminal', () => {
  const { ours, stdout, stderr, said } = aProcess();
  for (const code of ['EPIPE', 'EIO']) {
    stdout.emit('error', { code });
    stderr.emit('error', { code });
  }
  expect(said).toEqual([]);
  expect(ours.emit('exit', 0)).toBe(true);
  expect(ours.exitCode).toBeUndefined();
});

it('tells once that standard output could not be written for another reason', () => {
  const { stdout, stderr, said } = aProcess();
  for (let time = 0; time < 3; time += 1) stdout.emit('error', { code: 'ENOSPC' });
  stderr.emit('error', { code: 'ENOSPC' });
  expect(said).toEqual(['Standard output could not be written (ENOSPC: no space is left): not all of it is there.\n']);
});

it.each([
  [0, 4],
  [1, undefined],
  [6, undefined],
])('lets what ends with %i end with %j then', (end, exitCode) => {
  const { ours, stdout } = aProcess();
  stdout.emit('error', { code: 'EDQUOT' });
  ours.emit('exit', end);
  expect(ours.exitCode).toBe(exitCode);
});

describe('standard output that is a file', () => {
  let lab: Lab;
  let fd: number;
  beforeEach(() => {
    lab = new Lab();
    fd = openSync(lab.path('out'), 'w');
  });
  afterEach(() => {
    closeSync(fd);
    lab.remove();
  });

  it('is failed by its disk, and is no terminal that is gone', () => {
    const { stdout, said } = aProcess({ fd });
    stdout.emit('error', { code: 'EIO' });
    expect(said).toEqual(['Standard output could not be written (EIO): not all of it is there.\n']);
  });
});

it('hears that the terminal is hung up, and goes on; on Windows that ends a run', () => {
  const { ours } = aProcess();
  expect(ours.emit('SIGHUP')).toBe(true);
  expect(aProcess({ platform: 'win32' }).ours.emit('SIGHUP')).toBe(false);
});

it('lets go of the terminal that is gone before Node gives it back, once', () => {
  const { ours, stdout } = aProcess();
  expect(ours.listenerCount('exit')).toBe(0);
  ours.emit('SIGHUP');
  stdout.emit('error', { code: 'EIO' });
  expect(ours.listenerCount('exit')).toBe(1);
});
