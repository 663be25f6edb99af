import * as fs from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { StateError } from '../../src/core/state-error.js';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import { KilledJournal } from '../../src/record/journal.js';
import { RunJournal } from '../../src/record/run-journal.js';
import { aSettlement, NOON } from '../support/builders.js';
import { Lab } from '../support/lab.js';

/** The real disk; marks fail when a test asks for it. */
const disk = vi.hoisted(() => ({ failures: [] as string[] }));

vi.mock('node:fs', async (importActual) => {
  const actual = await importActual<typeof import('node:fs')>();
  const writeSync = (...[fd, bytes, at, length, position]: Parameters<typeof actual.writeSync> & unknown[]): number => {
    const code = position === undefined ? undefined : disk.failures.shift();
    if (code !== undefined) throw Object.assign(new Error(`${code}: no, write`), { code });
    return (actual.writeSync as (...words: unknown[]) => number)(fd, bytes, at, length, position);
  };
  return { ...actual, writeSync };
});

let lab: Lab;
let path: string;
let told: StateError[];
let isMended: boolean;

beforeEach(() => {
  lab = new Lab();
  path = lab.path('users.journal');
  disk.failures = [];
  told = [];
  isMended = false;
});
afterEach(() => lab.remove());

function open(): RunJournal {
  return new RunJournal(path, (failure) => {
    told.push(failure);
    return isMended;
  });
}

function intent(key: string, attempt = 1): JournalEntry {
  return { type: 'intent', key, attempt, at: NOON };
}

/** As a run finds it that comes after a kill at this moment. */
function read(): JournalEntry[] {
  const journal = new KilledJournal(path);
  try {
    return [...journal.entries()];
  } finally {
    journal.close();
  }
}

describe('a mark', () => {
  test('is with the kernel at once, in its place, and what comes behind it goes to the end', async () => {
    const journal = open();
    for (const key of ['otp:ann', 'otp:m\u00fcller', 'otp:cy']) journal.append(intent(key));
    await journal.sync();
    journal.append(intent('otp:dee'));
    expect(journal.markLeft('otp:m\u00fcller')).toBe(true);
    expect(read()).toEqual([intent('otp:ann'), { ...intent('otp:m\u00fcller'), hasLeft: true }, intent('otp:cy')]);
    journal.close();
    expect(read().at(-1)).toEqual(intent('otp:dee'));
  });

  test('is that of the last intent of its row', async () => {
    const journal = open();
    const settlement = aSettlement({ outcome: 'unavailable', attempts: 0 });
    for (const entry of [intent('otp:ann'), { type: 'try', key: 'otp:ann', settlement } as const, intent('otp:ann')]) {
      journal.append(entry);
    }
    await journal.sync();
    journal.markLeft('otp:ann');
    journal.close();
    expect(read().map((entry) => entry.type === 'intent' && entry.hasLeft)).toEqual([undefined, false, true]);
  });

  test('without an intent on the disk, or behind the end of its row, is a bug', async () => {
    const journal = open();
    journal.append(intent('otp:ann'));
    expect(() => journal.markLeft('otp:ann')).toThrow('no intent');
    await journal.sync();
    journal.append({ type: 'settled', key: 'otp:ann', settlement: aSettlement() });
    expect(() => journal.markLeft('otp:ann')).toThrow('no intent');
    journal.close();
  });

  test('that can not be written is told, and the bytes must not leave', async () => {
    const journal = open();
    journal.append(intent('otp:ann'));
    await journal.sync();
    disk.failures = ['EIO'];
    expect(journal.markLeft('otp:ann')).toBe(false);
    expect(told.map(({ message }) => message)).toEqual([expect.stringContaining('the disk failed')]);
    journal.close();
    expect(read()).toEqual([intent('otp:ann')]);
  });

  test('for which room is made is written then', async () => {
    isMended = true;
    const journal = open();
    journal.append(intent('otp:ann'));
    await journal.sync();
    disk.failures = ['ENOSPC'];
    expect(journal.markLeft('otp:ann')).toBe(true);
    expect(told).toHaveLength(1);
    journal.close();
    expect(read()).toEqual([{ ...intent('otp:ann'), hasLeft: true }]);
  });
});

test('whatever is noted and marked, in any groups, is what a run after a kill finds', async () => {
  const anyKey = fc.string({ unit: 'grapheme', maxLength: 8 });
  const anySteps = fc.uniqueArray(fc.record({ key: anyKey, leaves: fc.boolean(), endsTurn: fc.boolean() }), {
    selector: ({ key }) => key,
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(anySteps, async (steps) => {
      const journal = open();
      for (const { key, endsTurn } of steps) {
        journal.append(intent(key));
        if (endsTurn) await new Promise(setImmediate);
      }
      await new Promise(setImmediate);
      for (const { key, leaves } of steps) if (leaves) journal.markLeft(key);
      const expected = steps.map(({ key, leaves }) => ({ ...intent(key), ...(leaves && { hasLeft: true }) }));
      expect(read()).toEqual(expected);
      journal.close();
    }),
  );
});

test('only its owner may read it, and what an earlier run left in it is gone', () => {
  fs.writeFileSync(path, 'old', { mode: 0o644 });
  open().close();
  expect([fs.statSync(path).mode & 0o777, fs.readFileSync(path, 'utf8')]).toEqual([0o600, '']);
});
