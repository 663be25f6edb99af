import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SelectionRules } from '../../src/plan/selection.js';
import { selectRows } from '../../src/plan/select-rows.js';
import { aHeader, anOtpRegistration } from '../support/builders.js';
import { aSettlement, EVERY_ROW, Stem } from '../support/planning.js';
import type { Meets, Table } from '../support/planning.js';

test('the rows come in their order, of which only the selected are sent', async () => {
  const planned = {
    ownNames: ['username', 'token_type'],
    header: aHeader(['username', 'token_type']),
    rows: (async function* () {
      for (const username of ['ann', 'ben', 'cid']) {
        const plan = { kind: 'register', registration: anOtpRegistration({ username }), past: undefined } as const;
        yield await Promise.resolve({ line: 2, cells: [username, 'otp'], plan });
      }
    })(),
  };
  const { rows, ownNames } = selectRows(planned, { ...EVERY_ROW, where: ['username=ben'] });
  const kinds: string[] = [];
  for await (const { cells, plan } of rows) kinds.push(`${cells[0] ?? ''} ${plan.kind}`);
  expect(kinds).toEqual(['ann carry', 'ben register', 'cid carry']);
  expect(ownNames).toEqual(planned.ownNames);
});

describe('pilots, and then everybody', () => {
  const names = ['username', 'token_type', 'signature_path', 'status', 'Dept'];
  const row = fc.tuple(
    fc.constantFrom('ann', 'ben', 'cid', 'dee', 'eve', ''),
    fc.constantFrom('otp', 'pki', 'card'),
    fc.constantFrom('a.p7s', 'b.p7s', ''),
    fc.constantFrom('2', '9'),
    fc.constantFrom('Sales', 'HR', ''),
  );
  const rules: fc.Arbitrary<SelectionRules> = fc.record({
    limit: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    only: fc.constantFrom(undefined, 'yes'),
    where: fc.subarray(['Dept=Sales', 'token_type=otp', 'Dept=']),
  });
  const pilot = fc.record({ file: fc.constantFrom('input', 'failed'), rules });
  const meets: Meets = () => aSettlement('registered');

  test('end in the same files as everybody at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 10 }), fc.array(pilot, { maxLength: 4 }), async (rows, pilots) => {
        const table: Table = [names, ...rows];
        const [atOnce, piecemeal] = [new Stem(table), new Stem(table)];
        await atOnce.runInput(meets);
        for (const { file, rules } of pilots) {
          if (file === 'failed' && piecemeal.failed !== undefined) await piecemeal.runFailed(meets, rules);
          else await piecemeal.runInput(meets, rules);
        }
        await piecemeal.runInput(meets);
        expect(piecemeal.results).toEqual(atOnce.results);
        expect(piecemeal.failed).toEqual(atOnce.failed);
      }),
    );
  });
});

describe('a row that the server refused', () => {
  const names = ['username', 'token_type', 'signature_path', 'status', 'Dept'];
  const rows = [
    ['ann', 'otp', '', '', 'Sales'],
    ['ben', 'pki', 'ben.p7s', '2', 'HR'],
  ];
  const onlyYes: SelectionRules = { ...EVERY_ROW, only: 'yes' };
  const pilot: SelectionRules = { ...EVERY_ROW, where: ['Dept=Sales'] };
  const refuses: Meets = () => aSettlement('refused');
  const registers: Meets = () => aSettlement('registered');

  function outcomes({ results = [] }: Stem): (string | undefined)[] {
    return results.slice(1).map((record) => record[names.length + 1]);
  }

  async function refused(): Promise<Stem> {
    const stem = new Stem([names, ...rows]);
    await stem.runInput(refuses);
    return stem;
  }

  test('stays so while others are sent', async () => {
    const stem = await refused();
    await stem.runInput(registers, pilot);
    expect(outcomes(stem)).toEqual(['registered', 'refused']);
    await stem.runInput(registers, onlyYes);
    expect(outcomes(stem)).toEqual(['registered', 'refused']);
    await stem.runFailed(registers);
    expect(outcomes(stem)).toEqual(['registered', 'registered']);
  });

  test.each([
    ['in the failed file', (stem: Stem) => stem.runFailed(registers, onlyYes)],
    ['in the input', (stem: Stem) => stem.runInput(registers, onlyYes)],
  ])('and was corrected since %s is tried by a schedule too', async (where, run) => {
    const stem = await refused();
    const correct = (record: readonly string[]): string[] => record.map((cell) => (cell === '2' ? '3' : cell));
    const isBen = ([username]: readonly string[]): boolean => username === 'ben';
    if (where === 'in the input') stem.input = stem.input.map((record) => (isBen(record) ? correct(record) : record));
    else
      stem.failed = stem.failed?.map((record) =>
        isBen(record) ? [...correct(record.slice(0, 4)), ...record.slice(4)] : record,
      );
    await run(stem);
    expect(outcomes(stem)).toEqual(['refused', 'registered']);
  });
});
