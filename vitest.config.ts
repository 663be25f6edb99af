import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/bundle.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for may start a process, and a busy machine takes seconds for that.
    expect: { poll: { timeout: 20_000 } },
    coverage: { include: ['src/**'], reporter: ['text-summary', 'text'] },
  },
});
