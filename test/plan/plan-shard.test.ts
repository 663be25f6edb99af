import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/input-error.js';
import { Corrections } from '../../src/input/correction.js';
import { ownRows, planShard } from '../../src/plan/plan-shard.js';
import type { PlanContext } from '../../src/plan/plan-context.js';
import type { PlanWarning } from '../../src/plan/plan-warning.js';
import type { PlannedRow } from '../../src/plan/planned-row.js';
import { shardOf } from '../../src/plan/shard.js';
import type { Shard } from '../../src/plan/shard.js';
import { aSettlement, fileOf, NAMES, plan, resultsOf, RULES, Stem, tell } from '../support/planning.js';
import type { Meets, OldRecord, Table } from '../support/planning.js';
import { runs } from '../support/suite.js';

const otp = (name: string): string[] => [name, 'otp', '', ''];
const WHOLE: Shard = { index: 0, count: 1 };

interface Options extends Partial<Pick<PlanContext, 'rules'>> {
  readonly results?: Table | undefined;
  readonly left?: Table;
  readonly hasKeySince?: PlanContext['rules']['hasKeySince'];
}

async function planOf(
  shard: Shard,
  input: Table,
  { results, left, rules = RULES, hasKeySince = () => false }: Options,
) {
  const warnings: PlanWarning[] = [];
  const planned = planShard(
    {
      input: fileOf(input),
      results: results && fileOf(results, { name: 'users.results.csv' }),
      corrections: new Corrections(),
      rules,
      warn: (warning) => warnings.push(warning),
    },
    { shard, results: left && fileOf(left, { name: 'users.shard-0-of-1.results.csv' }), hasKeySince },
  );
  const rows: PlannedRow[] = [];
  for await (const row of ownRows(planned).rows) rows.push(row);
  return { rows, warnings };
}

const USERS = ['ann', 'Ann', 'ben', 'cem', 'dan', 'eve', 'fay', ' gil ', '', 'ＡＮＮ', '=hal'];
const anyRow = fc.tuple(
  fc.constantFrom(...USERS),
  fc.constantFrom('otp', 'pki', 'OTP ', 'smoke'),
  fc.constantFrom('', 'a.p7s'),
  fc.constantFrom('', '2', 'x'),
);
const anyOutcome = fc.constantFrom('registered', 'refused', 'unknown', 'unavailable', 'key_lost', 'not_sent');

describe('the plans of all shards', () => {
  it('come to that of one run: each row once, as it stands there, and each warning', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          before: fc.array(anyRow, { maxLength: 12 }),
          now: fc.array(anyRow, { maxLength: 12 }),
          outcomes: fc.array(anyOutcome, { minLength: 1, maxLength: 5 }),
          count: fc.integer({ min: 1, max: 16 }),
          history: fc.constantFrom('none', 'input', 'failed'),
        }),
        async ({ before, now, outcomes, count, history }) => {
          const stem = new Stem([NAMES, ...before]);
          let at = 0;
          const meets: Meets = () => aSettlement(outcomes[(at += 1) % outcomes.length] ?? 'registered');
          if (history !== 'none') await stem.runInput(meets);
          const table = history === 'failed' ? stem.failed : undefined;
          const input =
            table === undefined
              ? [NAMES, ...now]
              : [...table, ...now.slice(0, 2).map((row) => [...row, ...Array<string>(10).fill('')])];
          const results = history === 'none' ? undefined : stem.results;
          const whole = await plan(input, results && { results });
          expect(whole.error).toBeUndefined();
          const all: PlannedRow[] = [];
          const warnings: PlanWarning[] = [];
          for (let index = 0; index < count; index += 1) {
            const part = await planOf({ index, count }, input, { results });
            for (const { cells } of part.rows) expect(shardOf((cells[0] ?? '').trim(), count)).toBe(index);
            all.push(...part.rows);
            warnings.push(...part.warnings);
          }
          expect(all.sort((one, other) => one.line - other.line)).toEqual(
            [...whole.rows].sort((one, other) => one.line - other.line),
          );
          const order = (list: PlanWarning[]): string[] => list.map((warning) => JSON.stringify(warning)).sort();
          expect(order(warnings)).toEqual(order(whole.warnings));
        },
      ),
      runs(300),
    );
  });
});

/** Done, on the lines of an input. */
function leftOf(users: readonly string[], type = 'otp'): OldRecord[] {
  return users.map((user, at) => [[user, type, '', ''], at + 2, aSettlement('registered')]);
}

describe('a shard that is run again goes on from what it left', () => {
  const INPUT = [NAMES, otp('ann'), otp('ben'), otp('cem'), otp('ann')];

  it('whatever the history of the whole says', async () => {
    const results = resultsOf([
      [otp('ann'), 2, aSettlement('refused')],
      [otp('cem'), 4, aSettlement('registered')],
    ]);
    const left = resultsOf([
      [otp('ann'), 2, aSettlement('registered')],
      [otp('ben'), 3, aSettlement('unknown')],
      [otp('cem'), 4, aSettlement('registered')],
      [otp('ann'), 5, aSettlement('duplicate')],
    ]);
    expect(tell(await planOf(WHOLE, INPUT, { results, left }))).toEqual([
      '2 ann carry registered',
      '3 ben register after unknown',
      '4 cem carry registered',
      '5 ann settle duplicate',
    ]);
  });

  it('and from what its journal and its keys know', async () => {
    const left = resultsOf([
      [otp('ann'), 2, aSettlement('not_sent')],
      [otp('ben'), 3, aSettlement('unknown')],
      [otp('cem'), 4, aSettlement('refused')],
      [otp('ann'), 5, aSettlement('duplicate')],
    ]);
    const replayed = new Map([
      ['otp:ann', aSettlement('registered')],
      ['otp:cem', aSettlement('unknown', { attempts: 2 })],
    ]);
    const takeReplayed = (key: string) => replayed.get(key);
    const hasKeySince = (username: string): boolean => username === 'ben';
    const planned = await planOf(WHOLE, INPUT, { left, hasKeySince, rules: { ...RULES, takeReplayed } });
    expect(tell(planned)).toEqual([
      '2 ann carry registered',
      '3 ben settle registered',
      '4 cem carry unknown',
      '5 ann settle duplicate',
    ]);
  });

  it.each<[string, Table]>([
    ['a row less', resultsOf([[otp('ann'), 2, aSettlement('registered')]])],
    ['a row more', resultsOf([2, 3, 4, 5, 6].map((line) => [otp('ann'), line, aSettlement('registered')] as const))],
    ['another user', resultsOf(leftOf(['ann', 'zoe', 'cem', 'ann']))],
    ['another token type', resultsOf(leftOf(['ann', 'ben', 'cem', 'ann'], 'pki'))],
    ['others', resultsOf([2, 4, 3, 5].map((line) => [otp('ann'), line, aSettlement('registered')] as const))],
  ])('and not from results with %s', async (_, left) => {
    await expect(planOf(WHOLE, INPUT, { left })).rejects.toThrow(InputError);
  });
});
