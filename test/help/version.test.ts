import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isVersionAsked, readVersion } from '../../src/help/version.js';

it('is the one of the package', () => {
  const file = new URL('../../package.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: readVersion() });
});

it('is asked for by its flag alone; all else is for yargs to read', () => {
  expect([['--version'], ['-v']].every(isVersionAsked)).toBe(true);
  expect([[], ['version'], ['--version', 'run'], ['run', '--version']].some(isVersionAsked)).toBe(false);
});
