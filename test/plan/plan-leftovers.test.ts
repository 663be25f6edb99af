import { describe, expect, test } from 'vitest';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import type { AddedColumn } from '../../src/input/added-column.js';
import { Corrections } from '../../src/input/correction.js';
import { InputError } from '../../src/core/input-error.js';
import type { Plan } from '../../src/plan/planned-row.js';
import { retryOf } from '../../src/row/outcome.js';
import { someUsedCells } from '../support/builders.js';
import { aSettlement, byHand, fileOf, NAMES, plan, resultsOf, RULES, Stem, tell } from '../support/planning.js';
import type { OldRecord, Planned, Table } from '../support/planning.js';

const otp = (name: string): string[] => [name, 'otp', '', ''];
const pki = (name: string, status = '2'): string[] => [name, 'pki', 'sig.p7s', status];
const settlementOf = (its: Plan | undefined) =>
  its === undefined || its.kind === 'register' ? undefined : its.settlement;
const used = ([username = '', token_type = '', signature_path = '', status = '']: string[]) =>
  someUsedCells({ username, token_type, signature_path, status, algorithm: '' });

const REFUSED = aSettlement('refused', { returnCode: '22002', attempts: 2 });
const DONE = aSettlement('registered', { returnCode: '0' });
const IN_DOUBT = aSettlement('unknown', { attempts: 3 });
const UNSENT = aSettlement('not_sent');

/** Results of a department: lines 2 to 6. */
const OLD: OldRecord[] = [
  [pki('ann'), 2, DONE],
  [pki('ben'), 3, REFUSED],
  [pki('cid'), 4, IN_DOUBT],
  [pki('dee'), 5, UNSENT],
  [pki('eve', 'bad'), 6, aSettlement('invalid')],
];
const RESULTS = resultsOf(OLD);
const [HEADER] = RESULTS as [string[]];

/** A plan without the lines of the file that it was made from. */
const meaning = ({ rows }: Pick<Planned, 'rows'>) =>
  rows.map(({ line, cells, plan: its }) => ({ line, cells, plan: its }));

/** The failed file of these results, with some of its rows as an operator leaves them. */
function failedOf(old: readonly OldRecord[], edits: Readonly<Record<number, string[]>> = {}): Table {
  const left = old.filter(([, , { outcome }]) => !['registered', 'already_registered', 'duplicate'].includes(outcome));
  return resultsOf(left.map(([cells, line, settlement]) => [edits[line] ?? cells, line, settlement]));
}

describe('a failed file as it is', () => {
  test('its rows are tried and take their place among those that are done', async () => {
    const planned = await plan(failedOf(OLD), { results: RESULTS });
    expect(tell(planned)).toEqual([
      '2 ann carry registered',
      '3 ben register after refused',
      '4 cid register after unknown',
      '5 dee register after not_sent',
      '6 eve settle invalid',
    ]);
    expect(planned.rows[1]?.plan).toMatchObject({ past: REFUSED });
    expect(planned.ownNames).toEqual(NAMES);
    expect(planned.warnings).toEqual([]);
    expect(planned.corrections.list()).toEqual([]);
  });

  test('re-sorted it means the same', async () => {
    const [header, ...rows] = failedOf(OLD);
    const sorted = await plan([header!, ...rows.toReversed()], { results: RESULTS });
    expect(meaning(sorted)).toEqual(meaning(await plan(failedOf(OLD), { results: RESULTS })));
  });

  test('each row has its line there too, for whoever corrects it', async () => {
    const planned = await plan([...failedOf(OLD), byHand(...pki('fay'))], { results: RESULTS });
    expect(planned.rows.map(({ line, inputLine }) => [line, inputLine])).toEqual([
      [2, undefined],
      [3, 2],
      [4, 3],
      [5, 4],
      [6, 5],
      [7, 6],
    ]);
  });

  test('rows that were deleted from it wait as they are', async () => {
    const planned = await plan(failedOf(OLD).slice(0, 2), { results: RESULTS });
    expect(tell(planned)).toEqual([
      '2 ann carry registered',
      '3 ben register after refused',
      '4 cid carry unknown',
      '5 dee carry not_sent',
      '6 eve carry invalid',
    ]);
  });

  test('and say why they are back, once', async () => {
    const settlements = (await plan([HEADER], { results: RESULTS })).rows.map(({ plan: its }) => settlementOf(its));
    const reason = "Not in this run's input: a row stays in the results";
    for (const [at, [, , past]] of OLD.entries()) {
      const { detail, ...rest } = settlements[at]!;
      expect(past).toMatchObject(rest);
      expect(detail.includes(reason)).toBe(retryOf(past) !== 'no');
      expect(detail.split(reason).length).toBeLessThanOrEqual(2);
    }
    const again = resultsOf(OLD.map(([cells, line], at) => [cells, line, settlements[at]!]));
    const [, ben] = (await plan([HEADER], { results: again })).rows.map(({ plan: its }) => settlementOf(its));
    expect(ben).toEqual(settlements[1]);
  });

  test('a stale one, whose rows are done meanwhile, changes nothing of these', async () => {
    const stale = failedOf([[pki('ann'), 2, REFUSED], ...OLD.slice(1)]);
    const planned = await plan(stale, { results: RESULTS });
    expect(tell(planned)[0]).toBe('2 ann carry registered');
    expect(planned.warnings).toEqual([
      {
        kind: 'added_cells',
        line: 2,
        text: '1 row has other cells than the results in outcome, retry, return_code, attempts, detail: the results stand',
      },
    ]);
  });

  test('a stale one, about lines that the results no longer have: its rows come at the end', async () => {
    const planned = await plan(failedOf([[pki('old'), 99, IN_DOUBT]]), { results: RESULTS });
    expect(tell(planned).at(-1)).toBe('7 old settle unknown');
  });
});

