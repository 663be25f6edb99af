import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { outliveReader } from '../../src/core/lost-reader.js';

function aProcess(platform: NodeJS.Platform = 'linux') {
  const said: string[] = [];
  const stream = () => Object.assign(new EventEmitter(), { write: (text: string) => said.push(text) });
  const ours = Object.assign(new EventEmitter(), { platform, stdout: stream(), stderr: stream() });
  outliveReader(ours as unknown as NodeJS.Process);
  return { ours, stdout: ours.stdout, stderr: ours.stderr, said };
}

it('takes it in silence that who read has left, or the terminal', () => {
  const { stdout, stderr, said } = aProcess();
  for (const code of ['EPIPE', 'EIO']) {
    stdout.emit('error', { code });
    stderr.emit('error', { code });
  }
  expect(said).toEqual([]);
});

it('tells once that standard output could not be written for another reason', () => {
  const { stdout, stderr, said } = aProcess();
  for (let time = 0; time < 3; time += 1) stdout.emit('error', { code: 'ENOSPC' });
  stderr.emit('error', { code: 'ENOSPC' });
  expect(said).toEqual(['Standard output could not be written (ENOSPC): not all of it is there.\n']);
});

it('hears that the terminal is hung up, and goes on; on Windows that ends a run', () => {
  const { ours } = aProcess();
  expect(ours.emit('SIGHUP')).toBe(true);
  expect(aProcess('win32').ours.emit('SIGHUP')).toBe(false);
});

it('lets go of the terminal that is gone before Node gives it back, once', () => {
  const { ours, stdout } = aProcess();
  expect(ours.listenerCount('exit')).toBe(0);
  ours.emit('SIGHUP');
  stdout.emit('error', { code: 'EIO' });
  expect(ours.listenerCount('exit')).toBe(1);
});
