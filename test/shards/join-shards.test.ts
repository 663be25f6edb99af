import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/usage-error.js';
import { Corrections } from '../../src/input/correction.js';
import { joinShards } from '../../src/shards/join-shards.js';
import { planRows } from '../../src/plan/plan-rows.js';
import { shardOf } from '../../src/plan/shard.js';
import { aSettlement, fileOf, NAMES, resultsOf, RULES } from '../support/planning.js';
import type { OldRecord, Table } from '../support/planning.js';
import { runs } from '../support/suite.js';

const otp = (name: string): string[] => [name, 'otp', '', ''];
const USERS = ['ann', 'ben', 'cem', 'dan', 'eve', 'fay', 'gil', 'hal'];
const DONE = aSettlement('registered');

/** The rows of each shard, as it leaves them. */
function shardsOf(users: readonly string[], count: number): (readonly OldRecord[])[] {
  const rows = users.map((user, at): OldRecord => [otp(user), at + 2, { ...DONE, returnCode: `${at}` }]);
  return Array.from({ length: count }, (_, index) => rows.filter(([[user = '']]) => shardOf(user, count) === index));
}

async function join(input: Table, shards: readonly (readonly OldRecord[])[], results?: Table) {
  const planned = planRows({
    input: fileOf(input),
    results: results && fileOf(results, { name: 'users.results.csv' }),
    corrections: new Corrections(),
    rules: RULES,
    warn: () => undefined,
  });
  const files = shards.map((rows, index) => fileOf(resultsOf(rows), { name: `users.shard-${index}.results.csv` }));
  const joined: [number, string, string][] = [];
  for await (const { line, cells, plan } of joinShards(planned, files))
    joined.push([line, cells[0] ?? '', plan.settlement.returnCode]);
  return joined;
}

const anyUsers = fc.shuffledSubarray(USERS, { minLength: 1 });
const anyCount = fc.integer({ min: 1, max: 16 });

describe('the rows of shards', () => {
  it('come together in the order of the input', async () => {
    await fc.assert(
      fc.asyncProperty(anyUsers, anyCount, async (users, count) => {
        expect(await join([NAMES, ...users.map(otp)], shardsOf(users, count))).toEqual(
          users.map((user, at) => [at + 2, user, `${at}`]),
        );
      }),
      runs(200),
    );
  });

  it('do not, when one is dropped, doubled, swapped with another, edited, or with another shard', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          users: anyUsers,
          count: anyCount,
          kind: fc.constantFrom(...Object.keys(MUTATIONS)),
          nat: fc.nat(),
        }),
        async ({ users, count, kind, nat }) => {
          const shards = shardsOf(users, count);
          const filled = shards.map((rows, index) => (rows.length > 0 ? index : -1)).filter((index) => index >= 0);
          const index = filled[nat % filled.length] ?? 0;
          const rows = shards[index] ?? [];
          const changed = MUTATIONS[kind]?.(rows, nat % rows.length) ?? rows;
          fc.pre(JSON.stringify(changed) !== JSON.stringify(rows));
          const joining = join([NAMES, ...users.map(otp)], shards.with(index, changed));
          await expect(joining).rejects.toThrow(UsageError);
          await expect(joining).rejects.toThrow(`restore the files of shard ${index}/${count} from`);
        },
      ),
      runs(500),
    );
  });

  it('are not those that went before: what was done stays as it was, and no send is forgotten', async () => {
    const input = [NAMES, otp('ann')];
    const results = (outcome: Parameters<typeof aSettlement>[0]) =>
      resultsOf([[otp('ann'), 2, aSettlement(outcome, { attempts: 2 })]]);
    const left = (changes: Partial<typeof DONE>): OldRecord[][] => [[[otp('ann'), 2, { ...DONE, ...changes }]]];
    expect(await join(input, left({ attempts: 3 }), results('refused'))).toHaveLength(1);
    await expect(join(input, left({ attempts: 1 }), results('refused'))).rejects.toThrow(
      /line 2 is not what became of it/,
    );
    await expect(join(input, left({ attempts: 3 }), results('registered'))).rejects.toThrow(
      /line 2 is not what became/,
    );
  });
});

const MUTATIONS: Readonly<Record<string, (rows: readonly OldRecord[], at: number) => readonly OldRecord[]>> = {
  dropped: (rows, at) => rows.filter((_, other) => other !== at),
  doubled: (rows, at) =>
    rows.flatMap((row, other) => (other === at ? [row, [row[0], row[1] + 100, row[2]] as const] : [row])),
  swapped: (rows, at) => rows.map((_, other) => rows[other === at ? 0 : other === 0 ? at : other] ?? [[], 0, DONE]),
  edited: (rows, at) => rows.map((row, other) => (other === at ? [[...row[0].slice(0, 3), '2'], row[1], row[2]] : row)),
  renamed: (rows, at) => rows.map((row, other) => (other === at ? [otp('zoe'), row[1], row[2]] : row)),
  moved: (rows, at) => rows.map((row, other) => (other === at ? [row[0], row[1] + 100, row[2]] : row)),
};
