import { isAscii, isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isUnicode } from '../../src/input/encoding.js';
import type { Encoding } from '../../src/input/encoding.js';
import { InputError } from '../../src/core/input-error.js';
import { openInputText } from '../../src/input/input-text.js';
import type { EncodingHint } from '../../src/input/input-text.js';
import { Lab } from '../support/lab.js';
import { workbookOf } from '../support/workbook.js';

/** The size of the pieces in which a file is read. */
const CHUNK = 64 * 1024;
let lab: Lab;

beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

interface Reading {
  readonly encoding: Encoding;
  readonly hasBom: boolean;
  readonly text: string;
  readonly problem: string | undefined;
}

async function read(content: Uint8Array, hint?: EncodingHint): Promise<Reading> {
  const { encoding, hasBom, parts } = await openInputText(lab.file('users.csv', content), hint);
  const bytes: Buffer[] = [];
  let problem: string | undefined;
  for await (const part of parts()) {
    // Why there is no more comes last.
    expect(problem).toBeUndefined();
    if ('problem' in part) problem = part.problem;
    else bytes.push(Buffer.from(part.bytes));
  }
  return { encoding, hasBom, text: Buffer.concat(bytes).toString(), problem };
}

/** Text in an encoding, as another program would write it. */
function encoded(text: string, encoding: Encoding): Buffer {
  return iconv.encode(text, encoding);
}

describe('the encoding', () => {
  test('is UTF-8 where nobody says anything', async () => {
    expect(await read(Buffer.from('é\u{1f511}'))).toEqual({
      encoding: 'utf-8',
      hasBom: false,
      text: 'é\u{1f511}',
      problem: undefined,
    });
  });

  test.each<Encoding>(['utf-8', 'utf-16le', 'utf-16be'])('is %s where a byte order mark says so', async (encoding) => {
    const content = encoded('\ufeffa,é,\u{1f511}\n', encoding);
    const expected = { encoding, hasBom: true, text: 'a,é,\u{1f511}\n', problem: undefined };
    expect(await read(content)).toEqual(expected);
    // The mark goes before what is said of the file: a schedule may say it for all of them.
    expect(await read(content, { given: 'windows-1252' })).toEqual(expected);
    expect(await read(content, { remembered: 'cp850' })).toEqual(expected);
  });

  test.each<[Encoding, string]>([
    ['windows-1252', 'Müller €'],
    ['windows-1250', 'Łódź'],
    ['windows-1251', 'Иван'],
    ['iso-8859-15', 'Œuvre €'],
    ['cp850', 'Müller Ø'],
    ['cp437', 'Müller'],
    ['koi8-r', 'Иван'],
    ['macintosh', 'Müller'],
    ['shift_jis', '表ソ能,山田'],
    ['euc-jp', '山田'],
    ['gbk', '王小明'],
    ['gb18030', '王\u{20000}'],
    ['big5', '功許蓋'],
    ['euc-kr', '김철수'],
    ['utf-16le', 'é\u{1f511}'],
    ['utf-16be', 'é\u{1f511}'],
  ])('%s is read when it is given, or remembered', async (encoding, text) => {
    const content = encoded(text, encoding);
    expect(content.equals(Buffer.from(text))).toBe(false);
    expect(await read(content, { given: encoding })).toMatchObject({ encoding, hasBom: false, text });
    expect(await read(content, { remembered: encoding })).toMatchObject({ encoding, hasBom: false, text });
  });

  test('that is given goes before the one that is remembered', async () => {
    expect(await read(encoded('ü', 'cp850'), { given: 'cp850', remembered: 'utf-8' })).toMatchObject({ text: 'ü' });
  });

  test('a mark further on is text', async () => {
    expect(await read(Buffer.from('\ufeff\ufeffa\ufeff'))).toMatchObject({ text: '\ufeffa\ufeff', hasBom: true });
  });
});

