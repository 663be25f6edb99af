import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Whoever has tried the simulator has its settings in the shell: tests are to know no other than their own.
for (const name of Object.keys(process.env)) {
  if (name.startsWith('CENTAGATE_')) Reflect.deleteProperty(process.env, name);
}

const LONG = 'test/**/*.long.test.ts';
const files = readdirSync(join(import.meta.dirname, 'test'), { encoding: 'utf8', recursive: true })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join('test', name));
/** They replace modules, which others that share a process with them would see. */
const mocking = files.filter((name) => readFileSync(join(import.meta.dirname, name), 'utf8').includes('vi.mock('));

const common = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // What is waited for may start a process, and a busy machine takes seconds for that.
  expect: { poll: { timeout: 20_000 } },
};

export default defineConfig({
  test: {
    globalSetup: 'test/support/bundle.ts',
    // Many tests wait for a disk or a process: there are two more at work than there are cores.
    maxWorkers: availableParallelism() + 2,
    coverage: { include: ['src/**'], reporter: ['text-summary', 'text'] },
    projects: [
      // What takes most of the time of a small test is to load what it needs: these share their modules.
      {
        test: {
          ...common,
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: [LONG, ...mocking],
          isolate: false,
        },
      },
      { test: { ...common, name: 'mocking', include: mocking, exclude: [LONG], sequence: { groupOrder: 1 } } },
      {
        test: {
          ...common,
          name: 'long',
          include: [LONG],
          env: { SUITE: process.env['SUITE'] ?? 'long' },
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
