import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkbook } from '../../src/input/workbook.js';
import { MAX_UNPACKED_BYTES } from '../../src/workbook/parts.js';
import { Lab } from '../support/lab.js';
import { workbookOf } from '../support/workbook.js';

let lab: Lab;

beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

describe('a workbook that is too large is refused before it is read', () => {
  test('by what it unpacks to, which takes a few kilobytes', async () => {
    const more = { 'xl/more.xml': new Uint8Array(MAX_UNPACKED_BYTES + 1) };
    const path = lab.file('users.xlsx', workbookOf([['username', 'token_type', 'note']], more));
    expect(readFileSync(path).length).toBeLessThan(200_000);
    const opening = openWorkbook(path, { sheet: undefined, columns: undefined });
    await expect(opening).rejects.toThrow(`${path}:1: this workbook is over 128 MiB when it is unpacked`);
  });
});
