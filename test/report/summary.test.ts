import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OUTCOME_NAMES, retryOf } from '../../src/row/outcome.js';
import { SummaryCounter } from '../../src/report/summary.js';
import type { EndedRow } from '../../src/report/summary.js';
import { anySettlement, aSettlement } from '../support/builders.js';

function anEndedRow(changes: Partial<EndedRow> = {}): EndedRow {
  return {
    row: { line: 2, cells: [] },
    settlement: aSettlement(),
    carried: false,
    sends: 1,
    withoutKey: false,
    ...changes,
  };
}

function counterOf(...rows: readonly EndedRow[]): SummaryCounter {
  const counter = new SummaryCounter();
  for (const row of rows) counter.add(row);
  return counter;
}

describe('the summary of a run', () => {
  test('begins with nothing', () => {
    expect(counterOf().result(undefined)).toEqual({
      rows: 0,
      carried: 0,
      sends: 0,
      byOutcome: Object.fromEntries(OUTCOME_NAMES.map((outcome) => [outcome, 0])),
      byRetry: { no: 0, yes: 0, fix: 0 },
      byReturnCode: {},
      withoutKey: 0,
      leftOut: 0,
      fixOutside: 0,
      stop: undefined,
    });
    expect(counterOf().shortText()).toBe('');
  });

  test('counts rows, sends, what was carried and what came without a key', () => {
    const counter = counterOf(
      anEndedRow({ withoutKey: true }),
      anEndedRow({ carried: true, sends: 0 }),
      anEndedRow({ settlement: aSettlement({ outcome: 'refused', returnCode: '22002' }), sends: 3 }),
      anEndedRow({ settlement: aSettlement({ outcome: 'not_sent', returnCode: '' }), sends: 0 }),
    );
    expect([counter.rows, counter.sends]).toEqual([4, 4]);
    expect(counter.result(undefined)).toMatchObject({
      rows: 4,
      carried: 1,
      sends: 4,
      withoutKey: 1,
      byOutcome: { registered: 2, refused: 1, not_sent: 1, unknown: 0 },
      byRetry: { no: 2, yes: 1, fix: 1 },
    });
    expect(counter.result(undefined).byReturnCode).toEqual({ '0': 2, '22002': 1 });
  });

  test('says why the run stopped', () => {
    const stop = { kind: 'stopped', reason: 'the licence ended' } as const;
    expect(counterOf().result(stop).stop).toBe(stop);
  });

  test('in short names only what there is, in the order of the outcomes', () => {
    const outcomes = ['unknown', 'registered', 'registered', 'refused'] as const;
    const counter = counterOf(...outcomes.map((outcome) => anEndedRow({ settlement: aSettlement({ outcome }) })));
    expect(counter.shortText()).toBe('registered 2, refused 1, unknown 1');
  });

  test('that was given out does not change with the rows that follow', () => {
    const counter = counterOf(anEndedRow());
    const early = counter.result(undefined);
    counter.add(anEndedRow());
    expect([early.byOutcome.registered, early.byRetry.no, early.byReturnCode['0']]).toEqual([1, 1, 1]);
  });

  test('counts every row once, by outcome and by retry', () => {
    fc.assert(
      fc.property(fc.array(anySettlement), (settlements) => {
        const { rows, byOutcome, byRetry } = counterOf(
          ...settlements.map((settlement) => anEndedRow({ settlement })),
        ).result(undefined);
        expect(rows).toBe(settlements.length);
        for (const outcome of OUTCOME_NAMES) {
          expect(byOutcome[outcome]).toBe(settlements.filter((settlement) => settlement.outcome === outcome).length);
        }
        for (const marker of ['no', 'yes', 'fix'] as const) {
          expect(byRetry[marker]).toBe(settlements.filter((settlement) => retryOf(settlement) === marker).length);
        }
      }),
    );
  });
});

describe('the return codes in a summary', () => {
  const withCode = (returnCode: string) => anEndedRow({ settlement: aSettlement({ returnCode }) });

  test('are a hundred at most, though a server makes up a new one for every row', () => {
    const codes = Array.from({ length: 250 }, (_, at) => `code ${at}`);
    const { byReturnCode } = counterOf(...[...codes, 'code 7'].map(withCode)).result(undefined);
    expect(Object.keys(byReturnCode)).toHaveLength(101);
    expect(byReturnCode).toMatchObject({ 'code 0': 1, 'code 7': 2, 'code 99': 1, other: 150 });
  });

  test('are made safe, and one that is listed is counted on however many there are', () => {
    const hostile = `=cmd()\u001b${'x'.repeat(100)}`;
    const codes = [hostile, ...Array.from({ length: 120 }, (_, at) => `code ${at}`), hostile];
    const { byReturnCode } = counterOf(...codes.map(withCode)).result(undefined);
    const [shown] = Object.keys(byReturnCode).filter((code) => code.includes('cmd'));
    expect(shown).toHaveLength(40);
    expect(shown).toMatch(/^'=cmd\(\)\\x1bx+…$/);
    expect(byReturnCode[shown ?? '']).toBe(2);
    expect(byReturnCode['other']).toBe(21);
  });

  test('may be any word', () => {
    const { byReturnCode } = counterOf(...['__proto__', 'constructor', '__proto__'].map(withCode)).result(undefined);
    expect(Object.entries(byReturnCode)).toEqual([
      ['__proto__', 2],
      ['constructor', 1],
    ]);
  });
});
