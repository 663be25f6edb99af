import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StateError } from '../../src/core/state-error.js';
import { UsageError } from '../../src/core/usage-error.js';
import { stemFiles } from '../../src/core/stem.js';
import { openKeysCsv } from '../../src/handout/keys-csv.js';
import { ExtendedLedger } from '../../src/handout/ledger-file.js';
import { WithheldKeys } from '../../src/handout/withheld.js';
import { openInput } from '../../src/input/open-input.js';
import { ReplacedFile } from '../../src/record/replaced-file.js';
import { openTextEncoding } from '../../src/record/text-encoding.js';
import { handOutJob } from '../../src/wiring/hand-out-job.js';
import type { HandOutEnd, HandOutJob } from '../../src/wiring/hand-out-job.js';
import { Lab } from '../support/lab.js';
import { aKey, anOtpRow, leaveKeys, leaveStem } from '../support/stem-files.js';

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
  leaveStem(lab, { rows: ['ann', 'ben'].map((name) => anOtpRow(name)), keys: [aKey('ben'), aKey('ann')] });
});
afterEach(() => lab.remove());

/** Hands out as CSV. */
async function handOut(
  changes: Partial<HandOutJob> = {},
): Promise<HandOutEnd & { notes: string[]; withheld: WithheldKeys }> {
  const notes: string[] = [];
  const withheld = new WithheldKeys();
  const files = stemFiles(`${lab.folder}/`, 'users');
  const results = await openInput(files.results, {
    ...{ encoding: undefined, delimiter: undefined, columns: undefined, sheet: undefined, remembered: undefined },
  });
  const format = { ...results.dialect, ...(await openTextEncoding('utf-8')) };
  const end = await handOutJob({
    files,
    results,
    again: undefined,
    withheld,
    by: 'mia@desk-7',
    at: '2026-02-01T08:00:00.000Z',
    takes: () => true,
    open: (number) => {
      const path = lab.path(`out-${number}.csv`);
      return {
        path,
        writer: openKeysCsv(new ReplacedFile(path), { header: results.header, columns: [0], salt: 's', format }),
      };
    },
    note: (text) => notes.push(text),
    checkLock: () => undefined,
    ...changes,
  });
  return { ...end, notes, withheld };
}

function lines(name: string): string[] {
  return readFileSync(lab.path(name), 'utf8').trimEnd().split('\n').slice(1);
}

function usersOf(name: string): string[] {
  return lines(name).map((line) => line.split(',')[0] ?? '');
}

/** What the disk holds at that moment, as a kill would leave it. */
function snapshot(to: string): void {
  mkdirSync(lab.path(to));
  for (const name of readdirSync(lab.folder)) {
    if (statSync(lab.path(name)).isFile()) copyFileSync(lab.path(name), lab.path(`${to}/${name}`));
  }
}

function goBackTo(from: string): void {
  for (const name of readdirSync(lab.path(from))) renameSync(lab.path(`${from}/${name}`), lab.path(name));
}

describe('a hand-out', () => {
  it('has what is new alone, and notes whose, when, by whom and in which file', async () => {
    const first = await handOut();
    expect([first.keys, usersOf('out-1.csv'), usersOf('users.handed-out.csv')]).toEqual([
      2,
      ['ann', 'ben'],
      ['ben', 'ann'],
    ]);
    expect(lines('users.handed-out.csv')[0]).toBe(
      `ben,2026-01-31T12:00:01.250Z,2026-02-01T08:00:00.000Z,mia@desk-7,out-1.csv,${first.handOut?.sha256}`,
    );
    expect((await handOut()).handOut).toBeUndefined();
    leaveStem(lab, {
      rows: ['ann', 'ben', 'cy'].map((name) => anOtpRow(name)),
      keys: [aKey('ben'), aKey('ann'), aKey('cy'), aKey('ben', { key: 'NEW', savedAt: aKey('ben').savedAt + 5 })],
    });
    const second = await handOut({ at: '2026-02-02T08:00:00.000Z' });
    expect([second.keys, second.before, usersOf('out-2.csv')]).toEqual([2, 1, ['ben', 'cy']]);
    expect(second.withheld.named).toEqual([{ username: 'ben', reason: 'superseded' }]);
    expect(readFileSync(lab.path('users.handed-out.csv'), 'utf8')).not.toMatch(/KEY-OF|NEW/);
  });

  it('says of a key that was taken back that it was, and hands it out no more', async () => {
    leaveKeys(lab, [aKey('ann'), aKey('ben'), aKey('ann', { savedAt: aKey('ann').savedAt + 1, isTakenBack: true })]);
    const { withheld, keys } = await handOut();
    expect([keys, usersOf('out-1.csv'), withheld.named]).toEqual([
      1,
      ['ben'],
      [
        { username: 'ann', reason: 'taken_back' },
        { username: 'ann', reason: 'no_key' },
      ],
    ]);
  });

  it('hands out a key once whose time a power cut has cut off', async () => {
    const path = leaveKeys(lab, [aKey('ann'), aKey('ben')]);
    lab.file('users.keys.csv', readFileSync(path, 'utf8').slice(0, -'8.250Z,,\n'.length));
    expect([(await handOut()).keys, usersOf('out-1.csv')]).toEqual([2, ['ann', 'ben']]);
    expect((await handOut()).handOut).toBeUndefined();
  });
});