describe('a corrected row', () => {
  test('with another username takes the place of the old one, with its sends', async () => {
    const planned = await plan(failedOf(OLD, { 3: pki('benno') }), { results: RESULTS });
    expect(tell(planned)[1]).toBe('3 benno register after refused');
    expect(planned.rows[1]).toMatchObject({ cells: pki('benno'), plan: { past: { attempts: 2 } } });
    expect(planned.corrections.list()).toEqual([{ line: 3, from: used(pki('ben')), to: used(pki('benno')) }]);
    expect(planned.warnings).toEqual([]);
  });

  test('with another status is sent so, and warned of', async () => {
    const planned = await plan(failedOf(OLD, { 6: pki('eve', '1') }), { results: RESULTS });
    expect(planned.rows[4]?.plan).toMatchObject({ kind: 'register', registration: { status: '1' } });
    expect(planned.warnings.map(({ kind, line }) => [kind, line])).toEqual([['changed_cells', 6]]);
    expect(planned.corrections.list()).toHaveLength(1);
  });

  test('with another cell of its own brings that cell, and is no correction', async () => {
    const names = [...NAMES, 'dept'];
    const results = resultsOf([[[...pki('ben'), 'sales'], 3, REFUSED]], names);
    const failed = resultsOf([[[...pki('ben'), 'board'], 3, REFUSED]], names);
    const planned = await plan(failed, { results });
    expect(planned.rows[0]?.cells).toEqual([...pki('ben'), 'board']);
    expect(planned.corrections.list()).toEqual([]);
  });

  test('that is in doubt may change all but its user', async () => {
    const planned = await plan(failedOf(OLD, { 4: pki('cid', '1') }), { results: RESULTS });
    expect(planned.rows[2]?.plan).toMatchObject({ kind: 'register', registration: { status: '1' }, past: IN_DOUBT });
  });

  test('that is in doubt keeps its user: it is not forgotten for another one', async () => {
    const planned = await plan(failedOf(OLD, { 4: pki('sid') }), { results: RESULTS });
    expect(planned.rows[2]).toMatchObject({
      line: 4,
      cells: pki('cid'),
      plan: { kind: 'carry', settlement: IN_DOUBT },
    });
    expect(planned.warnings).toEqual([
      {
        kind: 'not_replaced',
        line: 4,
        text: 'cid is unknown: the change was not taken; another user gets a row of their own',
      },
    ]);
    expect(planned.corrections.list()).toEqual([]);
  });

  test('that is done meanwhile is not replaced', async () => {
    const stale = resultsOf([[pki('anna'), 2, REFUSED]]);
    const planned = await plan(stale, { results: RESULTS });
    expect(planned.rows[0]).toMatchObject({ line: 2, cells: pki('ann'), plan: { kind: 'carry', settlement: DONE } });
    expect(planned.warnings.map(({ kind }) => kind)).toEqual(['not_replaced', 'added_cells']);
  });

  test('two rows that swap their users do so', async () => {
    const planned = await plan(failedOf(OLD, { 3: pki('dee'), 5: pki('ben') }), { results: RESULTS });
    expect(tell(planned).slice(1, 4)).toEqual([
      '3 dee register after refused',
      '4 cid register after unknown',
      '5 ben register after not_sent',
    ]);
    expect(planned.corrections.list()).toHaveLength(2);
  });

  test.each([
    ['done', 'ann', 2],
    ['in doubt', 'cid', 4],
  ])('to a user that is %s on another line is not sent, and names that line', async (_, name, line) => {
    const same = await plan(failedOf(OLD, { 3: pki(name) }), { results: RESULTS });
    expect(tell(same)[1]).toBe(`3 ${name} settle duplicate`);
    expect(settlementOf(same.rows[1]?.plan)?.detail).toContain(`line ${line}`);
    // What was sent for the user that stood there before stays visible.
    expect(settlementOf(same.rows[1]?.plan)?.attempts).toBe(2);
    const other = await plan(failedOf(OLD, { 3: pki(name, '1') }), { results: RESULTS });
    expect(tell(other)[1]).toBe(`3 ${name} settle invalid`);
    expect(settlementOf(other.rows[1]?.plan)?.detail).toContain(`line ${line}`);
  });

  test('that contradicts a later row which is done is not sent the next time either', async () => {
    const old: OldRecord[] = [
      [pki('ann', '1'), 2, aSettlement('invalid', { attempts: 1 })],
      [pki('ann', '2'), 3, DONE],
    ];
    const planned = await plan(failedOf(old), { results: resultsOf(old) });
    expect(tell(planned)).toEqual(['2 ann settle invalid', '3 ann carry registered']);
    expect(settlementOf(planned.rows[0]?.plan)?.attempts).toBe(1);
  });

  test('to a user that stands on another line and is neither: the first of the two lines has the user', async () => {
    const down = await plan(failedOf(OLD, { 3: pki('dee') }), { results: RESULTS });
    expect(tell(down).slice(1, 4)).toEqual([
      '3 dee register after refused',
      '4 cid register after unknown',
      '5 dee settle duplicate',
    ]);
    const up = await plan(failedOf(OLD, { 5: pki('ben') }), { results: RESULTS });
    expect(tell(up).slice(1, 4)).toEqual([
      '3 ben register after refused',
      '4 cid register after unknown',
      '5 ben settle duplicate',
    ]);
  });

  test('to a user of a later row that the operator deleted from the file: that row is a duplicate now', async () => {
    const failed = failedOf(OLD, { 3: pki('dee') }).slice(0, 2);
    expect(tell(await plan(failed, { results: RESULTS })).slice(1, 4)).toEqual([
      '3 dee register after refused',
      '4 cid carry unknown',
      '5 dee settle duplicate',
    ]);
  });

  test('two rows corrected to one user are one and its duplicate', async () => {
    const planned = await plan(failedOf(OLD, { 3: pki('new'), 5: pki('new') }), { results: RESULTS });
    expect(tell(planned)[1]).toBe('3 new register after refused');
    expect(tell(planned)[3]).toBe('5 new settle duplicate');
  });

  test('with too many cells is invalid and says how many were expected of the file that it stands in', async () => {
    const [header, row] = failedOf(OLD) as [string[], string[]];
    const planned = await plan([header, [...row, 'more']], { results: RESULTS });
    expect(settlementOf(planned.rows[1]?.plan)?.detail).toContain('has 5 cells, the header 4');
  });
});

