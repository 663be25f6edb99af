import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { coreLimit } from '../../src/checks/machine.js';

test.runIf(existsSync('/proc/self/limits'))('what a crash may write is what the system says', () => {
  expect(coreLimit()).toBe(spawnSync('sh', ['-c', 'ulimit -c'], { encoding: 'utf8' }).stdout.trim());
});