describe('a hand-out whose ledger finds no room', () => {
  it('has handed nothing out, says so, and leaves nothing behind', async () => {
    const add = vi.spyOn(ExtendedLedger.prototype, 'add').mockImplementation(() => {
      throw new StateError('users.handed-out.csv', Object.assign(new Error('no'), { code: 'ENOSPC' }));
    });
    await expect(handOut()).rejects.toThrow(
      new UsageError(["users.handed-out.csv can't be written: the disk is full: free some space"]),
    );
    add.mockRestore();
    expect(readdirSync(lab.folder).sort()).toEqual(['users.keys.csv', 'users.results.csv']);
    expect((await handOut()).keys).toBe(2);
  });
});

describe('a hand-out that is killed', () => {
  it('before the ledger has handed nothing out: the next one begins anew', async () => {
    await expect(
      handOut({
        checkLock: () => {
          snapshot('killed');
          throw new UsageError(['killed']);
        },
      }),
    ).rejects.toThrow('killed');
    expect(readdirSync(lab.folder).sort()).toEqual(['killed', 'users.keys.csv', 'users.results.csv']);
    goBackTo('killed');
    expect(existsSync(lab.path('out-1.csv.tmp'))).toBe(true);
    expect([(await handOut()).keys, usersOf('out-1.csv'), usersOf('users.handed-out.csv')]).toEqual([
      2,
      ['ann', 'ben'],
      ['ben', 'ann'],
    ]);
    expect(existsSync(lab.path('out-1.csv.tmp'))).toBe(false);
  });

  it('behind it, is completed by the next one, which hands out nothing twice', async () => {
    await handOut();
    const before = readFileSync(lab.path('out-1.csv'));
    renameSync(lab.path('out-1.csv'), lab.path('out-1.csv.tmp'));
    const next = await handOut();
    expect([next.keys, next.before]).toEqual([0, 2]);
    expect(readFileSync(lab.path('out-1.csv'))).toEqual(before);
    expect(next.notes).toEqual([expect.stringContaining('its file is in its place now')]);
  });

  it('behind it, and whose keys stand behind a link now, is refused as wrong usage, not as a run', async () => {
    await handOut();
    renameSync(lab.path('out-1.csv'), lab.path('real.csv'));
    symlinkSync(lab.path('real.csv'), lab.path('out-1.csv.tmp'));
    await expect(handOut()).rejects.toThrow(UsageError);
    expect(existsSync(lab.path('out-1.csv'))).toBe(false);
  });

  it('leaves a file alone that is not the one which the ledger tells of', async () => {
    await handOut();
    renameSync(lab.path('out-1.csv'), lab.path('sent.csv'));
    lab.file('out-1.csv.tmp', 'another');
    expect((await handOut()).notes).toEqual([]);
    expect(existsSync(lab.path('out-1.csv'))).toBe(false);
  });

  it('says where the keys are when they can not have their name any more', async () => {
    const failing = await handOut().then(() => lab.path('out-2.csv'));
    leaveKeys(lab, [aKey('ben', { savedAt: aKey('ben').savedAt + 9 }), aKey('ann')]);
    const trying = handOut({
      open: () => {
        const file = new ReplacedFile(failing);
        const write = (): void => file.write('keys');
        const place = (): void => {
          throw new StateError(failing, new Error('no'));
        };
        return { path: failing, writer: { write, finish: () => file.finish(), place, discard: () => file.discard() } };
      },
    });
    await expect(trying).rejects.toThrow(
      /out-2\.csv can't be written: no\nThe keys are in .*out-2\.csv\.tmp: run the same/,
    );
    expect((await handOut()).notes).toHaveLength(1);
    expect(readFileSync(failing, 'utf8')).toBe('keys');
  });
});
