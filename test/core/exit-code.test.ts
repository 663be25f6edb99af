import { describe, expect, test } from 'vitest';
import { EXIT_CODES, exitCodeOf, failuresToRepeat } from '../../src/core/exit-code.js';
import type { StopKind } from '../../src/core/stop.js';

const TABLE: readonly [keyof typeof EXIT_CODES, number, saying: string][] = [
  ['done', 0, 'every row done'],
  ['fix', 1, 'what is left needs a correction (`fix`)'],
  ['usage', 2, 'nothing sent: wrong usage, settings, or an unreadable input'],
  ['rerun', 3, 'rerunning helps (`yes` rows left)'],
  ['stopped', 4, 'stopped early, a later repetition may help: server away'],
  ['locked', 5, "another run holds this input, or this administrator's session"],
  ['person', 6, 'stopped early, a person must act first: administrator, licence or right refused'],
  ['bug', 70, 'please report'],
  ['interrupted', 130, 'SIGINT'],
  ['terminated', 143, 'SIGTERM'],
];

describe('the table of exit codes', () => {
  test('holds these and no other', () => {
    expect(Object.keys(EXIT_CODES)).toEqual(TABLE.map(([name]) => name));
  });

  test.each(TABLE)('%s is %d: %s', (name, code, saying) => {
    expect(EXIT_CODES[name].code).toBe(code);
    expect(EXIT_CODES[name].meaning).toContain(saying);
  });

  test('gives every end a code of its own', () => {
    expect(new Set(TABLE.map(([, code]) => code)).size).toBe(TABLE.length);
  });
});

describe('a schedule', () => {
  test('repeats what a repetition may help, and never what somebody must mend first', () => {
    expect(failuresToRepeat(true)).toEqual([3, 4, 5, 130, 143]);
    expect(failuresToRepeat(false)).toEqual([1, 2, 6, 70]);
    expect(EXIT_CODES.done.isToRepeat).toBe(false);
  });
});

describe('a run that wrote its files ends', () => {
  test.each([
    ['with 0 when every row is done', 0, { no: 5, yes: 0, fix: 0 }],
    ['with 0 when there was no row', 0, { no: 0, yes: 0, fix: 0 }],
    ['with 1 when what is left needs a correction', 1, { no: 5, yes: 0, fix: 1 }],
    ['with 3 when rerunning helps', 3, { no: 5, yes: 1, fix: 0 }],
    ['with 3 when rerunning helps some rows, and others need a correction', 3, { no: 0, yes: 1, fix: 7 }],
  ])('%s', (_, code, byRetry) => {
    expect(exitCodeOf({ stop: undefined, byRetry })).toBe(code);
  });

  test.each<[StopKind, number]>([
    ['stopped', 4],
    ['person', 6],
    ['locked', 5],
    ['bug', 70],
    ['interrupted', 130],
    ['terminated', 143],
  ])('as %s with %d, whatever became of its rows', (kind, code) => {
    for (const yes of [0, 1]) {
      for (const fix of [0, 1]) {
        expect(exitCodeOf({ stop: { kind, reason: 'why' }, byRetry: { no: 1, yes, fix } })).toBe(code);
      }
    }
  });
});