describe('duplicates', () => {
  const WITH_TWIN: OldRecord[] = [
    [otp('ann'), 2, REFUSED],
    [otp('ben'), 3, DONE],
    [otp('ann'), 4, aSettlement('duplicate')],
    [otp('ben'), 5, aSettlement('duplicate')],
  ];

  test('stay duplicates, although the failed file does not hold them', async () => {
    const planned = await plan(failedOf(WITH_TWIN), { results: resultsOf(WITH_TWIN) });
    expect(tell(planned)).toEqual([
      '2 ann register after refused',
      '3 ben carry registered',
      '4 ann settle duplicate',
      '5 ben settle duplicate',
    ]);
  });

  test('of a row that was corrected to another user stand for themselves: nobody is forgotten', async () => {
    const planned = await plan(failedOf(WITH_TWIN, { 2: otp('anna') }), { results: resultsOf(WITH_TWIN) });
    expect(tell(planned)).toEqual([
      '2 anna register after refused',
      '3 ben carry registered',
      '4 ann register after not_sent',
      '5 ben settle duplicate',
    ]);
  });

  test('of a row in doubt that got another status contradict it from now on', async () => {
    const old: OldRecord[] = [
      [pki('ann'), 2, IN_DOUBT],
      [pki('ann'), 3, aSettlement('duplicate')],
    ];
    const planned = await plan(failedOf(old, { 2: pki('ann', '1') }), { results: resultsOf(old) });
    expect(tell(planned)).toEqual(['2 ann register after unknown', '3 ann settle invalid']);
  });
});

