import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import type { AddedColumn } from '../../src/input/added-column.js';
import { keyText } from '../../src/plan/row-key.js';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import type { Outcome } from '../../src/row/outcome.js';
import { isInDoubt } from '../../src/row/outcome.js';
import { settleUnreached } from '../../src/row/row-state.js';
import { JournalReplay } from '../../src/plan/journal-replay.js';
import { aHeader } from '../support/builders.js';
import { anyEvents, FakeServer, USERS } from '../support/fake-server.js';
import { aSettlement, NAMES, plan, resultsOf, RULES, Stem, tell } from '../support/planning.js';
import type { Meets, Planned, Table } from '../support/planning.js';
import { runs } from '../support/suite.js';

const HEADER = aHeader(NAMES);
const otp = (name: string): string[] => [name, 'otp', '', ''];

describe('which file leads', () => {
  const DONE = aSettlement('registered');
  const REFUSED = aSettlement('refused');

  test('a first input leads, with the results of earlier runs or without', async () => {
    expect(tell(await plan([NAMES, otp('ann')]))).toEqual(['2 ann register']);
    const results = resultsOf([[otp('ann'), 7, DONE]]);
    expect(tell(await plan([NAMES, otp('ann')], { results }))).toEqual(['2 ann carry registered']);
  });

  test('a failed file is led by the results, or leads itself', async () => {
    const failed = resultsOf([[otp('ben'), 3, REFUSED]]);
    const results = resultsOf([
      [otp('ann'), 2, DONE],
      [otp('ben'), 3, REFUSED],
    ]);
    expect(tell(await plan(failed, { results }))).toEqual(['2 ann carry registered', '3 ben register after refused']);
    expect(tell(await plan(failed))).toEqual(['3 ben register after refused']);
  });
});

describe('what a killed run knew of rows that neither file has', () => {
  const forgotten = () => [
    { key: 'otp:ann', settlement: aSettlement('unknown') },
    { key: 'pki:a:b', settlement: aSettlement('registered') },
  ];

  test('comes at the end, on lines of its own, in the columns of the file', async () => {
    const planned = await plan(
      [
        ['Dept', 'token_type', 'User Name'],
        ['sales', 'otp', 'ben'],
      ],
      { forgotten },
    );
    expect(planned.rows.slice(1)).toEqual([
      { line: 3, cells: ['', 'otp', 'ann'], plan: { kind: 'carry', settlement: aSettlement('unknown') } },
      { line: 4, cells: ['', 'pki', 'a:b'], plan: { kind: 'carry', settlement: aSettlement('registered') } },
    ]);
  });

  test('comes behind the highest line, also where the lines are not in order', async () => {
    const old = resultsOf([
      [otp('ann'), 9, aSettlement('refused')],
      [otp('ben'), 2, aSettlement('refused')],
    ]);
    const planned = await plan(old, { results: old, forgotten });
    expect(planned.rows.map(({ line }) => line)).toEqual([9, 2, 10, 11]);
  });

  test('is asked for when all others are planned', async () => {
    let isAsked = false;
    const takeReplayed = () => {
      expect(isAsked).toBe(false);
      return undefined;
    };
    const rules = { ...RULES, takeReplayed };
    const ask = () => {
      isAsked = true;
      return [];
    };
    await plan([NAMES, otp('ann'), otp('ben')], { rules, forgotten: ask });
    expect(isAsked).toBe(true);
  });
});

/*
 * The laws of rerunning, on small departments: few users, so that duplicates, contradictions, swaps and doubt meet.
 */

type Command = 'runInput' | 'runFailed' | 'runResults';
const anyCommand = fc.constantFrom<Command>('runInput', 'runFailed', 'runResults');

const anyRow = fc
  .record({
    user: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...USERS) }, { weight: 1, arbitrary: fc.constant('') }),
    type: fc.constantFrom('otp', 'pki'),
    path: fc.constantFrom('a.p7s', 'b.p7s'),
    status: fc.constantFrom('1', '2', 'nonsense'),
  })
  .map(({ user, type, path, status }) => (type === 'otp' ? otp(user) : [user, type, path, status]));
const anyRows = fc.array(anyRow, { minLength: 1, maxLength: 8 });

