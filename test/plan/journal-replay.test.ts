import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import { isInDoubt } from '../../src/row/outcome.js';
import type { Outcome } from '../../src/row/outcome.js';
import type { Settlement } from '../../src/row/settlement.js';
import { JournalReplay } from '../../src/plan/journal-replay.js';
import { anySettlement, aSettlement, NOON } from '../support/builders.js';

const KEY = 'otp:ann';
/** Of the machine that replays. */
const BOOT = 'this boot';

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

/** Of the same boot as the replay: what is not marked surely never left. */
const markedRun: JournalEntry = { ...run, bootId: BOOT };

function intent(attempt: number, at = NOON, key = KEY): JournalEntry {
  return { type: 'intent', key, attempt, at };
}

function left(attempt: number, at = NOON, key = KEY): JournalEntry {
  return { type: 'intent', key, attempt, at, hasLeft: true };
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
  const replay = new JournalReplay((number) => entries[number - 1]!, BOOT);
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

describe('on the same boot, an intent without a mark', () => {
  test('surely never left: the run never came to its row', () => {
    const replay = replayOf(markedRun, intent(1));
    expect(replay.take(KEY)).toBeUndefined();
    expect([...replay.rest()]).toEqual([]);
    expect(replay.sends).toBe(0);
    expect(replay.counts()).toEqual({ done: 0, inDoubt: 0, left: 0 });
  });

  test('leaves its row as the try before it did', () => {
    for (const inDoubt of [true, false]) {
      const replay = replayOf(markedRun, left(1), tried(1, inDoubt), intent(2));
      expect(replay.take(KEY)).toEqual(aTry(1, inDoubt));
      expect(replay.sends).toBe(1);
    }
  });

  test('says nothing of what was sent before', () => {
    const content = { signature: 'd1', status: '2', algorithm: '1' };
    const sent: JournalEntry = { type: 'intent', key: KEY, attempt: 1, at: NOON, content, hasLeft: true };
    const next: JournalEntry = { type: 'intent', key: KEY, attempt: 2, at: NOON, content: { ...content, status: '3' } };
    expect(replayOf(markedRun, sent, tried(1, true), next).contentInDoubt(KEY)).toEqual(content);
  });

  test('with a mark, it may have been sent', () => {
    const replay = replayOf(markedRun, left(1));
    expect(replay.take(KEY)).toMatchObject({ outcome: 'unknown', attempts: 1, sentAt: NOON });
    expect(replay.sends).toBe(1);
  });
});

test.each<[string, JournalEntry, string]>([
  ['after a power cut', { ...run, bootId: 'the boot before' }, BOOT],
  ['where no boot is known', { ...run, bootId: '' }, ''],
  ['where none is known any more', markedRun, ''],
  ['in a journal without marks', run, BOOT],
])('%s, any intent may have been sent', (...[, first, bootId]) => {
  const replay = new JournalReplay(() => first, bootId);
  for (const entry of [first, intent(1)]) replay.add(entry);
  expect(replay.take(KEY)).toMatchObject({ outcome: 'unknown', attempts: 1 });
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

test('a kill on the same boot: a row is in doubt for what left and for nothing else, at any moment', () => {
  /** How far a send comes: its intent, its mark, its bytes, and what the try behind it says. */
  const anySend = fc.record({ hasLeft: fc.boolean(), inDoubt: fc.boolean() });
  const keys = ['otp:ann', 'pki:ben', 'otp:cy'];
  const anySends = fc.array(fc.tuple(fc.constantFrom(...keys), anySend), { maxLength: 12 });
  fc.assert(
    fc.property(anySends, fc.constantFrom('intent', 'mark', 'try'), (sends, killedAt) => {
      const entries: JournalEntry[] = [markedRun];
      const sent = new Map<string, number>();
      const doubt = new Map<string, boolean>();
      const seen = (key: string): number => sent.get(key) ?? 0;
      for (const [at, [key, { hasLeft, inDoubt }]] of sends.entries()) {
        const isLast = at === sends.length - 1;
        const isMarked = hasLeft && !(isLast && killedAt === 'intent');
        entries.push((isMarked ? left : intent)(seen(key) + 1, NOON + at, key));
        if (isMarked) sent.set(key, seen(key) + 1);
        if (isLast && killedAt !== 'try') doubt.set(key, isMarked || doubt.get(key) === true);
        else {
          doubt.set(key, (isMarked && inDoubt) || doubt.get(key) === true);
          entries.push(tried(seen(key), doubt.get(key) === true, key));
        }
      }
      const replay = replayOf(...entries);
      expect(replay.sends).toBe(keys.reduce((sum, key) => sum + seen(key), 0));
      for (const key of keys) {
        const settlement = replay.take(key);
        expect(settlement?.attempts ?? 0).toBe(seen(key));
        expect(settlement !== undefined && isInDoubt(settlement.outcome)).toBe(doubt.get(key) ?? false);
      }
    }),
  );
});

test('what was sent last of a row is told of settled rows too, and of those that never left not', () => {
  const sent = (attempt: number, signature: string, key = KEY): JournalEntry => ({
    ...{ type: 'intent', key, attempt, at: NOON, hasLeft: true },
    content: { signature },
  });
  const stayed: JournalEntry = { type: 'intent', key: 'pki:bob', attempt: 1, at: NOON, content: { signature: 'c' } };
  const replay = replayOf(markedRun, sent(1, 'a'), tried(1, true), sent(2, 'b'), settled('registered'), stayed);
  expect([KEY, 'pki:bob', 'otp:cem'].map((key) => replay.contentOf(key))).toEqual([
    { signature: 'b' },
    undefined,
    undefined,
  ]);
  expect(replay.contentInDoubt(KEY)).toBeUndefined();
});
