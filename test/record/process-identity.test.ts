import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/system-clock.js';
import { bootId, describeSelf, isRunning } from '../../src/record/process-identity.js';
import { Programs } from '../support/programs.js';

test('a process is known by its number and its start, as long as it lives', async () => {
  const { pid, startTime, runId } = describeSelf('this', systemClock);
  expect({ pid, runId }).toEqual({ pid: process.pid, runId: 'this' });
  expect(isRunning(pid, startTime)).toBe(true);
  // The number of a process that has ended is given out again.
  expect(isRunning(pid, `${startTime}0`)).toBe(false);
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'close');
  expect(isRunning(child.pid ?? 0, '')).toBe(false);
});

test.runIf(process.platform === 'linux')('a boot has an id, which all its processes see', () => {
  expect(bootId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(describeSelf('this', systemClock).bootId).toBe(bootId());
  expect(execFileSync('cat', ['/proc/sys/kernel/random/boot_id'], { encoding: 'utf8' }).trim()).toBe(bootId());
});

test('on Windows a process is known by its number alone, whatever lies in a folder /proc', async () => {
  const programs = new Programs();
  const { stdout } = await programs.run(`
    Object.defineProperty(process, 'platform', { value: 'win32' });
    const { bootId, describeSelf, isRunning } = await import('./record/process-identity.js');
    const { pid, startTime, pidNamespace } = describeSelf('this', { now: () => 0 });
    console.log(JSON.stringify([bootId(), startTime, pidNamespace, isRunning(pid, startTime)]));
  `);
  programs.remove();
  expect(JSON.parse(stdout)).toEqual(['', '', '', true]);
});
