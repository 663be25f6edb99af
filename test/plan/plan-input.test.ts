import { describe, expect, test } from 'vitest';
import { Corrections } from '../../src/input/correction.js';
import { InputError } from '../../src/core/input-error.js';
import type { Plan } from '../../src/plan/planned-row.js';
import { OWN_NAMES, someUsedCells } from '../support/builders.js';
import { aSettlement, fileOf, NAMES, plan, resultsOf, RULES, tell } from '../support/planning.js';
import type { OldRecord, PlanOptions, Table } from '../support/planning.js';

const otp = (name: string): string[] => [name, 'otp', '', ''];
const pki = (name: string, status = '2', path = 'sig.p7s'): string[] => [name, 'pki', path, status];
const input = (...rows: string[][]): Table => [NAMES, ...rows];

const settlementOf = (its: Plan | undefined) =>
  its === undefined || its.kind === 'register' ? undefined : its.settlement;

const REFUSED = aSettlement('refused', { returnCode: '22002' });
const DONE = aSettlement('registered', { returnCode: '0' });
const IN_DOUBT = aSettlement('unknown', { attempts: 3 });

/** What operators corrected, as the summary remembers it. */
function corrected(...pairs: [from: string[], to: string[]][]): Corrections {
  const used = ([username = '', token_type = '', signature_path = '', status = '']: string[]) =>
    someUsedCells({ username, token_type, signature_path, status, algorithm: '' });
  return new Corrections(pairs.map(([from, to]) => ({ line: 2, from: used(from), to: used(to) })));
}

describe('a first input without history', () => {
  test('each row has its line of the file and its cells as they are', async () => {
    const table = [
      ['username', 'Dept', 'token_type'],
      [' ann ', 'sales, north', 'OTP'],
      ['ben', '', 'otp'],
    ];
    const { rows, ownNames, error } = await plan(table);
    expect(ownNames).toEqual(table[0]);
    expect(rows.map(({ line, inputLine, cells }) => [line, inputLine, cells])).toEqual([
      [2, 2, table[1]],
      [3, 3, table[2]],
    ]);
    expect(rows[0]?.plan).toEqual({
      kind: 'register',
      registration: { tokenType: 'otp', username: 'ann' },
      past: undefined,
    });
    expect(error).toBeUndefined();
  });

  test('a row that can not be sent ends at once, with all its reasons', async () => {
    const { rows } = await plan(input(['', 'card', '', ''], ['ann', 'pki', '', '9']));
    expect(tell({ rows })).toEqual(['2  settle invalid', '3 ann settle invalid']);
    expect(settlementOf(rows[0]?.plan)?.detail).toMatch(/username .*token_type/);
    expect(settlementOf(rows[1]?.plan)?.detail).toMatch(/signature_path .*status/);
  });

  test('a row with too few or too many cells is invalid and says how many were expected', async () => {
    const { rows } = await plan(input(['ann', 'otp'], ['ben', 'otp', '', '', 'more']));
    expect(rows.map((row) => settlementOf(row.plan)?.detail)).toEqual([
      expect.stringContaining('2 cells, the header 4'),
      expect.stringContaining('5 cells, the header 4'),
    ]);
  });

  test('the second row with a user and token type is not sent: duplicate or invalid, both name the first line', async () => {
    const { rows } = await plan(
      input(pki('ann', '2'), pki('ann', 'valid'), pki('ann', '1'), otp('ann'), [' ann ', 'OTP-offline', 'ignored', '']),
    );
    expect(tell({ rows })).toEqual([
      '2 ann register',
      '3 ann settle duplicate',
      '4 ann settle invalid',
      '5 ann register',
      '6 ann settle duplicate',
    ]);
    expect(settlementOf(rows[1]?.plan)?.detail).toContain('line 2');
    expect(settlementOf(rows[2]?.plan)?.detail).toContain('line 2');
    expect(settlementOf(rows[4]?.plan)?.detail).toContain('line 5');
  });

  test('a row without a user repeats nobody', async () => {
    const { rows } = await plan(input(otp(''), otp('')));
    expect(tell({ rows })).toEqual(['2  settle invalid', '3  settle invalid']);
  });

  test('what is worth a word is said with the line', async () => {
    const { warnings } = await plan(input(['=ann', 'otp', 'x.p7s', '']));
    expect(warnings.map(({ kind, line }) => [kind, line])).toEqual([
      ['ignored_cells', 2],
      ['formula', 2],
    ]);
  });
});

