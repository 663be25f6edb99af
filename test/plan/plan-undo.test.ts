import { describe, expect, test } from 'vitest';
import { planUndo } from '../../src/plan/plan-undo.js';
import type { UndoReplay, UndoRules } from '../../src/plan/plan-undo.js';
import type { PlannedRow } from '../../src/plan/planned-row.js';
import { surveyUndo } from '../../src/plan/undo-survey.js';
import type { RowFile } from '../../src/input/file-row.js';
import { toAddedCells } from '../../src/record/added-cells.js';
import { ADDED_COLUMN_NAMES, UNDO_COLUMN } from '../../src/input/added-column.js';
import type { Settlement } from '../../src/row/settlement.js';
import { afterUndo } from '../../src/row/undo.js';
import type { UndoWay } from '../../src/row/undo.js';
import { aSettlement } from '../support/builders.js';
import { fileOf } from '../support/planning.js';

const NAMES = ['username', 'token_type', 'signature_path', 'status', 'Dept'];
const RULES: UndoRules = { way: 'deactivate', where: [], limit: undefined, defaultStatus: undefined };
const undone = afterUndo(aSettlement(), aSettlement({ outcome: 'undone' }), 'deactivate');
const doubted = afterUndo(aSettlement(), aSettlement({ outcome: 'unknown' }), 'deactivate');

type Row = readonly [user: string, settlement?: Partial<Settlement>, cells?: Partial<Record<'type' | 'dept', string>>];

function resultsOf(rows: readonly Row[]): RowFile {
  const records = rows.map(([user, settlement, { type = 'otp', dept = 'HR' } = {}], at) => [
    ...[user, type, type === 'pki' ? `${user}.p7s` : '', '', dept],
    ...toAddedCells(at + 2, aSettlement({ ...settlement })),
  ]);
  return fileOf([[...NAMES, ...ADDED_COLUMN_NAMES], ...records], { name: 'users.results.csv' });
}

/** What an earlier undo left of these users. */
function undoneOf(rows: readonly (readonly [user: string, way: UndoWay, settlement: Partial<Settlement>])[]): RowFile {
  const records = rows.map(([user, way, settlement], at) => [
    ...[user, 'otp', '', '', 'HR', way],
    // Its lines are those of then.
    ...toAddedCells(at + 20, aSettlement(settlement)),
  ]);
  return fileOf([[...NAMES, UNDO_COLUMN, ...ADDED_COLUMN_NAMES], ...records], { name: 'users.undo.results.csv' });
}

interface Planning extends Partial<UndoRules> {
  readonly rows: readonly Row[];
  readonly undone?: RowFile;
  readonly replay?: UndoReplay;
}

function plannedOf({ rows, undone: earlier, replay, ...rules }: Planning): ReturnType<typeof planUndo> {
  const context = { results: resultsOf(rows), undone: earlier, rules: { ...RULES, ...rules } };
  return planUndo(replay === undefined ? context : { ...context, replay });
}

