import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import { isInDoubt } from '../../src/row/outcome.js';
import type { Outcome } from '../../src/row/outcome.js';
import type { Settlement } from '../../src/row/settlement.js';
import { JournalReplay } from '../../src/plan/journal-replay.js';
import { anySettlement, aSettlement, NOON } from '../support/builders.js';

const KEY = 'otp:ann';

const run: JournalEntry = {
  type: 'run',
  version: 1,
  id: 'r1',
  input: '/data/users.csv',
  sha256: 'ab',
  at: NOON,
  reading: { encoding: undefined, delimiter: undefined, columns: undefined, sheet: undefined },
  signaturesDir: '/data',
  settings: {},
};

function intent(attempt: number, at = NOON, key = KEY): JournalEntry {
  return { type: 'intent', key, attempt, at };
}

function tried(attempts: number, inDoubt: boolean, key = KEY): JournalEntry {
  return { type: 'try', key, settlement: aTry(attempts, inDoubt) };
}

function aTry(attempts: number, inDoubt: boolean): Settlement {
  const outcome = inDoubt ? 'unknown' : 'unavailable';
  return aSettlement({ outcome, returnCode: '10004', attempts, sentAt: attempts === 0 ? undefined : NOON });
}

function settled(outcome: Outcome, key = KEY): JournalEntry {
  return { type: 'settled', key, settlement: aSettlement({ outcome }) };
}

function replayOf(...entries: readonly JournalEntry[]): JournalReplay {
  // Always there: a replay asks only for what it was given.
  const replay = new JournalReplay((number) => entries[number - 1]!);
  for (const entry of entries) replay.add(entry);
  return replay;
}

describe('a killed run that left of a row', () => {
  test('nothing, never came to it', () => {
    expect(replayOf().take(KEY)).toBeUndefined();
    expect(replayOf(run, intent(1, NOON, 'otp:bob')).take(KEY)).toBeUndefined();
  });

  test('an intent, may have sent it: it is unknown, and the send counts', () => {
    expect(replayOf(run, intent(1)).take(KEY)).toStrictEqual({
      outcome: 'unknown',
      returnCode: '',
      message: '',
      httpStatus: undefined,
      attempts: 1,
      sentAt: NOON,
      latencyMs: undefined,
      detail: 'The run was cut off with a send of this row under way: it may have been applied. Rerun.',
    });
  });

  test('an intent on top of earlier runs counts their sends too', () => {
    expect(replayOf(intent(6)).take(KEY)).toMatchObject({ outcome: 'unknown', attempts: 6 });
  });

  test('a try, is what that left: its answer and its doubt', () => {
    expect(replayOf(intent(1), tried(1, true)).take(KEY)).toEqual(aTry(1, true));
    expect(replayOf(intent(1), tried(1, false)).take(KEY)).toEqual(aTry(1, false));
    expect(replayOf(intent(1), tried(1, true), intent(2), tried(2, true)).take(KEY)).toEqual(aTry(2, true));
  });

  test('a try that never left, has no send', () => {
    expect(replayOf(intent(1), tried(0, false)).take(KEY)).toMatchObject({ attempts: 0, sentAt: undefined });
  });

  test('an intent after a try, may have sent it at that time', () => {
    const entries = [intent(1), tried(1, true), intent(2, NOON + 5000)];
    expect(replayOf(...entries).take(KEY)).toMatchObject({
      outcome: 'unknown',
      returnCode: '',
      attempts: 2,
      sentAt: NOON + 5000,
    });
  });

  test('another intent after a try without doubt, may have sent it', () => {
    expect(replayOf(intent(1), tried(1, false), intent(2)).take(KEY)).toMatchObject({
      outcome: 'unknown',
      attempts: 2,
    });
  });

  test.each(['registered', 'refused', 'key_lost', 'unknown'] as const)('its end (%s), is that', (outcome) => {
    const entries = [intent(1), tried(1, true), intent(2), settled(outcome)];
    expect(replayOf(...entries).take(KEY)).toEqual(aSettlement({ outcome }));
  });
});

