import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inGroups, isTypable, openLetters } from '../../src/handout/letters.js';
import type { HandedKey } from '../../src/handout/hand-out.js';
import { Sink } from '../support/sink.js';
import { runs } from '../support/suite.js';

const HANDED: HandedKey = {
  username: 'ann',
  key: 'AB12CD34EF',
  registeredAt: 'then',
  written: '',
  cells: ['ann', 'Sales'],
};
const TEMPLATE = {
  head: '<head>',
  letter: ['<p>', { column: 1 }, ': ', { placeholder: 'key' }, { placeholder: 'qr' }, '</p>'],
  tail: '<end>\n',
} as const;

function write(keys: readonly Partial<HandedKey>[], toQrCode?: (text: string) => string): string {
  const sink = new Sink();
  const writer = openLetters(sink, { template: TEMPLATE, salt: 'SALT', toQrCode });
  for (const key of keys) writer.write({ ...HANDED, ...key });
  expect(writer.finish()).toBe('digest');
  return sink.bytes.toString();
}

it('has one page a person, and what stands around them once', () => {
  expect(write([{}, { key: '1', cells: ['ben', 'HR'] }])).toBe(
    '<head><p>Sales: AB12 CD34 EF</p><p>HR: 1</p><end>\n<!-- salt: SALT -->\n',
  );
});

it('has a QR code of the bare key, where that is asked for', () => {
  expect(write([{}], (text) => `<svg>${text}</svg>`)).toContain('AB12 CD34 EF<svg>AB12CD34EF</svg>');
});

it('takes a cell for text and nothing else; its lines stay', () => {
  expect(write([{ cells: ['', '<b title="x">&\r\nA\'s\u202e'] }])).toContain(
    String.raw`<p>&lt;b title=&quot;x&quot;&gt;&amp;<br>A&#39;s\u202e: `,
  );
});

describe('a key in groups', () => {
  it.each([
    ['ABCDEFGH', 'ABCD EFGH'],
    ['ABCDEFGHI', 'ABCD EFGH I'],
    ['ABCD-EFGH', 'ABCD-EFGH'],
    ['AB CD', 'AB CD'],
    ['a+b=', 'a+b='],
    ['ключи1', 'ключ и1'],
  ])('%s is %s', (key, groups) => {
    expect(inGroups(key)).toBe(groups);
  });

  it('is the key when its blanks are taken away', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('A', '7', 'ä', '漢') }),
        (key) => inGroups(key).replaceAll(' ', '') === key,
      ),
      runs(100),
    );
  });
});

it('has no key that nobody can type from paper', () => {
  const isTaken = (changes: Partial<HandedKey>): boolean => isTypable({ ...HANDED, ...changes });
  expect([{}, { written: 'object as JSON' }, { key: '=1+1' }].map(isTaken)).toEqual([true, true, true]);
  expect(
    [{ written: 'key in base64' }, { written: 'key as JSON; object as JSON' }, { key: 'a\u202eb' }].map(isTaken),
  ).toEqual([false, false, false]);
});
