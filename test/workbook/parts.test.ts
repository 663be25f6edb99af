import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { MAX_PARTS, PartsError, WorkbookParts } from '../../src/workbook/parts.js';

const TEXT = Buffer.from('text of a part'.repeat(100));

async function read(bytes: Uint8Array, name = 'xl/a.xml'): Promise<string> {
  const parts = await WorkbookParts.open(Buffer.from(bytes));
  return (await parts.readWhole(name)).toString();
}

/** The list at the end of an archive says a thing of each entry, at an offset from its beginning. */
function withEntry(bytes: Uint8Array, change: (entry: Buffer) => void): Buffer {
  const changed = Buffer.from(bytes);
  change(changed.subarray(changed.indexOf('PK\u0001\u0002')));
  return changed;
}

test.each(['xl/a.xml', 'xl\\a.xml', '/XL/A.XML'])('a part is found as %s', async (name) => {
  expect(await read(zipSync({ [name]: TEXT }))).toBe(TEXT.toString());
});

test('a part that is not packed is read too', async () => {
  expect(await read(zipSync({ 'xl/a.xml': TEXT }, { level: 0 }))).toBe(TEXT.toString());
});

describe('what is no archive, or a damaged one', () => {
  const whole = zipSync({ 'xl/a.xml': TEXT });

  test.each<[string, Uint8Array]>([
    ['nothing', Buffer.alloc(0)],
    ['half of it', whole.subarray(0, whole.length / 2)],
    ['no part of that name', zipSync({ 'xl/b.xml': TEXT })],
    ['two parts of one name', zipSync({ 'xl/a.xml': TEXT, 'XL/a.xml': TEXT })],
    ['another sum than its bytes have', withEntry(whole, (entry) => entry.writeUInt32LE(1, 16))],
    ['more bytes than it says', withEntry(whole, (entry) => entry.writeUInt32LE(10, 24))],
    ['fewer bytes than it says', withEntry(whole, (entry) => entry.writeUInt32LE(99_999, 24))],
  ])('%s', async (_, bytes) => {
    await expect(read(bytes)).rejects.toThrow(
      new PartsError('this is no Excel workbook, or a damaged one: open it in Excel and save it again'),
    );
  });
});

describe('what costs more than it is worth is refused before it is unpacked', () => {
  test('a part in a way to pack that is not read here', async () => {
    const bytes = withEntry(zipSync({ 'xl/a.xml': TEXT }), (entry) => entry.writeUInt16LE(9, 10));
    await expect(read(bytes)).rejects.toThrow('is packed in a way that is not read here (method 9): open it in Excel');
  });

  test('a part under a password', async () => {
    const bytes = withEntry(zipSync({ 'xl/a.xml': TEXT }), (entry) => entry.writeUInt16LE(1, 8));
    await expect(read(bytes)).rejects.toThrow('is an archive under a password: take the password off');
  });

  test('many parts', async () => {
    const names = Array.from({ length: MAX_PARTS + 1 }, (_, at) => [`${at}`, new Uint8Array()] as const);
    await expect(read(zipSync(Object.fromEntries(names)))).rejects.toThrow(
      'has 10001 parts, over 10000: save the sheet',
    );
  });

  test('what all parts say that they unpack to', async () => {
    const bytes = withEntry(zipSync({ 'xl/a.xml': TEXT }), (entry) => entry.writeUInt32LE(128 * 1024 * 1024 + 1, 24));
    await expect(read(bytes)).rejects.toThrow('is over 128 MiB when it is unpacked: save the sheet as "CSV UTF-8"');
  });

  test('a part that is to be small', async () => {
    const parts = await WorkbookParts.open(Buffer.from(zipSync({ 'xl/a.xml': TEXT })));
    await expect(parts.readWhole('xl/a.xml', 10)).rejects.toThrow('has a part xl/a.xml that is far too large');
  });
});