describe('the first input again', () => {
  const OLD: OldRecord[] = [
    [otp('ann'), 2, DONE],
    [otp('ben'), 3, REFUSED],
    [otp('cid'), 4, IN_DOUBT],
    [otp('dee'), 5, aSettlement('key_lost')],
    [otp('eve'), 6, aSettlement('not_sent')],
  ];
  const ROWS = OLD.map(([cells]) => cells as string[]);
  const results = resultsOf(OLD);

  test('rows that are done are carried, the others are tried with what is known of them', async () => {
    const planned = await plan(input(...ROWS), { results });
    expect(tell(planned)).toEqual([
      '2 ann carry registered',
      '3 ben register after refused',
      '4 cid register after unknown',
      '5 dee register after key_lost',
      '6 eve register after not_sent',
    ]);
    expect(planned.rows[0]?.plan).toEqual({ kind: 'carry', settlement: DONE });
    expect(planned.rows[2]?.plan).toMatchObject({ past: { attempts: 3 } });
    expect(planned.warnings).toEqual([]);
  });

  test('re-sorted: each row keeps its history, and takes the line where it stands now', async () => {
    expect(tell(await plan(input(...ROWS.toReversed()), { results }))).toEqual([
      '2 eve register after not_sent',
      '3 dee register after key_lost',
      '4 cid register after unknown',
      '5 ben register after refused',
      '6 ann carry registered',
    ]);
  });

  test('extended: new rows are tried', async () => {
    const planned = await plan(input(otp('new'), ...ROWS, otp('newer')), { results });
    expect(tell(planned)).toHaveLength(7);
    expect(tell(planned)[0]).toBe('2 new register');
    expect(tell(planned)[1]).toBe('3 ann carry registered');
    expect(tell(planned)[6]).toBe('8 newer register');
  });

  test('shortened: what was or may have been registered is kept at the end, the rest left out, each with a warning', async () => {
    const planned = await plan(input(otp('new')), { results });
    expect(tell(planned)).toEqual([
      '2 new register',
      '3 ann carry registered',
      '4 cid carry unknown',
      '5 dee carry key_lost',
    ]);
    expect(planned.warnings.map(({ kind, line, text }) => [kind, line, text.split(':')[0]])).toEqual([
      ['kept', 3, 'ann (registered) is no longer in the input'],
      ['left_out', 3, 'ben (refused) is no longer in the input'],
      ['kept', 4, 'cid (unknown) is no longer in the input'],
      ['kept', 5, 'dee (key_lost) is no longer in the input'],
      ['left_out', 6, 'eve (not_sent) is no longer in the input'],
    ]);
  });

  test('duplicates, and rows that contradict each other, are no rows that the input lost', async () => {
    const old: OldRecord[] = [
      [pki('ann'), 2, DONE],
      [pki('ann'), 3, aSettlement('duplicate')],
      [pki('ann', '1'), 4, aSettlement('invalid')],
      [otp(''), 5, aSettlement('invalid')],
    ];
    const planned = await plan(input(...old.map(([cells]) => cells as string[])), { results: resultsOf(old) });
    expect(tell(planned)).toEqual([
      '2 ann carry registered',
      '3 ann settle duplicate',
      '4 ann settle invalid',
      '5  settle invalid',
    ]);
    expect(planned.warnings).toEqual([]);
  });

  test('nor are they when all lines shift', async () => {
    const old: OldRecord[] = [
      [pki('ann'), 2, DONE],
      [pki('ann'), 3, aSettlement('duplicate')],
      [pki('ben'), 4, REFUSED],
      [pki('ann', '1'), 5, aSettlement('invalid')],
      [pki('cid'), 6, REFUSED],
    ];
    const planned = await plan(input(otp('new'), ...old.map(([cells]) => cells as string[])), {
      results: resultsOf(old),
    });
    expect(tell(planned)).toEqual([
      '2 new register',
      '3 ann carry registered',
      '4 ann settle duplicate',
      '5 ben register after refused',
      '6 ann settle invalid',
      '7 cid register after refused',
    ]);
    expect(planned.warnings).toEqual([]);
    const gone = await plan(input(otp('new')), { results: resultsOf(old.slice(0, 2)) });
    expect(tell(gone)).toEqual(['2 new register', '3 ann carry registered']);
    expect(gone.warnings.map(({ kind }) => kind)).toEqual(['kept']);
  });

  test('a duplicate whose first row is gone stands for itself', async () => {
    const old: OldRecord[] = [
      [pki('ann', '1'), 2, REFUSED],
      [pki('ann', '2'), 3, aSettlement('invalid')],
    ];
    const planned = await plan(input(pki('ann', '2')), { results: resultsOf(old) });
    expect(tell(planned)).toEqual(['2 ann register after refused']);
  });

  test('a row in doubt that is invalid now stays unknown', async () => {
    const planned = await plan(input(pki('ann', 'nonsense')), { results: resultsOf([[pki('ann'), 2, IN_DOUBT]]) });
    expect(tell(planned)).toEqual(['2 ann settle unknown']);
    expect(settlementOf(planned.rows[0]?.plan)).toMatchObject({ attempts: 3 });
  });

  test('a row in doubt whose user is gone from its row is kept', async () => {
    const planned = await plan(input(otp('')), { results: resultsOf([[otp('ann'), 2, IN_DOUBT]]) });
    expect(tell(planned)).toEqual(['2  settle invalid', '3 ann carry unknown']);
  });

  test('a carried row whose status or signature changed is warned of, and comes back as the input has it', async () => {
    const planned = await plan(input(pki('ann', '1', 'new.p7s')), { results: resultsOf([[pki('ann'), 2, DONE]]) });
    expect(planned.warnings).toEqual([
      { kind: 'changed_cells', line: 2, text: 'signature_path and status of ann changed since an earlier run' },
    ]);
    expect(planned.rows[0]?.cells).toEqual(pki('ann', '1', 'new.p7s'));
    expect(planned.rows[0]?.plan.kind).toBe('carry');
  });

  test('a key in the keys file that is newer than the doubtful send settles its row', async () => {
    const rules = {
      ...RULES,
      hasKeySince: (name: string, since: number) => name === 'ann' && since === IN_DOUBT.sentAt,
    };
    const planned = await plan(input(otp('ann'), otp('ben')), {
      rules,
      results: resultsOf([
        [otp('ann'), 2, IN_DOUBT],
        [otp('ben'), 3, IN_DOUBT],
      ]),
    });
    expect(tell(planned)).toEqual(['2 ann settle registered', '3 ben register after unknown']);
  });

  test('the columns are those of the input, also for rows that are kept', async () => {
    const old = resultsOf([[['sales', 'otp', 'ann'], 2, DONE]], ['dept', 'token_type', 'username']);
    const planned = await plan([['User Name', 'token-type', 'extra']], { results: old });
    expect(planned.ownNames).toEqual(['User Name', 'token-type', 'extra']);
    expect(planned.rows[0]?.cells).toEqual(['ann', 'otp', '']);
  });

  test('a row that was added to the results by hand, and never ran, is left out with a warning', async () => {
    const table = resultsOf([[otp('ann'), 2, DONE]]);
    const planned = await plan(input(otp('ann')), {
      results: [...table, [...otp('new'), ...Array<string>(10).fill('')]],
    });
    expect(tell(planned)).toEqual(['2 ann carry registered']);
    expect(planned.warnings.map(({ kind }) => kind)).toEqual(['left_out']);
  });

  test('results that no run wrote are refused before anything is planned', async () => {
    const [header, record] = resultsOf([[otp('ann'), 2, DONE]]) as [string[], string[]];
    const damaged = record.map((cell) => (cell === 'registered' ? 'regisered' : cell));
    const planned = await plan(input(otp('ann')), { results: [header, damaged] });
    expect(planned.rows).toEqual([]);
    expect(planned.error).toBeInstanceOf(InputError);
  });
});

