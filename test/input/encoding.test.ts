import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { ENCODING_NEEDS, findByteOrderMark, parseEncoding } from '../../src/input/encoding.js';

describe('an encoding', () => {
  test.each([
    ['utf-8', 'utf-8'],
    ['UTF8', 'utf-8'],
    ['UTF-16 LE', 'utf-16le'],
    ['utf16be', 'utf-16be'],
    ['windows-1252', 'windows-1252'],
    ['cp1252', 'windows-1252'],
    ['Win1250', 'windows-1250'],
    ['cp874', 'windows-874'],
    ['ISO 8859-1', 'iso-8859-1'],
    ['latin1', 'iso-8859-1'],
    ['Latin-9', 'iso-8859-15'],
    ['CP850', 'cp850'],
    ['ibm850', 'cp850'],
    ['KOI8-R', 'koi8-r'],
    ['MacRoman', 'macintosh'],
    ['Shift_JIS', 'shift_jis'],
    ['sjis', 'shift_jis'],
    ['gb2312', 'gbk'],
    ['GB18030', 'gb18030'],
  ])('%s is %s', (name, encoding) => {
    expect(parseEncoding(name)).toBe(encoding);
  });

  // Without a mark, utf-16 leaves open which; utf-7, hex and the like are no way to write a CSV.
  test.each(['', 'utf', 'utf-16', 'utf-7', 'ansi', 'base64', 'hex', 'binary', 'cp12', 'constructor', 'windows'])(
    '%j is none',
    (name) => {
      expect(parseEncoding(name)).toBeUndefined();
    },
  );

  test('is told in words by names that are right themselves', () => {
    const words = ENCODING_NEEDS.match(/[a-z][a-z0-9_]*(?:-[a-z0-9]+)*/g) ?? [];
    const names = words.filter((word) => /[\d_]|^(?:mac|euc|gbk)/.test(word));
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(parseEncoding(name), name).toBeDefined();
  });

  test('is one that iconv-lite knows', () => {
    for (const name of ['windows-874', 'windows-1258', 'iso-8859-16', 'cp437', 'cp869', 'koi8-u', 'euc-kr', 'big5']) {
      expect(iconv.encodingExists(parseEncoding(name) ?? ''), name).toBe(true);
    }
  });
});

describe('a byte order mark', () => {
  test.each([
    ['utf-8', [0xef, 0xbb, 0xbf, 0x61], 3],
    ['utf-16le', [0xff, 0xfe], 2],
    ['utf-16be', [0xfe, 0xff, 0x00, 0x61], 2],
  ])('says %s', (encoding, bytes, length) => {
    expect(findByteOrderMark(Uint8Array.from(bytes))).toEqual({ encoding, length });
  });

  test.each([[[]], [[0xef, 0xbb]], [[0xff]], [[0x61, 0xef, 0xbb, 0xbf]]])('is not in %j', (bytes) => {
    expect(findByteOrderMark(Uint8Array.from(bytes))).toBeUndefined();
  });
});
