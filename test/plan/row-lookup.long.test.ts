import { describe, expect, test } from 'vitest';
import type { FileRow } from '../../src/input/file-row.js';
import { RowLookup } from '../../src/plan/row-lookup.js';
import { addedCells, aRowFile } from '../support/builders.js';
import { heapBytes } from '../support/memory.js';
import { aSettlement } from '../support/planning.js';

describe('finding rows by line', () => {
  test('two files in the same order keep nothing in memory', async () => {
    const count = 50_000;
    const added = addedCells(aSettlement('refused'));
    const batches = async function* (): AsyncGenerator<readonly FileRow[]> {
      for (let line = 2; line < count + 2; line += 1) {
        const cells = [`user${line} ${'x'.repeat(100)}`, 'otp', '', '', ''];
        yield [{ line, cells, added: { ...added, line: String(line) } }];
      }
      await Promise.resolve();
    };
    const before = await heapBytes();
    const lookup = await RowLookup.open({ ...aRowFile(), batches });
    let found = 0;
    for (let line = 2; line < count; line += 1) if ((await lookup.take(line)) !== undefined) found += 1;
    // One row alone has more than 200 bytes.
    expect((await heapBytes()) - before).toBeLessThan(2_000_000);
    expect(found).toBe(count - 2);
    const rest: FileRow[] = [];
    for await (const row of lookup.rest()) rest.push(row);
    expect(rest).toHaveLength(2);
  });
});