describe('rows added by hand', () => {
  test('to the failed file are tried, at the end, on lines of their own', async () => {
    const [header, ...rows] = failedOf(OLD);
    const table = [header!, byHand(...pki('new')), ...rows, byHand(...pki('ann')), byHand(...pki('newer'))];
    const planned = await plan(table, { results: RESULTS });
    expect(tell(planned).slice(5)).toEqual(['7 new register', '8 ann settle duplicate', '9 newer register']);
  });

  test('get lines of their own where the results are not in the order of their lines', async () => {
    const sorted = resultsOf(OLD.toReversed());
    const planned = await plan([...failedOf(OLD), byHand(...pki('new'))], { results: sorted });
    expect(planned.rows.map(({ line }) => line)).toEqual([6, 5, 4, 3, 2, 7]);
  });

  test('with too few cells are invalid, and keep the cells they have', async () => {
    const planned = await plan([...failedOf(OLD), ['new', 'otp']], { results: RESULTS });
    expect(tell(planned).at(-1)).toBe('7 new settle invalid');
    expect(planned.rows.at(-1)?.cells).toEqual(['new', 'otp']);
  });

  test('to the results, which are the input: they come once', async () => {
    const [header, first, ...rest] = RESULTS;
    const table = [header!, first!, byHand(...pki('new')), byHand(...pki('')), ...rest];
    const planned = await plan(table, { results: table });
    expect(planned.rows.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(tell(planned).slice(5)).toEqual(['7 new register', '8  settle invalid']);
  });

  test('to the results, when the failed file is the input: they are tried too', async () => {
    const planned = await plan(failedOf(OLD), { results: [...RESULTS, byHand(...pki('new'))] });
    expect(tell(planned)).toHaveLength(6);
    expect(tell(planned).at(-1)).toBe('7 new register');
  });

  test('by copying one that ran are invalid by themselves: a copy is not registered, nor what it copied', async () => {
    const copy = RESULTS[1]!.map((cell) => (cell === 'ann' ? 'anna' : cell));
    const planned = await plan([...failedOf(OLD), copy, copy], { results: RESULTS });
    expect(tell(planned)).toEqual([
      '2 ann carry registered',
      '3 ben register after refused',
      '4 cid register after unknown',
      '5 dee register after not_sent',
      '6 eve settle invalid',
      '7 anna settle invalid',
    ]);
    expect(settlementOf(planned.rows.at(-1)?.plan)?.detail).toMatch(/^line leads to no row of the results/);
  });

  test('by copying one in the results, or without them, are refused before anything is planned', async () => {
    const copy = RESULTS[1]!.map((cell) => (cell === 'ann' ? 'anna' : cell));
    for (const [table, results] of [
      [failedOf(OLD), [...RESULTS, copy]],
      [[...RESULTS, copy], undefined],
    ] as const) {
      const planned = await plan(table, results && { results });
      expect(planned.rows).toEqual([]);
      expect(planned.error).toBeInstanceOf(InputError);
      expect(String(planned.error)).toContain('stands on another row of this file too');
    }
  });
});

describe('the results themselves as input', () => {
  test('are the same as their failed file', async () => {
    const planned = await plan(RESULTS, { results: RESULTS });
    expect(meaning(planned)).toEqual(meaning(await plan(failedOf(OLD), { results: RESULTS })));
  });

  test('whose outcome was cleared by hand: the row is tried as if nothing were known of it', async () => {
    const cleared = RESULTS.map((record, index) =>
      index === 2 ? record.map((cell) => (cell === 'refused' ? '' : cell)) : record,
    );
    expect(tell(await plan(cleared, { results: cleared }))[1]).toBe('3 ben register');
    const corrected = await plan(failedOf(OLD, { 3: pki('benno') }), { results: cleared });
    expect(tell(corrected)[1]).toBe('3 benno register');
  });
});

describe('a file that was moved away from its results', () => {
  test('leads itself, with its history and its lines', async () => {
    const planned = await plan(failedOf(OLD));
    expect(tell(planned)).toEqual([
      '3 ben register after refused',
      '4 cid register after unknown',
      '5 dee register after not_sent',
      '6 eve settle invalid',
    ]);
  });

  test('keeps its lines apart from those of rows that were added by hand', async () => {
    const [header, first, ...rest] = failedOf(OLD);
    const planned = await plan([header!, first!, byHand(...pki('new')), ...rest]);
    expect(planned.rows.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7]);
    expect(tell(planned).at(-1)).toBe('7 new register');
  });

  test('and re-sorted: a duplicate that comes first does not hide that its user is registered', async () => {
    const table = resultsOf([
      [otp('ann'), 3, aSettlement('duplicate')],
      [otp('ann'), 2, DONE],
    ]);
    expect(tell(await plan(table))).toEqual(['3 ann settle duplicate', '2 ann carry registered']);
  });
});

