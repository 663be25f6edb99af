import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import type { Encoding } from '../../src/input/encoding.js';
import { openTextEncoding } from '../../src/record/text-encoding.js';

test.each<[Encoding, string]>([
  ['utf-8', '\ufeffé\u{1f511}'],
  ['utf-16le', '\ufeffé\u{1f511}'],
  ['utf-16be', '\ufeffé\u{1f511}'],
  ['windows-1252', 'Müller €'],
  ['cp850', 'Müller'],
  ['shift_jis', '表ソ'],
])('%s is written as others read it', async (encoding, text) => {
  const { encode } = await openTextEncoding(encoding);
  expect(iconv.decode(Buffer.from(encode(text)), encoding, { stripBOM: false })).toBe(text);
});

describe('text of the server or ours', () => {
  test.each<Encoding>(['utf-8', 'utf-16le', 'utf-16be'])('is in %s as it is', async (encoding) => {
    const { escape } = await openTextEncoding(encoding);
    expect(escape('Łódź \u{1f511} 王')).toBe('Łódź \u{1f511} 王');
  });

  test.each<[Encoding, string, string]>([
    ['windows-1252', 'Zürich — “ok” €', 'Zürich — “ok” €'],
    ['windows-1252', 'Łódź', '\\u0141ódź'.replace('ź', '\\u017a')],
    ['windows-1252', 'key \u{1f511}', 'key \\u{1f511}'],
    ['windows-1252', 'a\ufffdb?', 'a\\ufffdb?'],
    ['cp850', 'ü…', 'ü\\u2026'],
    ['shift_jis', '表 ü', '表 \\u00fc'],
  ])('shows in %s what that lacks: %j', async (encoding, text, shown) => {
    const { encode, escape } = await openTextEncoding(encoding);
    expect(escape(text)).toBe(shown);
    expect(escape(escape(text))).toBe(shown);
    expect(iconv.decode(Buffer.from(encode(escape(text))), encoding)).toBe(shown);
  });
});