async function allOf(rows: AsyncIterable<PlannedRow>): Promise<PlannedRow[]> {
  const all: PlannedRow[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

async function plan(planning: Planning): Promise<PlannedRow[]> {
  return allOf(plannedOf(planning).rows);
}

/** Such as `ann register`. */
async function tell(planning: Planning): Promise<string[]> {
  return (await plan(planning)).map(({ cells, plan: { kind } }) => `${cells[0] ?? ''} ${kind}`);
}

describe('an undo', () => {
  test('sends what a send of this job registered, and carries all else as it stands', async () => {
    const others = ['already_registered', 'duplicate', 'refused', 'invalid', 'key_lost', 'unavailable'] as const;
    const rows: Row[] = [
      ['ann'],
      ...[...others, 'unknown', 'not_sent'].map((outcome): Row => [outcome, { outcome: outcome as 'unknown' }]),
      ['kept', { attempts: 0 }],
      ['ben', {}, { type: 'pki' }],
    ];
    const planned = await plan({ rows });
    expect(planned.filter(({ plan: { kind } }) => kind === 'register').map(({ cells }) => cells[0])).toEqual([
      'ann',
      'ben',
    ]);
    const carried = planned.filter(({ undo }) => undo?.standing === undefined);
    expect(carried.map(({ plan: { kind } }) => kind)).toEqual(carried.map(() => 'carry'));
    expect(planned.map(({ line }) => line)).toEqual(rows.map((_, at) => at + 2));
    expect(planned[0]?.undo?.standing).toMatchObject({ outcome: 'registered' });
  });

  test('is for the rows that are selected, so many at most', async () => {
    const rows: Row[] = [['ann'], ['ben', {}, { dept: 'IT' }], ['cid'], ['dee']];
    expect(await tell({ rows, where: ['Dept=HR'], limit: 2 })).toEqual([
      ...['ann register', 'ben carry', 'cid register', 'dee carry'],
    ]);
    await expect(tell({ rows, where: ['Dept=Legal'] })).rejects.toThrow('Dept is "HR", "IT"');
    // Those that are like that already are meant too: such a command is to be repeated.
    await expect(tell({ rows: [['ann', undone]], where: ['username=ann'] })).resolves.toEqual(['ann carry']);
  });

  test('undoes the token of a user once', async () => {
    expect(await tell({ rows: [['ann'], ['ann'], ['ann', {}, { type: 'pki' }]] })).toEqual([
      ...['ann register', 'ann carry', 'ann register'],
    ]);
  });

  test('is kept from a row by no other of its user that can not be undone, also when a killed one is completed', async () => {
    const rows: Row[] = [['ann', { outcome: 'duplicate' }], ['ann'], ['ben', { outcome: 'invalid' }], ['ben']];
    expect(await tell({ rows })).toEqual(['ann carry', 'ann register', 'ben carry', 'ben register']);
    const replay = { take: () => aSettlement({ outcome: 'undone' }), rest: () => [] };
    expect(await tell({ rows, replay })).toEqual(['ann carry', 'ann settle', 'ben carry', 'ben settle']);
  });

  test('finds its own sends of before by user, wherever the row stands by now, and the doubt in the results', async () => {
    const before = { outcome: 'unknown', attempts: 3 } as const;
    const [ann, ben, cid] = await plan({
      rows: [['ann', doubted], ['ben'], ['cid', doubted]],
      undone: undoneOf([
        ['ben', 'deactivate', before],
        ['ann', 'deactivate', before],
      ]),
    });
    expect(ann?.plan).toMatchObject({ kind: 'register', past: { outcome: 'unknown', attempts: 3 } });
    // Its doubt was ended since, by whatever gave it back.
    expect(ben?.plan).toMatchObject({ kind: 'register', past: { outcome: 'not_sent', attempts: 3 } });
    expect(cid?.plan).toMatchObject({ kind: 'register', past: { outcome: 'unknown', attempts: 1 } });
  });

  test('knows that a no of before is no news, and only of the same way', async () => {
    const earlier = undoneOf([['ann', 'deactivate', { outcome: 'refused' }]]);
    const [same] = await plan({ rows: [['ann']], undone: earlier });
    expect(same?.plan).toMatchObject({ past: { outcome: 'refused' } });
    const [other] = await plan({ rows: [['ann']], undone: earlier, way: 'unregister' });
    expect(other?.plan).toMatchObject({ past: { outcome: 'not_sent' } });
  });

  test('leaves a row whose cells no longer say whose token it is', async () => {
    const [row] = await plan({ rows: [['ann', {}, { type: 'pki' }]] });
    expect(row?.plan.kind).toBe('register');
    const results = fileOf([
      [...NAMES, ...ADDED_COLUMN_NAMES],
      ['ann', 'pki', '', '', '', ...toAddedCells(2, aSettlement())],
    ]);
    const planned = await allOf(planUndo({ results, undone: undefined, rules: RULES }).rows);
    expect(planned[0]?.plan).toMatchObject({ kind: 'settle', settlement: { outcome: 'invalid' } });
    expect(planned[0]?.undo?.standing).toMatchObject({ outcome: 'registered' });
  });

  test('refuses results with a row that no run knows of', async () => {
    const results = fileOf([
      [...NAMES, ...ADDED_COLUMN_NAMES],
      ['ann', 'otp', '', '', '', ...ADDED_COLUMN_NAMES.map(() => '')],
    ]);
    const { rows } = planUndo({ results, undone: undefined, rules: RULES });
    await expect(allOf(rows)).rejects.toThrow('added by hand');
  });
});

describe('a killed undo', () => {
  test('is completed with what its journal knows, and nothing else', async () => {
    const known = new Map([
      ['otp:ben', aSettlement({ outcome: 'undone' })],
      ['otp:off', aSettlement({ outcome: 'unknown' })],
    ]);
    const replay: UndoReplay = {
      take: (key) => {
        const settlement = known.get(key);
        known.delete(key);
        return settlement;
      },
      rest: () => [...known].map(([key, settlement]) => ({ key, settlement })),
    };
    const planned = await plan({ rows: [['ann'], ['ben']], replay, where: ['Dept=nobody asks any more'] });
    expect(planned.map(({ cells, line, plan: { kind } }) => `${line} ${cells[0] ?? ''} ${kind}`)).toEqual([
      ...['2 ann carry', '3 ben settle', '4 off settle'],
    ]);
    expect(planned[2]?.undo?.standing).toMatchObject({ outcome: 'registered' });
  });
});

test('a survey counts rows and people to be undone, and those that are left, by why', async () => {
  const planned = plannedOf({
    rows: [
      ['ann'],
      ['ann', {}, { type: 'pki' }],
      ['ben', {}, { dept: 'IT' }],
      ['cid', undone],
      ['dee', { outcome: 'key_lost' }],
      ['eve', { outcome: 'key_lost' }],
    ],
    where: ['Dept=HR'],
  });
  expect(await surveyUndo(planned, () => 0.5)).toEqual({
    ...{ rows: 2, people: 1, byType: { otp: 1, pki: 1 } },
    ...{ done: 1, notOurs: { key_lost: 2 }, notSelected: 1 },
  });
});
