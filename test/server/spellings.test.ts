import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64Forms, fold, readingsOf, squeeze } from '../../src/server/spellings.js';

const TEXT = 'Zoë/2026 <b> "x"';

describe('the readings of a text', () => {
  test.each([
    ['JSON', String.raw`Zo\u00eb\/2026 \"x\"`],
    ['JavaScript', String.raw`Zo\xeb\u{2f}2026`],
    ['C', String.raw`\132o\353/2026`],
    ['HTML by name', 'Zo&euml;&sol;2026 &quot;x'],
    ['HTML by number', 'Zo&#235;&#x2F;2026'],
    ['HTML with tags in it', 'Zo<b>ë</b>/20<br/>26'],
    ['a URL', 'Zo%C3%AB%2F2026+%3Cb%3E'],
    ['a URL in Latin-1', 'Zo%EB%2F2026'],
    ['JavaScript’s escape', 'Zo%u00EB%2F2026'],
    ['quoted-printable', 'Zo=C3=AB/2026'],
    ['capitals', 'ZOË/2026'],
    ['full width', 'Ｚｏë／２０２６'],
    ['accents apart', 'Zoe\u0308/2026'],
    ['accents left out', 'Zoe/2026'],
    ['blanks', 'Z o ë / 2 0 2 6'],
    ['dashes', 'Z-o-ë-/-2-0-2-6'],
    ['nothing that is seen', 'Z\u200bo\u00adë/2\u{e0041}026'],
    ['base64', Buffer.from(TEXT).toString('base64')],
    ['base64, glued to a word', `token${Buffer.from(TEXT).toString('base64')}`],
    [
      'base64 in lines',
      Buffer.from(TEXT)
        .toString('base64')
        .replaceAll(/(.{5})/g, '$1\r\n'),
    ],
    ['base64 for URLs', Buffer.from(`???${TEXT}`).toString('base64url')],
    ['base64 of UTF-16', Buffer.from('Zo-2026', 'utf16le').toString('base64')],
    ['hex', Buffer.from(TEXT).toString('hex')],
    ['hex of a dump', Buffer.from(TEXT).toString('hex').toUpperCase().replaceAll(/(..)/g, '$1 ')],
    ['bytes in decimals', `[${Array.from(Buffer.from(TEXT)).join(', ')}]`],
    ['bytes in decimals, in blanks', Array.from(Buffer.from(TEXT)).join(' ')],
    ['code points in decimals', Array.from(TEXT, (character) => character.codePointAt(0)).join(',')],
    ['a Buffer in JSON', JSON.stringify(Buffer.from(TEXT))],
    ['hex of C', Buffer.from(TEXT).toString('hex').replaceAll(/(..)/g, '0x$1, ')],
  ])('know %s', (_, text) => {
    const readings = [...(readingsOf(`said: ${text}`) ?? [])];
    expect(readings.filter((reading) => /ZOE?2026/.test(reading))).not.toEqual([]);
  });

  test('are few for what people write, and not made up', () => {
    expect(readingsOf('Success')).toEqual(new Set(['SUCCESS']));
    expect(readingsOf('User ann not found')?.size).toBeLessThan(4);
    expect(readingsOf('Invalid input: status (code 17)')?.size).toBeLessThan(8);
  });

  test('are not sought for ever', () => {
    const many = Array.from({ length: 40 }, (_, at) => Buffer.from(`%2${at}&amp;${'x'.repeat(at)}`).toString('base64'));
    const text = Buffer.from(many.join('&#37;')).toString('base64');
    expect(readingsOf(text)?.size ?? 0).toBeLessThanOrEqual(400);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (any) => {
        readingsOf(any);
      }),
      { numRuns: 50 },
    );
  });
});

test('a folded text is the same however it is written, and folding it again changes nothing', () => {
  expect(fold('ＳＴＲＡẞE é')).toBe(fold('strasse e\u0301'));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(fold(fold(text))).toBe(fold(text));
      expect(squeeze(squeeze(fold(text)))).toBe(squeeze(fold(text)));
    }),
  );
});

test('base64 has one of its three forms of a text in it, wherever that stands', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 4 }), fc.string(), (before, text, after) => {
      const whole = Buffer.from(before + text + after).toString('base64');
      expect(base64Forms(text).some((form) => whole.includes(form))).toBe(true);
    }),
  );
});