describe('a file that was saved anew since an earlier run', () => {
  const name = 'Müller';

  test('as UTF-8 is not taken for what it was: the operator decides', async () => {
    const refused =
      'earlier runs read windows-1252, but this is UTF-8: give --encoding utf-8; or, if it only looks so, allow';
    await expect(read(Buffer.from(name), { remembered: 'windows-1252' })).rejects.toThrow(refused);
    expect(await read(Buffer.from(name), { given: 'utf-8', remembered: 'windows-1252' })).toMatchObject({ text: name });
    expect(await read(Buffer.from(name), { remembered: 'windows-1252', allowed: ['encoding'] })).toMatchObject({
      text: 'MÃ¼ller',
    });
  });

  test.each<Encoding>([
    ...(['windows-1252', 'windows-1251', 'iso-8859-15', 'cp850', 'koi8-r', 'macintosh'] as const),
    ...(['gb18030', 'gbk', 'shift_jis', 'euc-jp', 'big5', 'euc-kr'] as const),
  ])('is not read as %s because somebody says so: whole UTF-8 is no chance', async (given) => {
    const hint = { given, givenBy: 'encoding in job.yaml line 3' };
    await expect(read(Buffer.from(name), hint)).rejects.toThrow(
      `encoding in job.yaml line 3 says ${given}, but this is UTF-8: give utf-8 there, or nothing; or, if it only looks so, allow it with --allow encoding`,
    );
    expect((await read(Buffer.from(name), { ...hint, allowed: ['encoding'] })).encoding).toBe(given);
    expect(await read(encoded('ann', given), hint)).toMatchObject({ text: 'ann' });
    expect((await read(Buffer.from([0xfc, 0x61]), hint)).encoding).toBe(given);
    expect(await read(Buffer.from(`\ufeff${name}`), hint)).toMatchObject({ encoding: 'utf-8', text: name });
  });

  test('may be a word of an encoding with many bytes a character', async () => {
    expect(await read(encoded('联通', 'gbk'), { given: 'gbk' })).toMatchObject({ text: '联通' });
  });

  test('in plain ASCII is the same in both', async () => {
    expect(await read(Buffer.from('ann'), { remembered: 'windows-1252' })).toMatchObject({
      encoding: 'windows-1252',
      text: 'ann',
    });
  });

  test('far in is looked at too', async () => {
    const content = Buffer.concat([Buffer.alloc(3 * CHUNK, 'a'), Buffer.from(name)]);
    await expect(read(content, { remembered: 'cp850' })).rejects.toThrow('but this is UTF-8');
    const western = Buffer.concat([content, Buffer.from([0xfc])]);
    expect((await read(western, { remembered: 'cp850' })).encoding).toBe('cp850');
  });
});

describe('what is no character is refused with its offset and what to do', () => {
  test.each<[string, Encoding, number[], string]>([
    ['a hole in a code page', 'windows-1252', [0x61, 0x81, 0x62], 'the byte at offset 1 is not windows-1252'],
    ['a lead byte without its second', 'shift_jis', [0x61, 0x2c, 0x82], 'the byte at offset 2 is not shift_jis'],
    ['a wrong second byte', 'big5', [0xa5, 0x5c, 0xa5, 0x2c], 'the byte at offset 2 is not big5'],
    ['half a surrogate pair', 'utf-16le', [0x61, 0, 0x3d, 0xd8, 0x61, 0], 'the byte at offset 2 is not utf-16le'],
    ['the other half', 'utf-16be', [0, 0x61, 0xdc, 0x00], 'the byte at offset 2 is not utf-16be'],
    ['half a pair at the end', 'utf-16le', [0x61, 0, 0x3d, 0xd8], 'the byte at offset 2 is not utf-16le'],
    ['half a unit at the end', 'utf-16le', [0x61, 0, 0x62], 'the byte at offset 2 is not utf-16le'],
  ])('%s', async (_, given, ...[bytes, problem]) => {
    const reading = await read(Buffer.from(bytes), { given });
    expect(reading.problem).toBe(`${problem}: give another --encoding, or save the file as "CSV UTF-8"`);
    expect(reading.text).toBe(iconv.decode(Buffer.from(bytes.slice(0, Number(/\d+/.exec(problem)?.[0]))), given));
  });

  test('the offset counts the mark', async () => {
    const { problem } = await read(Buffer.from([0xff, 0xfe, 0x61, 0, 0x00, 0xdc]));
    expect(problem).toContain('offset 4 ');
    expect((await read(Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff]))).problem).toContain('offset 4 ');
  });

  test('the offset is right however far in', async () => {
    const head = encoded('Müller;x\n'.repeat(20_000), 'windows-1252');
    const { problem, text } = await read(Buffer.concat([head, Buffer.from([0x8d])]), { given: 'windows-1252' });
    expect(problem).toContain(`offset ${head.length} `);
    expect(text).toHaveLength(head.length);
  });
});

