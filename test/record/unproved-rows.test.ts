import { beforeEach, describe, expect, test } from 'vitest';
import { Proof } from '../../src/core/proof.js';
import { RunStop } from '../../src/core/run-stop.js';
import { StateError } from '../../src/core/state-error.js';
import { UnprovedRows } from '../../src/record/unproved-rows.js';
import { anOtpRegistration, aSettlement, aReply, NOON, stateAfter } from '../support/builders.js';
import { TestClock } from '../support/lab.js';

const KEY = { key: 'K1', raw: { text: '{"Key":"K1"}', form: 'json', isOdd: true } } as const;
const REGISTERED = aSettlement();
const SENT = stateAfter([aReply()]);

let rows: UnprovedRows;
let stop: RunStop;
let log: string[];
let broken: Error | undefined;
let row: { readonly registration: ReturnType<typeof anOtpRegistration> };

beforeEach(() => {
  stop = new RunStop();
  log = [];
  broken = undefined;
  row = { registration: anOtpRegistration() };
  const clock = new TestClock();
  clock.now = () => NOON;
  const sync = (what: string) => (): Promise<void> => {
    log.push(`${what} synced`);
    return broken === undefined ? Promise.resolve() : Promise.reject(broken);
  };
  rows = new UnprovedRows({
    clock,
    stop,
    keys: {
      append: ({ username, key, raw, savedAt, isTakenBack = false }) => {
        expect(savedAt).toBe(NOON);
        log.push(`${isTakenBack ? 'taken back' : 'kept'}: ${key} of ${username}${raw ? `, ${raw.text}` : ''}`);
      },
      sync: sync('keys'),
    },
    journal: {
      append: (entry) => {
        if (entry.type !== 'taken_back') throw new Error(`nobody expected ${entry.type}`);
        log.push(`taken back: ${entry.key}, ${entry.settlement.outcome} after ${entry.settlement.attempts}`);
      },
      sync: sync('journal'),
    },
  });
});

const WITH_KEY = ['taken back: K1 of ann', 'taken back: otp:ann, unknown after 1', 'keys synced', 'journal synced'];
const WITHOUT = WITH_KEY.slice(1);

describe('a row whose answer rests on nothing', () => {
  test('is what it is', async () => {
    rows.note(row, undefined, SENT);
    expect(rows.settle(row, REGISTERED, KEY)).toBe(REGISTERED);
    expect([rows.isOpen(row), rows.isTainted(row)]).toEqual([false, false]);
    expect(rows.close(row, REGISTERED)).toBe(REGISTERED);
    await rows.noted();
    expect(log).toEqual([]);
  });
});

describe('a row whose answer rests on a proof', () => {
  let proof: Proof;
  beforeEach(() => {
    proof = new Proof();
    rows.note(row, proof, SENT);
  });

  test('is open until that has ended, and stays what it is where it ends well', async () => {
    expect(rows.settle(row, REGISTERED, KEY)).toBe(REGISTERED);
    expect(rows.isOpen(row)).toBe(true);
    proof.prove();
    expect([rows.isOpen(row), rows.isTainted(row)]).toEqual([false, false]);
    expect(rows.close(row, REGISTERED)).toBe(REGISTERED);
    await rows.noted();
    expect(log).toEqual([]);
  });

  test('is taken back with its key where the answers are mixed up afterwards, and what stood beside the key stays once', async () => {
    rows.settle(row, REGISTERED, KEY);
    proof.taint();
    await rows.noted();
    expect(log).toEqual(WITH_KEY);
    expect([rows.isOpen(row), rows.isTainted(row)]).toEqual([false, true]);
    expect(rows.close(row, REGISTERED)).toMatchObject({ outcome: 'unknown', attempts: 1, sentAt: NOON });
  });

  test('is taken back without a key where it brought none', async () => {
    rows.settle(row, REGISTERED, undefined);
    proof.taint();
    await rows.noted();
    expect(log).toEqual(WITHOUT);
  });

  test('is taken back while it is being saved: in the journal first, and with its key once that is there', async () => {
    proof.taint();
    await rows.noted();
    expect(log.splice(0)).toEqual(WITHOUT);
    expect(rows.settle(row, REGISTERED, KEY)).toMatchObject({ outcome: 'unknown' });
    await rows.noted();
    expect(log).toEqual(WITH_KEY);
  });

  test('keeps a key that comes when the answers are known to be mixed up, with all that came, and takes it back', async () => {
    proof.taint();
    await rows.noted();
    log = [];
    rows.keep(row, KEY);
    await rows.noted();
    expect(log).toEqual(['kept: K1 of ann, {"Key":"K1"}', 'taken back: K1 of ann', 'keys synced']);
  });

  test('is no other row of the same name', () => {
    const other = { registration: row.registration };
    proof.taint();
    expect(rows.isTainted(other)).toBe(false);
    expect(rows.close(other, REGISTERED)).toBe(REGISTERED);
  });

  test('is heard of no more once its time is over', async () => {
    rows.settle(row, REGISTERED, KEY);
    expect(rows.close(row, REGISTERED)).toBe(REGISTERED);
    proof.taint();
    await rows.noted();
    expect([log, rows.isTainted(row)]).toEqual([[], false]);
  });
});

describe('a row that was sent more than once', () => {
  test.each([0, 1, 2])('rests on all of its answers: the one of send %i is mixed up', async (at) => {
    const proofs = [new Proof(), new Proof(), new Proof()];
    for (const proof of proofs) rows.note(row, proof, SENT);
    rows.settle(row, REGISTERED, KEY);
    for (const [index, proof] of proofs.entries()) if (index !== at) proof.prove();
    expect(rows.isOpen(row)).toBe(true);
    proofs[at]?.taint();
    await rows.noted();
    expect(log).toEqual(WITH_KEY);
    expect(rows.close(row, REGISTERED).outcome).toBe('unknown');
  });
});

describe('where it can not be written that a row is taken back', () => {
  test('the run stops', async () => {
    broken = new StateError('users.journal', new Error('no room'));
    const proof = new Proof();
    rows.note(row, proof, SENT);
    proof.taint();
    await rows.noted();
    expect(stop.reason).toEqual({ kind: 'stopped', reason: broken.message });
  });

  test('a bug is none of the disk’s', async () => {
    broken = new TypeError('a bug');
    const proof = new Proof();
    rows.note(row, proof, SENT);
    proof.taint();
    await expect(rows.noted()).rejects.toThrow('a bug');
    expect(stop.reason).toBeUndefined();
  });
});