describe('own columns', () => {
  const names = ['username', 'token_type', 'signature_path', 'status', 'dept'];
  const old: OldRecord[] = [
    [[...pki('ann'), 'sales'], 2, DONE],
    [[...pki('ben'), 'board'], 3, REFUSED],
  ];
  const results = resultsOf(old, names);

  test('in another order are the same columns', async () => {
    const failed = resultsOf(
      [[['board', '2', 'ben', 'sig.p7s', 'pki'], 3, REFUSED]],
      ['Dept', 'status', 'User Name', 'signature-path', 'token_type'],
    );
    const planned = await plan(failed, { results });
    expect(planned.ownNames).toEqual(names);
    expect(planned.rows.map(({ cells }) => cells)).toEqual(old.map(([cells]) => cells));
    expect(planned.corrections.list()).toEqual([]);
  });

  test('that the failed file lost keep what the results say', async () => {
    const failed = resultsOf([[['benno', 'pki'], 3, REFUSED]], ['username', 'token_type']);
    const planned = await plan(failed, { results });
    expect(planned.ownNames).toEqual(names);
    expect(planned.rows[1]).toMatchObject({ cells: [...pki('benno'), 'board'], plan: { kind: 'register' } });
  });

  test('that the failed file has more are added, empty for the others', async () => {
    const failed = resultsOf(
      [[[...pki('ben'), 'board', 'sha1', 'call her'], 3, REFUSED]],
      [...names, 'algorithm', 'note'],
    );
    const planned = await plan(failed, { results });
    expect(planned.ownNames).toEqual([...names, 'algorithm', 'note']);
    expect(planned.rows.map(({ cells }) => cells)).toEqual([
      [...pki('ann'), 'sales', '', ''],
      [...pki('ben'), 'board', 'sha1', 'call her'],
    ]);
    expect(planned.rows[1]?.plan).toMatchObject({ registration: { algorithm: '0' } });
  });

  test('of one name are paired in their order', async () => {
    const twice = [...NAMES, 'note', 'note'];
    const table = resultsOf([[[...pki('ben'), 'first', 'second'], 3, REFUSED]], twice);
    const planned = await plan(table, { results: table });
    expect(planned.ownNames).toEqual(twice);
    expect(planned.rows[0]?.cells).toEqual([...pki('ben'), 'first', 'second']);
  });
});