/** What an operator writes over a row of the failed file. */
interface Edit {
  readonly at: number;
  readonly user: string | undefined;
  readonly status: string | undefined;
}
const anyEdit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(7),
  user: fc.option(fc.constantFrom(...USERS), { nil: undefined }),
  status: fc.option(fc.constantFrom('1', '2'), { nil: undefined }),
});

/** One step of an operator: edits and runs the failed file, or runs any of the files. */
const anyStep = fc.record({
  commands: fc.tuple(anyCommand, anyCommand),
  edits: fc.option(fc.array(anyEdit, { minLength: 1, maxLength: 3 })),
});

const textOf = (record: readonly string[]): string => JSON.stringify(record.slice(0, NAMES.length));
const addedOf = (record: readonly string[], column: AddedColumn): string =>
  record[NAMES.length + ADDED_COLUMN_NAMES.indexOf(column)] ?? '';
const keyOf = (record: readonly string[]): string | undefined => keyText(HEADER, record.slice(0, NAMES.length));
const outcomeOf = (record: readonly string[]): Outcome => addedOf(record, 'outcome') as Outcome;
const isRegistered = (record: readonly string[]): boolean => outcomeOf(record).endsWith('registered');
const rowsOf = (table: Table | undefined): readonly (readonly string[])[] => table?.slice(1) ?? [];

/** Writes over the rows of a failed file, each at most once. */
function edit(
  stem: Stem,
  edits: readonly Edit[],
  mayEdit: (record: readonly string[], failed: Table) => boolean,
): void {
  const failed = stem.failed!.map((record) => [...record]);
  const untouched = new Set(failed.slice(1).filter((record) => mayEdit(record, failed)));
  for (const { at, user, status } of edits) {
    const record = failed[1 + at];
    if (record === undefined || !untouched.delete(record)) continue;
    const edited = [...record];
    if (user !== undefined) edited[0] = user;
    if (status !== undefined && edited[1] === 'pki') edited[3] = status;
    if (mayEdit(edited, failed)) failed[1 + at] = edited;
  }
  stem.failed = failed;
}

/** No row that is done is sent again, no doubt is forgotten, no user is sent twice, nothing done is lost. */
function expectSafe(before: Table | undefined, planned: Planned, after: Table): void {
  const old = rowsOf(before);
  const done = new Set(old.filter(isRegistered).map(keyOf));
  const doubtful = new Set(old.filter((record) => isInDoubt(outcomeOf(record))).map(keyOf));
  const sent = new Set<string | undefined>();
  for (const { cells, plan: its } of planned.rows) {
    if (its.kind !== 'register') continue;
    const key = keyText(HEADER, cells);
    expect(done.has(key)).toBe(false);
    expect(sent.has(key)).toBe(false);
    sent.add(key);
    if (doubtful.has(key)) expect(isInDoubt(its.past!.outcome)).toBe(true);
  }
  const doneAfter = new Set(rowsOf(after).filter(isRegistered).map(keyOf));
  for (const key of done) expect(doneAfter.has(key)).toBe(true);
}

/** Each line of the input is there, once and in its order; what else is there came from earlier runs. */
function expectEachRowOnce(stem: Stem, planned: Planned): void {
  const lines = planned.rows.map(({ line }) => line);
  expect(lines.slice(0, stem.input.length - 1)).toEqual(rowsOf(stem.input).map((_, index) => index + 2));
  expect(new Set(lines).size).toBe(lines.length);
}

/** Over all its runs a row's sends only grow, and all together they are what the server saw. */
function expectAllSendsCounted(before: Table | undefined, after: Table, server: FakeServer): void {
  const old = new Map(rowsOf(before).map((record) => [addedOf(record, 'line'), Number(addedOf(record, 'attempts'))]));
  let sum = 0;
  for (const record of rowsOf(after)) {
    const attempts = Number(addedOf(record, 'attempts'));
    expect(attempts).toBeGreaterThanOrEqual(old.get(addedOf(record, 'line')) ?? 0);
    sum += attempts;
  }
  expect(sum).toBe(server.sends);
}

