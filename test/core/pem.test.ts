import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCertificates, parsePem } from '../../src/core/pem.js';
import { makeCertificate } from '../../src/simulator/make-certificate.js';

const [one, two] = [await makeCertificate(['one']), await makeCertificate(['two'])];
const LINES = one.cert.trimEnd().split('\n').length;

function count(content: string | Buffer): number | string {
  const parsed = parseCertificates(Buffer.from(content), 'ca.pem');
  return 'problem' in parsed ? parsed.problem : parsed.certificates.length;
}

function utf16(text: string, isBig: boolean): Buffer {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
}

describe('certificates', () => {
  test.each<[string, string | Buffer, number]>([
    ['one', one.cert, 1],
    ['two', one.cert + two.cert, 2],
    ['with words between', `subject=Jürgen\n${one.cert}\n# the next\n${two.cert}bye`, 2],
    ['with a key between', one.cert + one.key + two.cert, 2],
    ['behind a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(one.cert)]), 1],
    ['in UTF-16, as PowerShell writes', utf16(one.cert + two.cert, false), 2],
    ['in UTF-16, the other way round', utf16(one.cert + two.cert, true), 2],
    ['with the line ends of Windows', (one.cert + two.cert).replaceAll('\n', '\r\n'), 2],
    ['with the line ends of an old Mac', (one.cert + two.cert).replaceAll('\n', '\r'), 2],
    ['with blanks at the ends of lines', (one.cert + two.cert).replaceAll('\n', ' \n'), 2],
    ['without a line end at the end', (one.cert + two.cert).trimEnd(), 2],
    ['none', 'hello', 0],
    ['none at all', '', 0],
  ])('are counted: %s', (_, content, number) => {
    expect(count(content)).toBe(number);
  });

  test.each<[string, string, string]>([
    [
      'cut off',
      one.cert.slice(0, 200),
      'block 1 of ca.pem is cut off (line 1): it has no line -----END CERTIFICATE-----',
    ],
    ['cut off before the next', one.cert.slice(0, 200) + '\n' + two.cert, 'block 1 of ca.pem is cut off (line 1)'],
    ['the last one cut off', one.cert + two.cert.slice(0, 200), `block 2 of ca.pem is cut off (line ${LINES + 1})`],
    ['joined', one.cert.trimEnd() + two.cert, `block 1 of ca.pem can't be read (line ${LINES}): the end of one block`],
    ['on one line', one.cert.replaceAll('\n', ''), "block 1 of ca.pem can't be read (line 1): it stands on one line"],
    ['on one line, with \\n', one.cert.replaceAll('\n', '\\n'), 'it stands on one line'],
    ['on one line, behind a good one', one.cert + two.cert.replaceAll('\n', ' '), "block 2 of ca.pem can't be read"],
    ['indented', one.cert.replaceAll(/^/gm, '  '), 'need five dashes on both sides, and a line of their own'],
    ['a dash short', one.cert + two.cert.replace('-----BEGIN', '----BEGIN'), `(line ${LINES + 1}): -----BEGIN and`],
    ['without its first part', one.cert.slice(100), 'block 1 of ca.pem ends as CERTIFICATE'],
    ['with another end', one.cert.replace('END CERT', 'END X509 CERT'), 'ends as X509 CERTIFICATE'],
    ['empty', one.cert.replace(/\n[^-]*\n/, '\n'), 'block 1 of ca.pem is empty (line 1): export it again'],
    ['holding a blank line alone', one.cert.replace(/\n[^-]*\n/, '\n \n'), 'is empty'],
    ['damaged', one.cert.replace(/\n.{20}/, '\nMIIC'), "certificate 1 of ca.pem can't be read (line 1)"],
    ['no base64', one.cert.replace(/\n[^-]*\n/, '\n????\n'), "certificate 1 of ca.pem can't be read (line 1)"],
    ['and a key that is cut off', one.cert + one.key.slice(0, 60), 'it has no line -----END PRIVATE KEY-----'],
  ])('are refused, with the place, when one is %s', (_, content, words) => {
    expect(count(content)).toContain(words);
  });

  test('are all there, or the file is refused, wherever it is cut within a block', () => {
    const file = one.cert + two.cert;
    const begun = '-----BEGIN'.length;
    const within = fc.oneof(
      fc.integer({ min: begun, max: one.cert.length - 2 }),
      fc.integer({ min: one.cert.length + begun, max: file.length - 2 }),
    );
    fc.assert(
      fc.property(within, (end) => {
        expect(count(file.slice(0, end))).toMatch(/^block [12] of ca\.pem /);
      }),
    );
  });
});

test('blocks keep their place and their kind, without what stands between', () => {
  const parsed = parsePem(Buffer.from(`a comment\n${one.cert}another\n${one.key}`), 'x');
  expect('blocks' in parsed && parsed.blocks.map(({ label, line }) => [label, line])).toEqual([
    ['CERTIFICATE', 2],
    ['PRIVATE KEY', LINES + 3],
  ]);
  expect('blocks' in parsed && parsed.blocks.map(({ text }) => text).join('')).toBe(one.cert + one.key);
});