describe('the rows of a killed run', () => {
  const replay = (): JournalReplay =>
    replayOf(
      run,
      intent(1, NOON, 'a'),
      settled('registered', 'a'),
      settled('already_registered', 'b'),
      settled('refused', 'c'),
      settled('unavailable', 'd'),
      settled('unknown', 'e'),
      settled('key_lost', 'f'),
      intent(1, NOON, 'g'),
      tried(1, false, 'h'),
    );

  test('are done, in doubt or neither', () => {
    expect(replay().counts()).toEqual({ done: 2, inDoubt: 3, left: 3 });
    expect(replayOf(run).counts()).toEqual({ done: 0, inDoubt: 0, left: 0 });
  });

  test('are taken once', () => {
    const rows = replay();
    expect(rows.take('a')).toEqual(aSettlement());
    expect(rows.take('a')).toBeUndefined();
  });

  test('that nobody took are still there', () => {
    const rows = replay();
    for (const key of ['a', 'b', 'c', 'd', 'e', 'h']) rows.take(key);
    expect([...rows.rest()]).toMatchObject([
      { key: 'f', settlement: { outcome: 'key_lost' } },
      { key: 'g', settlement: { outcome: 'unknown', attempts: 1 } },
    ]);
    expect([...replayOf(run).rest()]).toEqual([]);
  });

  test('cost as many sends as may have left', () => {
    expect(replay().sends).toBe(2);
    expect(replayOf(run).sends).toBe(0);
    expect(replayOf(intent(1), tried(0, false), intent(1), tried(1, true)).sends).toBe(1);
    const settledUnsent: JournalEntry = { type: 'settled', key: KEY, settlement: aSettlement({ attempts: 4 }) };
    expect(replayOf(intent(4), tried(4, true), intent(5), settledUnsent).sends).toBe(1);
  });

  test('may have any name', () => {
    const names = ['__proto__', 'constructor', 'otp:a:b', 'otp:'];
    const rows = replayOf(...names.map((name) => intent(1, NOON, name)));
    expect(Array.from(rows.rest(), ({ key }) => key)).toEqual(names);
  });
});

describe('what was sent', () => {
  const content = { signature: 'd1', status: '2', algorithm: '1' };
  const sent: JournalEntry = { type: 'intent', key: 'pki:ben', attempt: 1, at: NOON, content };
  const end = (outcome: Outcome): JournalEntry => settled(outcome, 'pki:ben');

  test('is known of a row in doubt, also when it was taken', () => {
    for (const entries of [[sent], [sent, tried(1, true, 'pki:ben')], [sent, end('unknown')]]) {
      const replay = replayOf(...entries);
      replay.take('pki:ben');
      expect(replay.contentInDoubt('pki:ben')).toEqual(content);
    }
  });

  test('does not matter any more once there is no doubt', () => {
    for (const entries of [[run], [sent, tried(1, false, 'pki:ben')], [sent, end('registered')]]) {
      expect(replayOf(...entries).contentInDoubt('pki:ben')).toBeUndefined();
    }
  });
});

test('a kill at any moment costs no send and no doubt', () => {
  const sends = fc.array(fc.record({ hasLeft: fc.boolean(), inDoubt: fc.boolean() }), { maxLength: 6 });
  fc.assert(
    fc.property(sends, fc.option(anySettlement, { nil: undefined }), fc.nat(), (tries, end, killedAfter) => {
      const entries: JournalEntry[] = [];
      /** After each entry: sends so far, may one be under way, and is one in doubt. */
      const truths: { sent: number; isUnderWay: boolean; inDoubt: boolean }[] = [];
      let sent = 0;
      let inDoubt = false;
      for (const [at, send] of tries.entries()) {
        entries.push(intent(sent + 1, NOON + at));
        truths.push({ sent: sent + (send.hasLeft ? 1 : 0), isUnderWay: true, inDoubt });
        sent += send.hasLeft ? 1 : 0;
        inDoubt ||= send.hasLeft && send.inDoubt;
        entries.push(tried(sent, inDoubt));
        truths.push({ sent, isUnderWay: false, inDoubt });
      }
      const kept = entries.slice(0, killedAfter % (entries.length + 1));
      const truth = truths[kept.length - 1];
      const replayed = replayOf(...kept).take(KEY);
      if (truth === undefined) {
        expect(replayed).toBeUndefined();
        return;
      }
      expect(replayed?.attempts).toBeGreaterThanOrEqual(truth.sent);
      expect(replayed && isInDoubt(replayed.outcome)).toBe(truth.isUnderWay || truth.inDoubt);
      expect(replayed?.sentAt === undefined).toBe(replayed?.attempts === 0);
      if (end !== undefined) {
        const ended: JournalEntry = { type: 'settled', key: KEY, settlement: end };
        expect(replayOf(...entries, ended).take(KEY)).toBe(end);
      }
    }),
  );
});