describe('what was corrected in a failed file', () => {
  test('is corrected in the first input too', async () => {
    const planned = await plan(input(otp('benn'), otp('ann')), {
      corrections: corrected([otp('benn'), otp('ben')]),
      results: resultsOf([
        [otp('ben'), 2, DONE],
        [otp('ann'), 3, DONE],
      ]),
    });
    expect(tell(planned)).toEqual(['2 ben carry registered', '3 ann carry registered']);
    expect(planned.warnings).toEqual([]);
  });

  test('to a user of a later line that is done: that line keeps the user and its history', async () => {
    const corrections = corrected([pki('benn', '1'), pki('ann', '1')]);
    const planned = await plan(input(pki('benn', '1'), pki('ann', '2')), {
      corrections,
      results: resultsOf([
        [pki('ann', '1'), 2, aSettlement('invalid', { attempts: 1 })],
        [pki('ann', '2'), 3, DONE],
      ]),
    });
    expect(tell(planned)).toEqual(['2 ann settle invalid', '3 ann carry registered']);
    expect(settlementOf(planned.rows[0]?.plan)).toMatchObject({ attempts: 1 });
    expect(settlementOf(planned.rows[0]?.plan)?.detail).toContain('line 3');
    expect(planned.warnings).toEqual([]);
  });

  test('to a user of a later line that is in doubt: that line keeps the user', async () => {
    const planned = await plan(input(otp('benn'), otp('ann')), {
      corrections: corrected([otp('benn'), otp('ann')]),
      results: resultsOf([
        [otp('ann'), 2, aSettlement('duplicate', { attempts: 1 })],
        [otp('ann'), 3, IN_DOUBT],
      ]),
    });
    expect(tell(planned)).toEqual(['2 ann settle duplicate', '3 ann register after unknown']);
    expect(settlementOf(planned.rows[0]?.plan)).toMatchObject({ attempts: 1 });
  });

  test('to a user of a later line that is neither: the first line has the user, as in any input', async () => {
    const planned = await plan(input(otp('benn'), otp('ann')), {
      corrections: corrected([otp('benn'), otp('ann')]),
      results: resultsOf([
        [otp('ann'), 2, REFUSED],
        [otp('ann'), 3, aSettlement('duplicate', { attempts: 4 })],
      ]),
    });
    expect(tell(planned)).toEqual(['2 ann register after refused', '3 ann settle duplicate']);
    expect(settlementOf(planned.rows[1]?.plan)).toMatchObject({ attempts: 4 });
  });

  test('an input that was edited meanwhile finds its history all the same', async () => {
    const planned = await plan(input(otp('new'), otp('benn'), otp('ann')), {
      corrections: corrected([otp('benn'), otp('ann')]),
      results: resultsOf([
        [otp('ann'), 2, aSettlement('duplicate')],
        [otp('ann'), 3, DONE],
      ]),
    });
    expect(tell(planned)).toEqual(['2 new register', '3 ann carry registered', '4 ann settle duplicate']);
  });

  test('is corrected in one row: its duplicate stands for itself from now on', async () => {
    const planned = await plan(input(otp('benn'), otp('benn')), {
      corrections: corrected([otp('benn'), otp('ben')]),
      results: resultsOf([
        [otp('ben'), 2, DONE],
        [otp('benn'), 3, aSettlement('duplicate', { attempts: 1 })],
      ]),
    });
    expect(tell(planned)).toEqual(['2 ben carry registered', '3 benn register after not_sent']);
  });

  test('is corrected without results too', async () => {
    const corrections = corrected([otp('benn'), otp('ben')]);
    expect(tell(await plan(input(otp('benn')), { corrections }))).toEqual(['2 ben register']);
  });
});