describe('NUL is in no text', () => {
  test.each<[string, EncodingHint | undefined, number[], number]>([
    ['UTF-8', undefined, [0x61, 0xc3, 0xa9, 0x00, 0x62], 3],
    ['UTF-8 before a bad byte', undefined, [0x61, 0x62, 0x00, 0xff], 2],
    ['a code page', { given: 'windows-1252' }, [0xfc, 0xfc, 0xfc, 0x00], 3],
    ['an East Asian encoding', { given: 'shift_jis' }, [0x95, 0x5c, 0x00], 2],
    ['UTF-16', { given: 'utf-16le' }, [0x61, 0, 0xe9, 0, 0, 0], 4],
  ])('in %s it has its offset', async (_, hint, ...[bytes, offset]) => {
    const { problem } = await read(Buffer.from(bytes), hint);
    expect(problem).toBe(`the byte at offset ${offset} is NUL, which no text has: remove it, or export the file again`);
  });

  test.each([
    ['utf-16le', 1],
    ['utf-16be', 0],
  ] as const)('%s without its mark is told by it', async (encoding, offset) => {
    const { problem } = await read(encoded('username', encoding));
    expect(problem).toBe(`the byte at offset ${offset} is NUL, as in UTF-16: give --encoding ${encoding}`);
  });
});

describe('what is often taken for a CSV is named', () => {
  test.each([
    ['a workbook', workbookOf([]), 'this is an Excel workbook: give it a name that ends in .xlsx'],
    [
      'an old workbook',
      readFileSync(join(import.meta.dirname, '../../fixtures/excel/old-workbook.xls')),
      'this is an old Excel workbook: save it as .xlsx or as "CSV UTF-8"',
    ],
  ])('%s', async (_, content, problem) => {
    await expect(read(Buffer.from(content))).rejects.toThrow(new InputError(lab.path('users.csv'), 1, problem));
  });
});

test('it does not matter where the pieces end in which a file is read', async () => {
  const cases: [Encoding, string][] = [
    ['utf-8', 'é\u{1f511}€'],
    ['utf-16le', 'é\u{1f511}€'],
    ['utf-16be', 'é\u{1f511}€'],
    ['shift_jis', '表,ソa'],
    ['gb18030', '王\u{20000}a\n'],
    ['windows-1252', 'é€'],
  ];
  for (const [encoding, piece] of cases) {
    for (let shift = 0; shift < 8; shift += 1) {
      const text = 'x'.repeat(shift) + piece.repeat(CHUNK / 2);
      expect((await read(encoded(text, encoding), { given: encoding })).text === text, `${encoding} ${shift}`).toBe(
        true,
      );
    }
  }
});

test('a long run of nothing but East Asian characters is cut at none of them', async () => {
  const text = '山田'.repeat(2 * CHUNK);
  expect((await read(encoded(text, 'shift_jis'), { given: 'shift_jis' })).text === text).toBe(true);
});

const CTRL_Z = '\x1a';

test('whatever an encoding can write is read', async () => {
  const encodings: Encoding[] = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'cp850', 'shift_jis', 'gb18030'];
  const anyText = fc.string({
    unit: fc.oneof(fc.string({ unit: 'binary', maxLength: 1 }), fc.constantFrom('ü', '表', 'ß', ',')),
  });
  await fc.assert(
    fc.asyncProperty(anyText, fc.constantFrom(...encodings), async (any, encoding) => {
      // What the encoding lacks comes out as a question mark, or as nothing; a Ctrl-Z at the end is no text.
      const text = iconv
        .decode(encoded(any, encoding), encoding)
        .replaceAll(/[\0\ufeff\ufffd]/g, '')
        .replace(new RegExp(`${CTRL_Z}+$`), '');
      const bytes = encoded(text, encoding);
      // Of these it is said that they are UTF-8.
      fc.pre(isUnicode(encoding) || isAscii(bytes) || !isUtf8(bytes));
      const reading = await read(bytes, { given: encoding });
      expect([reading.text, reading.problem]).toEqual([text, undefined]);
    }),
    { numRuns: 300 },
  );
});
