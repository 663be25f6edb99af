import { describe, expect, test } from 'vitest';
import { attributeOf, XmlError, XmlReader } from '../../src/workbook/xml.js';

/** What is heard of these bytes, given in pieces of this length. */
function hear(xml: string | Buffer, length = Infinity): string[] {
  const heard: string[] = [];
  const reader = new XmlReader({
    open: (name, attributes) => heard.push(`<${name} ${attributeOf(attributes(), 'a') ?? '-'}`),
    close: (name) => heard.push(`>${name}`),
    text: (text) => heard.push(text),
  });
  const bytes = Buffer.from(xml);
  for (let at = 0; at < bytes.length; at += length) reader.write(bytes.subarray(at, at + length));
  reader.end();
  return heard;
}

test.each([1, 2, 3, 7, Infinity])('is heard the same in pieces of %s bytes', (length) => {
  const xml =
    '<?xml version="1.0"?><!-- x --><x:r xmlns:x="u"><x:c a="&lt;&quot;ü"/>ü&#x1f511;&#33;<![CDATA[<&]]></x:r>';
  expect(hear(xml, length).join('|')).toBe('<r -|<c <"ü|>c|ü\u{1f511}!|<&|>r');
});

test('line ends are one kind', () => {
  expect(hear('<r>a\r\nb\rc</r>')).toContain('a\nb\nc');
});

test.each<[string, Buffer]>([
  ['UTF-16 by its mark', Buffer.from('\ufeff<r>ü</r>', 'utf16le')],
  ['UTF-16 by its first character', Buffer.from('<r>ü</r>', 'utf16le')],
  ['UTF-16, the other way round', Buffer.from('\ufeff<r>ü</r>', 'utf16le').swap16()],
  ['what the declaration says', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><r>ü</r>', 'latin1')],
])('an encoding is known: %s', (_, bytes) => {
  expect(hear(bytes)).toEqual(['<r -', 'ü', '>r']);
});

describe('what is no XML, or more than a workbook has, is refused', () => {
  test.each<[string, string | Buffer]>([
    ['a tag that is not closed', '<r><c></r>'],
    ['an end that is missing', '<r><c>'],
    ['nothing', ''],
    ['an entity of its own', '<r>&lol;</r>'],
    ['a bare ampersand', '<r>a & b</r>'],
    ['no character', '<r>&#x110000;</r>'],
    ['a document type', '<!DOCTYPE r [<!ENTITY lol "lol">]><r/>'],
    ['bytes that are no UTF-8', Buffer.of(0x3c, 0x72, 0x3e, 0xff)],
    ['an encoding that nobody knows', '<?xml version="1.0" encoding="x-klingon"?><r/>'],
    ['depth', '<r>'.repeat(200)],
  ])('%s', (_, xml) => {
    expect(() => hear(xml)).toThrow(XmlError);
  });

  test('a token without an end', () => {
    expect(() => hear(`<r a="${'x'.repeat(4 * 1024 * 1024)}`, 64 * 1024)).toThrow('a token without an end');
  });
});
