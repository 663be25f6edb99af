import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { InputError } from '../../src/core/input-error.js';
import { readColumnNames } from '../../src/input/columns-of-file.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'columns-of-file-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function namesOf(text: string | Buffer): Promise<readonly string[]> {
  const path = join(folder, 'users.csv');
  writeFileSync(path, text);
  return readColumnNames(path);
}

it('the columns of a CSV are read as its header has them, usable or not', async () => {
  expect(await namesOf('Login,Employee No\nann,1\n')).toEqual(['Login', 'Employee No']);
  expect(await namesOf('\ufeffBenutzer;"Ab;teilung"\nann;1;2\n')).toEqual(['Benutzer', 'Ab;teilung']);
  expect(await namesOf('sep=;\nLogin;token_type\n')).toEqual(['Login', 'token_type']);
  expect(await namesOf(Buffer.from('\ufeffLogin\ttoken_type\n', 'utf16le'))).toEqual(['Login', 'token_type']);
});

it('what follows the header is of no interest, also when it breaks the file', async () => {
  expect(await namesOf('a,b\n"never closed\n')).toEqual(['a', 'b']);
});

it('an empty file has none, and what is no file has no text', async () => {
  expect(await namesOf('')).toEqual([]);
  await expect(readColumnNames(folder)).rejects.toThrow(InputError);
});