describe('a killed run whose journal is replayed', () => {
  test('rows that were deleted from its file meanwhile take what the journal knows', async () => {
    const replay = new Map([['pki:ben', IN_DOUBT]]);
    const takeReplayed = (key: string) => {
      const settlement = replay.get(key);
      replay.delete(key);
      return settlement;
    };
    const planned = await plan([HEADER], { results: RESULTS, rules: { ...RULES, takeReplayed } });
    expect(tell(planned)[1]).toBe('3 ben carry unknown');
    expect(replay.size).toBe(0);
  });
});

describe('before anything is planned', () => {
  test('the file that has the history is looked through', async () => {
    const damaged = RESULTS.map((record) => record.map((cell) => (cell === 'unknown' ? 'unknwon' : cell)));
    for (const [input, results] of [
      [RESULTS, damaged],
      [damaged, undefined],
    ]) {
      const planned = await plan(input!, results && { results });
      expect(planned.rows).toEqual([]);
      expect(planned.error).toBeInstanceOf(InputError);
    }
  });

  test('a failed file that breaks is refused at once', async () => {
    const planned = await plan(fileOf(failedOf(OLD), { breaksAt: 4 }), { results: RESULTS });
    expect(planned.rows).toEqual([]);
    expect(planned.error).toMatchObject({ line: 4 });
  });
});

test('a correction is remembered over the runs, and one of a correction replaces it', async () => {
  const corrections = new Corrections();
  await plan(failedOf(OLD, { 3: pki('benno') }), { results: RESULTS, corrections });
  const later = new Corrections(corrections.list());
  const old: OldRecord[] = [[pki('benno'), 3, REFUSED]];
  await plan(failedOf(old, { 3: pki('bennon') }), { results: resultsOf(old), corrections: later });
  expect(later.list()).toEqual([{ line: 3, from: used(pki('ben')), to: used(pki('bennon')) }]);
});

test('a row that was not corrected takes no correction away from another one that once said the same', async () => {
  const corrections = new Corrections([{ line: 3, from: used(otp('ben')), to: used(otp('benno')) }]);
  const old: OldRecord[] = [
    [otp('benno'), 2, REFUSED],
    [otp('ben'), 3, REFUSED],
  ];
  await plan(failedOf(old), { results: resultsOf(old), corrections });
  expect(corrections.list()).toHaveLength(1);
});

