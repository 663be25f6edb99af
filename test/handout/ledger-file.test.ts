import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ExtendedLedger, readLedger } from '../../src/handout/ledger-file.js';
import { NOON } from '../support/builders.js';
import { Lab } from '../support/lab.js';

const FIRST = {
  at: '2026-02-01T08:00:00.000Z',
  by: 'mia@desk-7',
  file: 'users.hand-out-1.csv',
  sha256: 'ab'.repeat(32),
};
const SECOND = { ...FIRST, at: '2026-02-02T08:00:00.000Z', file: 'users.hand-out-2.csv', sha256: 'cd'.repeat(32) };

let lab: Lab;
let path: string;
beforeEach(() => {
  lab = new Lab();
  path = lab.path('users.handed-out.csv');
});
afterEach(() => lab.remove());

async function extend(...usernames: readonly string[]): Promise<void> {
  const ledger = await ExtendedLedger.open(path);
  for (const username of usernames)
    ledger.add({ username, savedAt: NOON, handOut: username.startsWith('b') ? SECOND : FIRST });
  ledger.finish();
  ledger.place();
}

async function read() {
  const entries: [string, number][] = [];
  return { ...(await readLedger(path, (username, savedAt) => entries.push([username, savedAt]))), entries };
}

it('tells whose keys were handed out, how often, and in which file the last ones', async () => {
  expect(await read()).toEqual({ handOuts: 0, last: undefined, entries: [] });
  await extend('a1', 'a2', 'line\nbreak');
  await extend('b1');
  expect(await read()).toEqual({
    handOuts: 2,
    last: SECOND,
    entries: [
      ['a1', NOON],
      ['a2', NOON],
      ['line\nbreak', NOON],
      ['b1', NOON],
    ],
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('goes on with what is there to the byte, but for a line end that an editor left out', async () => {
  await extend('a1');
  const before = readFileSync(path, 'utf8').trimEnd();
  lab.file('users.handed-out.csv', before);
  await extend('b1');
  expect(readFileSync(path, 'utf8').startsWith(`${before}\nb1,`)).toBe(true);
});

it('is as it was before where it is given up', async () => {
  await extend('a1');
  const before = readFileSync(path, 'utf8');
  const ledger = await ExtendedLedger.open(path);
  ledger.add({ username: 'b1', savedAt: NOON, handOut: SECOND });
  ledger.discard();
  expect([readFileSync(path, 'utf8'), existsSync(`${path}.tmp`)]).toEqual([before, false]);
});

it('is not guessed over where it is damaged', async () => {
  await extend('a1', 'a2');
  lab.file('users.handed-out.csv', `${readFileSync(path, 'utf8')}b1,"x`);
  await expect(read()).rejects.toThrow(
    `${path}:4: this line of the ledger can't be read (CSV_QUOTE_NOT_CLOSED): mend it by hand`,
  );
  lab.file('users.handed-out.csv', 'something,else\n');
  await expect(read()).rejects.toThrow(`${path}:1: this is no ledger of keys`);
});

it('is no link to what lies elsewhere', async () => {
  symlinkSync(lab.file('elsewhere.csv', ''), path);
  await expect(read()).rejects.toThrow(`the ledger of keys can't be read as it is a symbolic link`);
});
