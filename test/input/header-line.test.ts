import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findHeaderLine, headerCause, skipLines, withoutEndMark } from '../../src/input/header-line.js';

const NOTHING = { delimiter: undefined, columns: {} };

/** The text in parts of these lengths, as a file is read. */
async function* partsOf(text: string, lengths: readonly number[]): AsyncGenerator<{ readonly bytes: Buffer }> {
  let rest = Buffer.from(text);
  for (const length of lengths) {
    yield await Promise.resolve({ bytes: rest.subarray(0, length) });
    rest = rest.subarray(length);
  }
  yield { bytes: rest };
}

async function textOf(
  parts: AsyncIterable<{ readonly bytes: Buffer } | { readonly problem: string }>,
): Promise<string> {
  const all: Buffer[] = [];
  for await (const part of parts) all.push('bytes' in part ? part.bytes : Buffer.from(part.problem));
  return Buffer.concat(all).toString();
}

function endMarks(text: string): number {
  const last = Array.from(text).findLastIndex((character) => character !== '\u001a');
  return text.length - last - 1;
}

const anyLines = fc.array(fc.stringMatching(/^[a-c",]{0,4}$/), { minLength: 1, maxLength: 6 });
const lengths = fc.array(fc.nat({ max: 4 }), { maxLength: 12 });

describe('the lines above a header', () => {
  test('are passed over whatever ends them, however the file is read', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyLines,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.nat({ max: 6 }),
        lengths,
        async (lines, end, ...[n, cut]) => {
          const skipped = await textOf(skipLines(partsOf(lines.join(end), cut), n));
          expect(skipped).toBe(lines.slice(n).join(end));
        },
      ),
    );
  });

  test('a problem of the text is none of theirs', async () => {
    const parts = (async function* () {
      yield await Promise.resolve({ problem: 'not UTF-8' });
    })();
    expect(await textOf(skipLines(parts, 3))).toBe('not UTF-8');
  });
});

describe('a Ctrl-Z', () => {
  test('is left out at the end alone, however the file is read', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\n', '\u001a'), maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(text, lengths, async (whole, cut) => {
        expect(await textOf(withoutEndMark(partsOf(whole, cut)))).toBe(whole.slice(0, whole.length - endMarks(whole)));
      }),
    );
  });
});

describe('where a header seems to stand', () => {
  test.each<[string, string, number | undefined]>([
    ['below a title', 'Users\nusername,token_type\n', 2],
    ['below lines with cells, by another delimiter', 'a,b,c\n\nx,y\nUser Name;Token Type\n', 4],
    ['as spreadsheets write it', '#TYPE X\r\n"username","token_type"\r\n', 2],
    ['nowhere', 'Users\nann,otp\n', undefined],
    ['not on the first line, which was looked at', 'username,token_type\nann,otp\n', undefined],
    ['not too far down', `${'x\n'.repeat(40)}username,token_type\n`, undefined],
  ])('%s', (_, head, line) => expect(findHeaderLine(head, NOTHING)).toBe(line));

  test('by the names that are given for its columns', () => {
    const columns = { username: 'UPN', token_type: 'Kind' };
    expect(findHeaderLine('Users\nUPN,Kind\n', { delimiter: undefined, columns })).toBe(2);
    expect(findHeaderLine('Users\nUPN,Kind\n', NOTHING)).toBeUndefined();
  });
});

test.each<[readonly string[], boolean]>([
  [['username,token_type'], true],
  [['username;x'], true],
  [['username'], false],
  [['a,b'], false],
  [['username', 'token_type'], false],
  [[''], false],
])('a header that is one cell stands in quotes as a whole: %j', (names, isQuoted) => {
  expect(headerCause(names, {}, 'one cell')).toBe(isQuoted ? 'one cell' : undefined);
});