describe('the laws of rerunning', () => {
  test('whichever file is run, and how often: the results are those of running the input again and again', async () => {
    const property = fc.asyncProperty(
      anyRows,
      anyEvents,
      fc.array(anyCommand, { maxLength: 6 }),
      async (...[rows, events, commands]) => {
        const [stem, other] = [new Stem([NAMES, ...rows]), new Stem([NAMES, ...rows])];
        const [server, otherServer] = [new FakeServer(events), new FakeServer(events)];
        for (const command of ['runInput' as const, ...commands]) {
          const before = stem.results;
          const planned = await stem[command](server.meets);
          await other.runInput(otherServer.meets);
          expect(stem.results).toEqual(other.results);
          expect(stem.failed).toEqual(other.failed);
          expectEachRowOnce(stem, planned);
          expect(planned.rows).toHaveLength(rows.length);
          expectSafe(before, planned, stem.results!);
          expectAllSendsCounted(before, stem.results!, server);
        }
      },
    );
    await fc.assert(property, runs(300));
  });

  test('it converges: when the server is well, one run more ends all that can end, and then nothing changes', async () => {
    const property = fc.asyncProperty(anyRows, anyEvents, fc.array(anyCommand), async (rows, events, commands) => {
      const stem = new Stem([NAMES, ...rows]);
      const server = new FakeServer(events);
      for (const command of ['runInput' as const, ...commands]) await stem[command](server.meets);
      const well = new FakeServer(new Map());
      await stem.runFailed(well.meets);
      const { results } = stem;
      expect(rowsOf(stem.failed).filter((record) => addedOf(record, 'retry') === 'yes')).toEqual([]);
      expect(new Set(rowsOf(stem.failed).map(outcomeOf))).toEqual(
        new Set(rowsOf(stem.failed).length === 0 ? [] : ['invalid']),
      );
      for (const command of ['runInput', 'runFailed', 'runResults'] as const) {
        const planned = await stem[command](() => {
          throw new Error('nothing is left to send');
        });
        expect(stem.results).toEqual(results);
        expectEachRowOnce(stem, planned);
      }
    });
    await fc.assert(property, runs(200));
  });

  test('with corrections as well, where each corrected row can be told from all others', async () => {
    const anyDistinctRows = fc.uniqueArray(anyRow, { minLength: 1, maxLength: 8, selector: textOf });
    const property = fc.asyncProperty(
      anyDistinctRows,
      anyEvents,
      fc.array(anyStep, { maxLength: 6 }),
      async (...[rows, events, steps]) => {
        const stems = [new Stem([NAMES, ...rows]), new Stem([NAMES, ...rows])] as const;
        const servers = [new FakeServer(events), new FakeServer(events)] as const;
        await Promise.all(stems.map((stem, at) => stem.runInput(servers[at]!.meets)));
        for (const { commands, edits } of steps) {
          for (const [at, stem] of stems.entries()) {
            const before = stem.results;
            if (edits !== null) edit(stem, edits, (record, failed) => isOnlyOne(record, stem, failed));
            const command = edits === null ? commands[at]! : 'runFailed';
            const planned = await stem[command](servers[at]!.meets);
            expectEachRowOnce(stem, planned);
            expect(planned.rows).toHaveLength(rows.length);
            expectSafe(before, planned, stem.results!);
            expectAllSendsCounted(before, stem.results!, servers[at]!);
          }
          expect(stems[0].results).toEqual(stems[1].results);
          expect(stems[0].failed).toEqual(stems[1].failed);
        }
      },
    );
    await fc.assert(property, runs(300));
  });

  test('a row that is corrected into the twin of another one may change places with it: all sends are there', async () => {
    const stem = new Stem([NAMES, otp('ben'), otp('ann')]);
    const server = new FakeServer(
      new Map([
        ['ann', ['silence', 'refused']],
        ['ben', ['stop']],
      ]),
    );
    await stem.runInput(server.meets);
    edit(stem, [{ at: 0, user: 'ann', status: undefined }], () => true);
    for (const command of ['runFailed', 'runInput', 'runInput'] as const) {
      await stem[command](server.meets);
      const attempts = rowsOf(stem.results).map((record) => Number(addedOf(record, 'attempts')));
      expect(attempts.toSorted()).toEqual([0, server.sends]);
    }
    expect(rowsOf(stem.results).map(outcomeOf).toSorted()).toEqual(['duplicate', 'registered']);
  });

  test('whatever is corrected, re-sorted, added or taken away: nothing done is sent again or lost, no doubt forgotten', async () => {
    const anyInput = fc.option(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7]));
    const property = fc.asyncProperty(
      fc.array(anyRow, { minLength: 8, maxLength: 8 }),
      anyEvents,
      fc.array(fc.tuple(anyStep, anyInput), { maxLength: 8 }),
      async (...[rows, events, steps]) => {
        const stem = new Stem([NAMES, ...rows]);
        const server = new FakeServer(events);
        await stem.runInput(server.meets);
        for (const [{ commands, edits }, kept] of steps) {
          const before = stem.results;
          if (kept !== null) stem.input = [NAMES, ...kept.map((at) => rows[at]!)];
          else if (edits !== null) edit(stem, edits, () => true);
          const command = kept !== null ? 'runInput' : edits !== null ? 'runFailed' : commands[0];
          const planned = await stem[command](server.meets);
          expectSafe(before, planned, stem.results!);
          if (command === 'runInput') expectEachRowOnce(stem, planned);
          const lines = planned.rows.map(({ line }) => line);
          expect(new Set(lines).size).toBe(lines.length);
        }
      },
    );
    await fc.assert(property, runs(300));
  });

  test('a kill at any moment: its files end as if it had been interrupted there, each row once', async () => {
    const property = fc.asyncProperty(
      anyRows,
      anyEvents,
      fc.tuple(fc.array(anyCommand, { maxLength: 3 }), anyCommand, fc.nat(8)),
      async (...[rows, events, [commands, killed, killedAt]]) => {
        const stem = new Stem([NAMES, ...rows]);
        const server = new FakeServer(events);
        for (const command of ['runInput' as const, ...commands]) await stem[command](server.meets);

        const entries: JournalEntry[] = [];
        const replay = new JournalReplay((number) => entries[number - 1]!, '');
        const note = (entry: JournalEntry): void => {
          entries.push(entry);
          replay.add(entry);
        };
        const before = { results: stem.results, failed: stem.failed, corrections: stem.corrections };
        let sent = 0;
        const expected = new Map<number, Outcome>();
        const meets: Meets = (row) => {
          const { registration, past } = row.plan;
          const key = `${registration.tokenType}:${registration.username}`;
          sent += 1;
          if (sent > killedAt + 1) {
            expected.set(row.line, settleUnreached(past, '').outcome);
            return settleUnreached(past, 'the run was killed');
          }
          note({ type: 'intent', key, attempt: (past?.attempts ?? 0) + 1, at: 1 });
          if (sent > killedAt) {
            expected.set(row.line, 'unknown');
            return aSettlement('unknown');
          }
          const settlement = server.meets(row);
          note({ type: 'settled', key, settlement });
          expected.set(row.line, settlement.outcome);
          return settlement;
        };
        await stem[killed](meets);
        // The files of the killed run were never put in their place.
        const input = { runInput: stem.input, runFailed: before.failed!, runResults: before.results! }[killed];
        const planned = await plan(input, {
          results: before.results!,
          rules: { ...RULES, takeReplayed: (key) => replay.take(key) },
          forgotten: () => replay.rest(),
        });
        expect(planned.rows.map(({ line }) => line)).toEqual(rows.map((_, index) => index + 2));
        for (const { line, plan: its } of planned.rows) {
          const outcome = its.kind === 'register' ? settleUnreached(its.past, '').outcome : its.settlement.outcome;
          if (expected.has(line)) expect(outcome).toBe(expected.get(line));
        }
      },
    );
    await fc.assert(property, runs(200));
  });
});

/** Does no other row say the same, now or in the first input? What a correction is about is told by the cells alone. */
function isOnlyOne(record: readonly string[], stem: Stem, failed: Table): boolean {
  const text = textOf(record);
  const line = addedOf(record, 'line');
  const others = [...rowsOf(stem.results), ...rowsOf(failed)].filter((other) => addedOf(other, 'line') !== line);
  const isTwin = others.some((other) => textOf(other) === text);
  const origin = rowsOf(stem.input).findIndex((other) => textOf(other) === text);
  return !isTwin && (origin < 0 || String(origin + 2) === line);
}