describe('a failed file that a spreadsheet saved anew', () => {
  const at = (column: AddedColumn): number => NAMES.length + ADDED_COLUMN_NAMES.indexOf(column);
  const change = (record: readonly string[], column: AddedColumn, cell: string): string[] =>
    record.map((before, index) => (index === at(column) ? cell : before));
  const failed = (): Table => failedOf(OLD, { 3: pki('benno') });

  test('has its history from the results, and that is told once', async () => {
    const [header, ...rows] = failed();
    const resaved = rows.map((row) => change(change(row, 'sent_at', '28.11.2026 20:37:43'), 'outcome', 'erledigt'));
    const planned = await plan([header!, ...resaved], { results: RESULTS });
    expect(tell(planned)).toEqual(tell(await plan(failed(), { results: RESULTS })));
    expect(planned.rows[2]?.plan).toMatchObject({ past: IN_DOUBT });
    expect(planned.warnings.filter(({ kind }) => kind === 'added_cells')).toEqual([
      {
        kind: 'added_cells',
        line: 2,
        text: '4 rows have other cells than the results in outcome, sent_at: the results stand',
      },
    ]);
  });

  test.each(['', 'III', '0', '999', '99999999999', '4'])(
    'with a line of %j has a problem in that row alone',
    async (line) => {
      const [header, ben, ...rows] = failed();
      const planned = await plan([header!, ...rows, change(ben!, 'line', line)], { results: RESULTS });
      expect(tell(planned)).toEqual([
        '2 ann carry registered',
        '3 ben carry refused',
        '4 cid register after unknown',
        '5 dee register after not_sent',
        '6 eve settle invalid',
        '7 benno settle invalid',
      ]);
      expect(planned.rows.at(-1)?.inputLine).toBe(5);
    },
  );

  test.each(['', 'III', '999', '4', '5'])(
    'with a line of %j is found by its user, where that is one row',
    async (line) => {
      const [header, ben, ...rows] = failedOf(OLD);
      const planned = await plan([header!, ...rows, change(ben!, 'line', line)], { results: RESULTS });
      expect(tell(planned)).toEqual(tell(await plan(failedOf(OLD), { results: RESULTS })));
      expect(planned.rows.map(({ inputLine }) => inputLine)).toEqual([undefined, 5, 2, 3, 4]);
    },
  );

  test('with the line of a row that is done since is that row', async () => {
    const [, ann] = RESULTS;
    const planned = await plan([HEADER, change(ann!, 'line', '77')], { results: RESULTS });
    expect(tell(planned).filter((row) => row.includes('ann'))).toEqual(['2 ann carry registered']);
  });

  test('and has a user whom several rows have is not found by that user', async () => {
    const old: OldRecord[] = [
      [pki('ben', '9'), 2, aSettlement('invalid')],
      [pki('ben', '8'), 3, aSettlement('invalid')],
    ];
    const [header, first] = failedOf(old);
    const planned = await plan([header!, change(first!, 'line', 'x')], { results: resultsOf(old) });
    expect(tell(planned).at(-1)).toBe('4 ben settle invalid');
  });

  describe('and has a row that no place is known for', () => {
    const STEM: OldRecord[] = [
      [otp('ann'), 2, DONE],
      [otp('ben'), 3, REFUSED],
    ];
    /** The stem after a run in which the row of ben had another name and lost its line. */
    const afterStray = async (): Promise<Stem> => {
      const stem = new Stem(resultsOf(STEM));
      stem.results = resultsOf(STEM);
      stem.failed = failedOf(STEM, { 3: otp('benno') }).map((record, index) =>
        index === 1 ? change(record, 'line', '999') : record,
      );
      const planned = await stem.runFailed(() => DONE);
      expect(tell(planned)).toEqual(['2 ann carry registered', '3 ben carry refused', '4 benno settle invalid']);
      return stem;
    };
    const edit = (stem: Stem, toRow: (record: readonly string[]) => readonly string[] | undefined): void => {
      stem.failed = stem.failed?.flatMap((record) => {
        const row = toRow(record);
        return row === undefined ? [] : [row];
      });
    };

    test('does not send it as it is the next time either', async () => {
      const stem = await afterStray();
      expect(tell(await stem.runFailed(() => REFUSED))).toEqual([
        '2 ann carry registered',
        '3 ben register after refused',
        '4 benno settle invalid',
      ]);
      expect(tell(await stem.runResults(() => REFUSED)).at(-1)).toBe('4 benno settle invalid');
    });

    test('takes the line that it is given back, and leaves no other row', async () => {
      const stem = await afterStray();
      edit(stem, (record) => {
        if (record[0] === 'ben') return undefined;
        return record[0] === 'benno' ? change(record, 'line', '3') : record;
      });
      const planned = await stem.runFailed(() => DONE);
      expect(tell(planned)).toEqual(['2 ann carry registered', '3 benno register after refused']);
      expect(planned.warnings.map(({ kind }) => kind)).toContain('left_out');
    });

    test('takes it for a new one when its columns are emptied, and it is sent', async () => {
      const stem = await afterStray();
      edit(stem, (record) => (record[0] === 'benno' ? byHand(...otp('benno')) : record));
      expect(tell(await stem.runFailed(() => DONE))).toEqual([
        '2 ann carry registered',
        '3 ben register after refused',
        '4 benno register',
      ]);
      expect(stem.failed).toHaveLength(1);
    });
  });

  test('and has rows that the results lack keeps what can be read of their doubt', async () => {
    const [header, , cid] = failedOf(OLD);
    const resaved = change(change(cid!, 'line', '9'), 'sent_at', '28.11.2026');
    const planned = await plan([header!, resaved], { results: resultsOf(OLD.slice(0, 1)) });
    expect(tell(planned)).toEqual(['2 ann carry registered', '3 cid settle unknown']);
    const unread = await plan([header!, change(resaved, 'attempts', 'drei')], { results: resultsOf(OLD.slice(0, 1)) });
    expect(tell(unread)).toEqual(['2 ann carry registered', '3 cid settle invalid']);
  });
});
