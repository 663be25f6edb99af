import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KnownKeys } from '../../src/server/known-keys.js';
import { LEFT_OUT, MARK, PART, Secrets } from '../../src/server/secrets.js';
import { ENCODERS } from '../support/encoders.js';

const PASSWORD = 'Sommer/2026-ü!x';

describe('a text with a secret in it', () => {
  const secrets = new Secrets(PASSWORD, 'pin4', 'the session');

  test('gets a mark where it stands as it is', () => {
    expect(secrets.hide(`no: ${PASSWORD}, the session, ${PASSWORD}`)).toBe(`no: ${MARK}, ${MARK}, ${MARK}`);
  });

  test('is left out where it is short, or in another spelling', () => {
    for (const text of ['pin4', 'no pin4 here', 'PIN4', PASSWORD.toUpperCase()])
      expect(secrets.hide(text)).toBe(LEFT_OUT);
  });

  test('is left out for a part of it, and stays with less', () => {
    for (let from = 0; from + PART <= PASSWORD.length; from += 1) {
      expect(secrets.hide(`no: ${PASSWORD.slice(from, from + PART)} …`)).toBe(LEFT_OUT);
    }
    expect(secrets.hide('Somme, 2026-')).toBe('Somme, 2026-');
  });

  test('is left out where a part stays beside a mark', () => {
    expect(secrets.hide(`${PASSWORD} and ${PASSWORD.slice(2)}`)).toBe(LEFT_OUT);
  });

  test('is as it was where it has none', () => {
    for (const text of ['', 'Success', 'User zoë not found', 'x'.repeat(1000)]) expect(secrets.hide(text)).toBe(text);
    expect(new Secrets().hide(PASSWORD)).toBe(PASSWORD);
    expect(new Secrets('', ' ').hide('a b')).toBe('a b');
  });

  test('is looked at anew when there is another secret', () => {
    const growing = new Secrets();
    expect(growing.hide('new-token')).toBe('new-token');
    growing.add('new-token');
    expect(growing.hide('new-token')).toBe(MARK);
  });

  test('has the longer of two for one that holds the other', () => {
    expect(new Secrets('secret-one', 'secret-one-and-two').hide('a secret-one-and-two b')).toBe(`a ${MARK} b`);
  });
});

describe('beside its activation key', () => {
  const KEY = 'KEY-0001-ABCD';

  test('a message loses it', () => {
    const secrets = new Secrets(PASSWORD);
    expect(secrets.hide(`is ${KEY}`, KEY)).toBe(`is ${MARK}`);
    expect(secrets.hide(`is ${KEY}`, 'another key')).toBe(`is ${KEY}`);
    expect(secrets.hide(`is ${KEY.toLowerCase()}`, KEY)).toBe(LEFT_OUT);
    expect(secrets.hide(`${KEY} and ${PASSWORD}`, KEY)).toBe(LEFT_OUT);
    expect(secrets.hide('is 1234', '1234')).toBe(LEFT_OUT);
  });

  test('it says the same of the same message every time', () => {
    const secrets = new Secrets(PASSWORD);
    for (let time = 0; time < 3; time += 1) {
      expect(secrets.hide('Success', KEY)).toBe('Success');
      expect(secrets.hide(`is ${KEY}`, KEY)).toBe(`is ${MARK}`);
    }
  });

  test('a message that was shown before has nothing left to hide, but from a secret that is new', () => {
    const secrets = new Secrets(PASSWORD);
    expect(secrets.hide(`is ${KEY}`, 'another key')).toBe(`is ${KEY}`);
    expect(secrets.hide(`is ${KEY}`, KEY)).toBe(`is ${KEY}`);
    secrets.add('a new secret');
    expect(secrets.hide(`is ${KEY}`, KEY)).toBe(`is ${MARK}`);
  });
});

