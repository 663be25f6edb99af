import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

// A sample of what is run by hand for longer: node test/torture/torture.mjs --help
const SCRIPT = fileURLToPath(new URL('torture.mjs', import.meta.url));
const LIMIT_MS = 600_000;

const dir = mkdtempSync(join(tmpdir(), 'torture-'));
let isClean = true;

// A folder with violations stays: it is what there is to look at.
afterAll(() => {
  if (isClean) rmSync(dir, { recursive: true });
});

describe('torture', () => {
  it('finds nothing wrong after 100 kills before, between and after the sends', { timeout: LIMIT_MS }, async () => {
    const said = await torture('kills', '--count', '100', '--rows', '60', '--jobs', '3');
    const [before, middle, after] = numbersOf(
      said,
      /before the first send (\d+), in the middle (\d+), after the results (\d+)/,
    );
    expect(Math.min(before ?? 0, middle ?? 0, after ?? 0)).toBeGreaterThan(0);
    expect(numbersOf(said, /^kills (\d+),/m)[0]).toBeGreaterThanOrEqual(100);
  });

  it('lets one of two copies run that start at once', { timeout: LIMIT_MS }, async () => {
    const said = await torture('races', '--count', '10');
    expect(said).toContain('races 10\n');
  });

  it('goes on from a journal wherever it is cut', { timeout: LIMIT_MS }, async () => {
    const said = await torture('cuts', '--count', '2', '--step', '97');
    expect(numbersOf(said, /^cuts (\d+)$/m)[0]).toBeGreaterThan(20);
  });
});

/** What the script says on standard output; with violations the test fails on it as a whole. */
async function torture(...words: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [SCRIPT, ...words, '--dir', dir]);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child, 'close');
  isClean &&= said.includes(' violations 0\n');
  expect(said).toContain(' violations 0\n');
  return said;
}

function numbersOf(said: string, pattern: RegExp): number[] {
  return (pattern.exec(said) ?? []).slice(1).map(Number);
}