describe('an input that breaks', () => {
  const broken = (breaksAt: number, ...rows: string[][]) => fileOf(input(...rows), { breaksAt });

  test('the first time: what stands before the break is planned', async () => {
    const planned = await plan(broken(3, otp('ann'), otp('ben')));
    expect(tell(planned)).toEqual(['2 ann register']);
    expect(planned.error).toMatchObject({ name: 'InputError', line: 3 });
  });

  const OLD: OldRecord[] = [
    [otp('ann'), 2, DONE],
    [otp('ben'), 3, REFUSED],
    [otp('cid'), 4, DONE],
    [otp('cid'), 5, aSettlement('duplicate')],
    [otp('dee'), 6, REFUSED],
    [otp(''), 7, aSettlement('invalid')],
    [otp('eve'), 8, IN_DOUBT],
    [otp('gone'), 9, DONE],
  ];
  const ROWS = OLD.slice(0, -1).map(([cells]) => cells as string[]);

  test('the next time: no row of the results that was not reached falls out of them', async () => {
    const planned = await plan(broken(4, ...ROWS), { results: resultsOf(OLD) });
    expect(tell(planned)).toEqual([
      '2 ann carry registered',
      '3 ben register after refused',
      '4 cid carry registered',
      '5 cid carry duplicate',
      '6 dee carry refused',
      '7  carry invalid',
      '8 eve carry unknown',
      '9 gone carry registered',
    ]);
    expect(planned.error).toMatchObject({ line: 4 });
    expect(planned.warnings).toEqual([]);
  });

  test('the next time, re-sorted: rows of lines that were read already come last', async () => {
    const planned = await plan(broken(4, otp('eve'), otp('dee'), ...ROWS), { results: resultsOf(OLD) });
    expect(tell(planned)).toEqual([
      '2 eve register after unknown',
      '3 dee register after refused',
      '4 cid carry registered',
      '5 cid carry duplicate',
      '7  carry invalid',
      '9 gone carry registered',
      '10 ann carry registered',
      '11 ben carry refused',
    ]);
  });

  test('the next time: a row without a user that was read already does not come twice', async () => {
    const rows = [otp('ann'), otp('ben'), otp('cid'), otp('cid'), otp(''), otp('dee'), otp('eve')];
    const planned = await plan(broken(8, ...rows), { results: resultsOf(OLD) });
    expect(tell(planned).slice(4)).toEqual([
      '6  settle invalid',
      '7 dee register after refused',
      '8 eve carry unknown',
      '9 gone carry registered',
    ]);
  });

  test('at its very beginning: all results stay', async () => {
    const planned = await plan(broken(2, ...ROWS), { results: resultsOf(OLD) });
    expect(planned.rows.map(({ line }) => line)).toEqual(OLD.map(([, line]) => line));
    expect(planned.rows.map(({ plan: its }) => settlementOf(its))).toEqual(OLD.map(([, , settlement]) => settlement));
  });

  test('with corrections it is read before anything is planned, and so refused at once', async () => {
    const options: PlanOptions = { results: resultsOf(OLD), corrections: corrected([otp('x'), otp('y')]) };
    const planned = await plan(broken(4, ...ROWS), options);
    expect(planned.rows).toEqual([]);
    expect(planned.error).toMatchObject({ line: 4 });
  });

  test('an error of another kind is a bug: nothing is made up for it', async () => {
    const file = fileOf(input(...ROWS));
    const oops = {
      ...file,
      batches: async function* () {
        yield* file.batches();
        throw new TypeError('oops');
      },
    };
    const planned = await plan(oops, { results: resultsOf(OLD) });
    expect(planned.error).toBeInstanceOf(TypeError);
    expect(planned.rows).toHaveLength(ROWS.length);
  });
});