describe('the activation key of another row', () => {
  const KEY = 'KEY-0001-ABCD';
  const OTHER = 'key-0002-abcd';

  function knowing(...keys: readonly string[]): Secrets {
    const secrets = new Secrets(PASSWORD);
    const known = new KnownKeys(() => 1_234_567_890);
    secrets.know(known);
    for (const key of keys) known.add(key);
    return secrets;
  }

  test('gets a mark, whatever its case and what parts its groups', () => {
    const secrets = knowing(KEY);
    for (const text of [KEY, KEY.toLowerCase(), KEY.replaceAll('-', ' '), KEY.replaceAll('-', '')])
      expect(secrets.hide(`ann has "${text}".`)).toBe(`ann has "${MARK}".`);
  });

  test('beside the own one leaves two marks', () => {
    expect(knowing(OTHER).hide(`${KEY}, not ${OTHER}`, KEY)).toBe(`${MARK}, not ${MARK}`);
    expect(knowing(OTHER, KEY).hide(`${KEY}, not ${OTHER}`, KEY)).toBe(`${MARK}, not ${MARK}`);
  });

  test('has the text left out where it is spelt otherwise, or stands beside a part of a secret', () => {
    for (const text of [Buffer.from(KEY).toString('hex'), `${KEY} ${Buffer.from(KEY).toString('base64')}`])
      expect(knowing(KEY).hide(`ann has ${text}`)).toBe(LEFT_OUT);
    expect(knowing(KEY).hide(`${KEY} ${PASSWORD.slice(2)}`)).toBe(LEFT_OUT);
  });

  test('is hidden from the moment on when it is known', () => {
    const secrets = new Secrets(PASSWORD);
    const known = new KnownKeys(() => 1_234_567_890);
    secrets.know(known);
    expect(secrets.hide(`ann has ${OTHER}`)).toBe(`ann has ${OTHER}`);
    known.add(KEY);
    for (let time = 0; time < 3; time += 1) expect(secrets.hide(`ann has ${KEY}`)).toBe(`ann has ${MARK}`);
  });
});

const CHARACTERS = Array.from(
  'abcdefghijklmnopqrstuvwxyzABCDXYZ0123456789!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ äöüßéñøŁ密碼ก',
);

/** Printable, in scripts that have cases and that have none; at least one part long. */
const aSecret = fc
  .array(fc.constantFrom(...CHARACTERS), { minLength: PART, maxLength: 24 })
  .map((characters) => characters.join(''))
  // Of what is left of fewer no spelling is sure to show a part.
  .filter((text) => text.replaceAll(/[^\p{L}\p{N}]/gu, '').length >= PART);

const anEncoder = fc.constantFrom(...Object.entries(ENCODERS));

test('no secret comes through in any spelling, nor in the spelling of one', () => {
  const aSpelling = fc.record({
    secret: aSecret,
    first: anEncoder,
    then: anEncoder,
    before: fc.constantFrom('', 'no: ', 'x'),
  });
  fc.assert(
    fc.property(aSpelling, ({ secret, first: [, encode], then: [, encodeAgain], before }) => {
      const shown = new Secrets(secret).hide(`${before}${encodeAgain(encode(secret))}`);
      if (shown === LEFT_OUT) return;
      expect(shown).toContain(MARK);
      const rest = shown.replaceAll(MARK, '').toLowerCase();
      for (let at = 0; at + PART <= secret.length; at += 1) {
        expect(rest).not.toContain(secret.slice(at, at + PART).toLowerCase());
      }
    }),
    { numRuns: 500, seed: 14 },
  );
});

test('a short one does not in any spelling of the table', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9]{4,5}$/), anEncoder, (secret, [, encode]) => {
      expect(new Secrets(secret).hide(`no: ${encode(secret)}`)).toBe(LEFT_OUT);
    }),
  );
});

test('what a server writes for people stays, whatever the secrets', () => {
  const secrets = new Secrets(PASSWORD, 'f'.repeat(3) + '0123456789abcdef'.repeat(4), 'kJ8/q+Zx0PbbQ1yTmR4wLA==');
  const messages = ['Success', 'User not found', 'DB error', 'Invalid input: signature', 'Pengguna tidak dijumpai'];
  for (const message of messages) expect(secrets.hide(message)).toBe(message);
  fc.assert(
    fc.property(fc.lorem({ maxCount: 30 }), (text) => {
      expect(secrets.hide(text)).toBe(text);
    }),
  );
});
