import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActivationKey } from '../../src/row/reply.js';
import { parseBody } from '../../src/server/parse-reply.js';
import { anyUnits } from '../support/builders.js';

/** What is found in a body, as the client hands it on. */
function keyOf(body: string | Buffer): ActivationKey | undefined {
  const bytes = Buffer.from(body);
  const text = bytes.toString();
  const isText = Buffer.from(text).equals(bytes);
  const reply = parseBody(text, isText ? undefined : bytes.toString('latin1'));
  if (reply.kind !== 'answer') throw new Error(reply.why);
  return reply.key;
}

/** In a reply whose `object` stands there like this. */
function keyIn(object: string | Buffer): ActivationKey | undefined {
  return keyOf(
    Buffer.concat([Buffer.from('{"code":"0","message":"","object":'), Buffer.from(object), Buffer.from('}')]),
  );
}

/** The very bytes that came. */
function bytesOf({ raw }: ActivationKey): Buffer {
  return Buffer.from(raw?.text ?? '', raw?.form === 'base64' ? 'base64' : 'utf8');
}

describe('a key as it is documented comes alone', () => {
  test.each<[string, string]>([
    ['"{\\"key\\":\\"ABCD-1234\\"}"', 'ABCD-1234'],
    ['"{\\"key\\": \\"ABCD-1234\\"}"', 'ABCD-1234'],
    ['" {\\n\\"key\\"  :\\"ABCD 1234\\" } "', 'ABCD 1234'],
    ['{"key":"ABCD-1234"}', 'ABCD-1234'],
    ['{ "key" : "ABCD-1234" }', 'ABCD-1234'],
    ['{"key":"\\u0041\\/B\\"C"}', 'A/B"C'],
    ['{"key":"ø🔑\u00a0"}', 'ø🔑'],
    ['{"key":12345678}', '12345678'],
    ['{"key":"00123456"}', '00123456'],
  ])('%s', (object, text) => {
    const key = keyIn(object);
    // A blank that is cut off is kept beside it.
    if (object.includes('\u00a0')) expect(key).toMatchObject({ text, raw: { text: object, isOdd: false } });
    else expect(key).toEqual({ text, bare: false });
  });

  test('whatever it is', () => {
    const key = fc.string({ unit: fc.constantFrom(...Array.from('AZaz09-_/+= ".,;:!\\äø🔑')), minLength: 1 });
    fc.assert(
      fc.property(
        // What programs write for none is odd.
        key.filter((text) => text.trim() === text && !/^(?:0+|[-_.]+)$/.test(text)),
        fc.boolean(),
        (text, isInText) => {
          const object = JSON.stringify({ key: text });
          const found = keyIn(isInText ? JSON.stringify(object) : object);
          // A text that is JSON itself is looked into.
          if (!/^["[{]/.test(text)) expect(found).toEqual({ text, bare: false });
        },
      ),
    );
  });
});

describe('what looks like the key is picked out, and all that came is kept', () => {
  test.each<[string, string]>([
    ['{"Key":"ABCD"}', 'ABCD'],
    ['{"KEY":"ABCD"}', 'ABCD'],
    ['"{\\"Key\\":\\"ABCD\\"}"', 'ABCD'],
    ['{"token":{"key":"ABCD"}}', 'ABCD'],
    ['{"key":["ABCD"]}', 'ABCD'],
    ['{"key":["ABCD","EFGH"]}', '["ABCD","EFGH"]'],
    ['{"key":{"id":7,"value":"ABCD"}}', 'ABCD'],
    ['{"key":{"text":"ABCD"}}', 'ABCD'],
    ['{"key":"{\\"value\\":\\"ABCD\\"}"}', 'ABCD'],
    ['{"activationKey":"ABCD"}', 'ABCD'],
    ['{"activation_key":"ABCD","user":"ann"}', 'ABCD'],
    ['{"activationCode":"1234","provisioning-key":"ABCD"}', 'ABCD'],
    ['{"secret":"ABCD-1234"}', 'ABCD-1234'],
    ['[{"key":"ABCD"}]', 'ABCD'],
    ['["for ann",{"key":"ABCD"}]', 'ABCD'],
    ['[null,"",{},{"key":"ABCD"}]', 'ABCD'],
    ['"[{\\"key\\":\\"ABCD\\"}]"', 'ABCD'],
    ['"\\"{\\\\\\"key\\\\\\":\\\\\\"ABCD\\\\\\"}\\""', 'ABCD'],
    ['{"Key":12345678901234567890}', '12345678901234567890'],
    ['{"token":[{"type":"otp","data":{"Key":9007199254740993}}]}', '9007199254740993'],
    ['{"key":"A","key":"B"}', 'B'],
  ])('%s', (object, text) => {
    const key = keyIn(object);
    expect(key).toEqual({
      text,
      bare: false,
      raw: { text: object, form: 'json', isOdd: expect.any(Boolean) as boolean },
    });
    expect(key?.raw?.isOdd).toBe(true);
  });

  test('a number that no parser holds is kept to the digit', () => {
    expect(keyIn('{"key":12345678901234567890}')).toEqual({ text: '12345678901234567890', bare: false });
    expect(keyIn('{"key":1.50}')).toEqual({ text: '1.50', bare: false });
  });

  test.each<[string, string, boolean]>([
    ['"ABCD-1234"', 'ABCD-1234', true],
    ['"00123456"', '00123456', true],
    ['"12345678901234567890"', '12345678901234567890', true],
    ['"1e5"', '1e5', true],
    ['"{\\"key\\":\\"ABCD"', '{"key":"ABCD', true],
    ['" ABCD-1234\\n"', 'ABCD-1234', false],
    ['"\\"ABCD-1234\\""', 'ABCD-1234', false],
    ['["ABCD-1234","EFGH"]', 'ABCD-1234', false],
    ['12345678901234567890', '12345678901234567890', true],
  ])('a plain text may be one: %s', (object, text, isAlone) => {
    const raw = isAlone ? undefined : { raw: { text: object, form: 'json', isOdd: true } };
    expect(keyIn(object)).toEqual({ text, bare: true, ...raw });
  });

  test.each(['{"key":0}', '{"key":"0"}', '"{\\"key\\":\\"000\\"}"', '{"key":"N/A"}', '{"key":"-"}'])(
    'what programs write for none is odd: %s',
    (object) => expect(keyIn(object)?.raw).toEqual({ text: object, form: 'json', isOdd: true }),
  );

  const ADDRESS = 'otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME';
  test.each([
    `{"qr":"${ADDRESS}"}`,
    `{"user":"ann","token":{"uri":"${ADDRESS}"}}`,
    `{"a":["x","${ADDRESS}"]}`,
    `{"qr":"OTPAUTH:x"}`,
  ])('an otpauth address is one, whatever it is called: %s', (object) => {
    const text = object.includes(ADDRESS) ? ADDRESS : 'OTPAUTH:x';
    expect(keyIn(object)).toEqual({ text, bare: false, raw: { text: object, form: 'json', isOdd: true } });
  });

  test('a key stands before an address, and an address alone is a plain text', () => {
    expect(keyIn(`{"qr":"${ADDRESS}","secret":"ABCD"}`)?.text).toBe('ABCD');
    expect(keyIn(`"${ADDRESS}"`)).toEqual({ text: ADDRESS, bare: true });
  });

  test('more beside the key is kept, and no reason to warn', () => {
    const object = '{"id":7,"key":"ABCD-1234","user":"ann"}';
    expect(keyIn(object)).toEqual({
      text: 'ABCD-1234',
      bare: false,
      raw: { text: object, form: 'json', isOdd: false },
    });
  });

  test('what has another name is no key, and is kept all the same', () => {
    const object = '{"user":"ann","info":{"a":"b"}}';
    expect(keyIn(object)).toEqual({ text: '', bare: false, raw: { text: object, form: 'json', isOdd: true } });
  });

  test.each([
    '{"code":"0","message":"","key":"ABCD"}',
    '{"code":"0","message":"","object":"","data":{"key":"ABCD"}}',
    '{"code":"0","object":{"key":"ABCD"},"object":""}',
    '{"code":"0","obj\\u0065ct":{"key":"ABCD"},"object":""}',
    '{"code":"0","Object":"{\\"key\\":\\"ABCD\\"}"}',
  ])('where the object does not have it, the whole reply is looked through: %s', (body) => {
    expect(keyOf(body)).toEqual({ text: 'ABCD', bare: false, raw: { text: body, form: 'json', isOdd: true } });
  });

  test('nothing is made of nothing', () => {
    for (const object of [
      '""',
      '"  "',
      'null',
      '"null"',
      '{}',
      '"{}"',
      '[]',
      '"[]"',
      'true',
      '{"key":""}',
      '{"key":null}',
      '[[],{"a":{}}]',
    ]) {
      expect(keyIn(object)).toBeUndefined();
    }
    expect(keyOf('{"code":"0"}')).toBeUndefined();
  });
});

describe('bytes that are no plain text', () => {
  test('of a lone surrogate come back by JSON', () => {
    const key = keyIn('{"key":"A\\ud800B"}');
    expect(key).toMatchObject({ text: '"A\\ud800B"', form: 'json', raw: { text: '{"key":"A\\ud800B"}', isOdd: true } });
    expect(JSON.parse(key?.text ?? '')).toBe('A\ud800B');
  });

  test('of no UTF-8 come back by base64', () => {
    const object = Buffer.from('{"key":"A\xff\xfeB"}', 'latin1');
    const key = keyIn(object);
    expect(key).toMatchObject({ form: 'base64', raw: { form: 'base64', isOdd: true } });
    expect(Buffer.from(key?.text ?? '', 'base64').toString('latin1')).toBe('A\xff\xfeB');
    expect(key && bytesOf(key)).toEqual(object);
  });

  test('beside the key leave it as it is', () => {
    const object = Buffer.from('{"key":"ABCD","name":"M\xfcller"}', 'latin1');
    const key = keyIn(object);
    expect(key).toMatchObject({ text: 'ABCD', raw: { form: 'base64', isOdd: false } });
    expect(key).not.toHaveProperty('form');
    expect(key && bytesOf(key)).toEqual(object);
  });

  test('of a U+FFFD that the server wrote are plain text', () => {
    expect(keyIn('{"key":"A\ufffdB"}')).toEqual({ text: 'A\ufffdB', bare: false });
  });

  test('in several lines, or with controls, stay one line of the file', () => {
    expect(keyIn('{\r\n"Key":"AB"\n}')).toMatchObject({ text: 'AB', raw: { form: 'base64' } });
    expect(keyIn('{"key":"A\\u001bB\\nC"}')).toMatchObject({ text: '"A\\u001bB\\nC"', form: 'json' });
  });
});

test('whatever came that is more than a documented key can be turned back into the very bytes', () => {
  const texts = fc.oneof(anyUnits, fc.string({ unit: 'binary' }), fc.json());
  const bytes = fc
    .tuple(texts, fc.uint8Array({ minLength: 1, maxLength: 5 }), fc.boolean())
    .map(([text, noise, isNoisy]) => {
      const inner = Buffer.from(JSON.stringify(text)).toString('latin1');
      // Of what no string may hold, and of what ends one, nothing.
      const odd = isNoisy ? Buffer.from(noise.map((byte) => byte | 0x80)).toString('latin1') : '';
      return Buffer.from(`${inner.slice(0, -1)}${odd}"`, 'latin1');
    });
  fc.assert(
    fc.property(bytes, fc.constantFrom('Key', 'token', 'key'), (value, name) => {
      const object = Buffer.concat([Buffer.from(`{"more":"x","${name}":`), value, Buffer.from('}')]);
      const key = keyIn(object);
      expect(key).toBeDefined();
      expect(key && bytesOf(key)).toEqual(object);
      for (const text of [key?.text ?? '', key?.raw?.text ?? '']) expect(Buffer.from(text).toString()).toBe(text);
    }),
  );
});

test('no nesting exhausts the stack, and what is too deep is kept', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}{"key":"K"}${']'.repeat(depth)}`;
  expect(keyIn(nested(8))).toMatchObject({ text: 'K' });
  expect(keyIn(nested(9))).toMatchObject({ text: '', raw: { text: nested(9), form: 'json' } });
  expect(keyIn(nested(400_000))).toMatchObject({ text: '', raw: { form: 'json' } });
  const quoted = (times: number) =>
    Array.from({ length: times }).reduce<string>((text) => JSON.stringify(text), '{"key":"K"}');
  expect(keyIn(quoted(8))).toMatchObject({ text: 'K' });
  expect(keyIn(quoted(12))?.raw).toMatchObject({ text: quoted(12), form: 'json' });
});

test('a hostile MiB takes no long', () => {
  for (const unit of ['{"key":', '"key",', '[', '{"a":"b"},', '1,']) {
    const object = JSON.stringify(unit.repeat(Math.floor(900_000 / unit.length)));
    expect(keyIn(object)?.bare).toBe(true);
  }
});