describe('a killed run whose journal is replayed', () => {
  test('rows that the input lost meanwhile take what the journal knows', async () => {
    const replay = new Map([['otp:ann', IN_DOUBT]]);
    const takeReplayed = (key: string) => {
      const settlement = replay.get(key);
      replay.delete(key);
      return settlement;
    };
    const planned = await plan(input(otp('new')), {
      results: resultsOf([[otp('ann'), 2, REFUSED]]),
      rules: { ...RULES, takeReplayed },
    });
    expect(tell(planned)).toEqual(['2 new register', '3 ann carry unknown']);
    expect(replay.size).toBe(0);
  });
});

test('the algorithm column is used like the others', async () => {
  const { rows } = await plan([OWN_NAMES, ['ann', 'pki', 's', '1', 'sha1'], ['ann', 'pki', 's', '1', '0']]);
  expect(tell({ rows })).toEqual(['2 ann register', '3 ann settle duplicate']);
});

describe('the same person twice', () => {
  const TWICE = [NAMES, ['Ann', 'otp', '', ''], [' ann ', 'otp', '', ''], ['ＡＮＮ', 'otp', '', '']];

  test('is sent once, and warned of with both lines', async () => {
    const planned = await plan(TWICE);
    expect(tell(planned)).toEqual(['2 Ann register', '3 ann settle invalid', '4 ＡＮＮ settle invalid']);
    const alike = planned.warnings.filter(({ kind }) => kind === 'similar_username');
    expect(alike.map(({ line }) => line)).toEqual([3, 4]);
    expect(alike[0]?.text).toMatch(/^username "ann" is like that of line 2: .* allow it with --allow equal-names/);
  });

  test('is sent twice where that is allowed', async () => {
    const planned = await plan(TWICE, { rules: { ...RULES, allowed: ['equal-names'] } });
    expect(tell(planned)).toEqual(['2 Ann register', '3 ann register', '4 ＡＮＮ register']);
  });

  test('keeps what is done or in doubt of either', async () => {
    const results = resultsOf([
      [['Ann', 'otp', '', ''], 2, aSettlement('registered')],
      [[' ann ', 'otp', '', ''], 3, aSettlement('registered')],
      [['ＡＮＮ', 'otp', '', ''], 4, aSettlement('unknown')],
    ]);
    const expected = ['2 Ann carry registered', '3 ann carry registered', '4 ＡＮＮ register after unknown'];
    expect(tell(await plan(TWICE, { results }))).toEqual(expected);
    expect(tell(await plan(results, { results }))).toEqual(expected);
  });

  test('keeps the sends of a row that was refused before', async () => {
    const results = resultsOf([
      [['Ann', 'otp', '', ''], 2, aSettlement('refused')],
      [[' ann ', 'otp', '', ''], 3, aSettlement('refused', { attempts: 3 })],
    ]);
    for (const input of [TWICE.slice(0, 3), results]) {
      const planned = await plan(input, { results });
      expect(tell(planned)).toEqual(['2 Ann register after refused', '3 ann settle invalid']);
      expect(planned.rows[1]?.plan).toMatchObject({ settlement: { attempts: 3 } });
    }
  });

  test('does not take the row of an equal name out of the results', async () => {
    const results = resultsOf([[['Ann', 'otp', '', ''], 2, aSettlement('registered')]]);
    const planned = await plan([NAMES, ['ann', 'otp', '', '']], { results });
    expect(tell(planned)).toEqual(['2 ann settle invalid', '3 Ann carry registered']);
    const detail = settlementOf(planned.rows[0]?.plan)?.detail;
    expect(detail).toContain('is like that of line 2 of the results, which is done or in doubt: if that is the same');
    const allowed = await plan([NAMES, ['ann', 'otp', '', '']], {
      results,
      rules: { ...RULES, allowed: ['equal-names'] },
    });
    expect(tell(allowed)).toEqual(['2 ann register', '3 Ann carry registered']);
  });

  test.each([
    ['ann', 'ANN'],
    ['ANN', 'ann'],
    ['Ann', 'ANN'],
  ])('in two runs is kept back by the second: %s, then %s', async (before, now) => {
    const results = resultsOf([
      [[before, 'otp', '', ''], 2, aSettlement('registered')],
      [['ben', 'otp', '', ''], 3, aSettlement('refused')],
    ]);
    const table = [
      NAMES,
      [before, 'otp', '', ''],
      ['BEN', 'otp', '', ''],
      [now, 'otp', '', ''],
      [now, 'pki', 'a', '2'],
    ];
    expect(tell(await plan(table, { results }))).toEqual([
      `2 ${before} carry registered`,
      '3 BEN register',
      `4 ${now} settle invalid`,
      `5 ${now} register`,
    ]);
    const later = await plan([NAMES, [now, 'otp', '', '']], { results });
    expect(tell(later)[0]).toBe(`2 ${now} settle invalid`);
  });
});

test('what programs write for no value is warned of, and sent', async () => {
  const planned = await plan([NAMES, ['NULL', 'otp', '', ''], ['nan', 'otp', '', '']]);
  expect(tell(planned)).toEqual(['2 NULL register', '3 nan register']);
  expect(planned.warnings.map(({ kind, line }) => `${line} ${kind}`)).toEqual(['2 no_name', '3 no_name']);
});
