import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { expect, it, test } from 'vitest';
import { encode, inside, parseStructure, TAG } from '../../src/signature/asn1.js';
import type { Element } from '../../src/signature/asn1.js';
import { publicKeyOf } from '../../src/signature/public-key.js';

function infoOf(key: KeyObject): Element {
  const info = parseStructure(key.export({ type: 'spki', format: 'der' }));
  if (typeof info === 'string') throw new Error(info);
  return info;
}

const KEYS: readonly (readonly [string, KeyObject])[] = [
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey],
  [
    'RSA with a large exponent',
    generateKeyPairSync('rsa', { modulusLength: 1024, publicExponent: 0x1000001 }).publicKey,
  ],
  ['RSA-PSS', generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).publicKey],
  ...['P-256', 'P-384', 'P-521', 'secp256k1'].map(
    (namedCurve) => [namedCurve, generateKeyPairSync('ec', { namedCurve }).publicKey] as const,
  ),
  ['Ed25519', generateKeyPairSync('ed25519').publicKey],
];

it.each(KEYS)('a key is the one that OpenSSL reads: %s', (_, key) => {
  expect(publicKeyOf(infoOf(key))?.equals(key)).toBe(true);
});

/** With other octets for its key. */
function withKey(key: KeyObject, octets: Buffer): Element {
  const info = infoOf(key);
  Object.assign(inside(info, TAG.sequence)[1]!, { value: octets.toString('latin1') });
  return info;
}

test.each([
  ['no point of its curve', KEYS[3]![1], Buffer.concat([Buffer.of(0, 4), Buffer.alloc(64, 1)])],
  ['a point that is cut', KEYS[3]![1], Buffer.of(0, 4, 1)],
  ['none at all', KEYS[3]![1], Buffer.alloc(0)],
  ['no numbers', KEYS[0]![1], Buffer.from('no numbers')],
])('a key that is %s is none', (_, key, octets) => {
  const der = withKey(key, octets);
  expect(publicKeyOf(der)).toBeUndefined();
  expect(publicKeyOf(undefined)).toBeUndefined();
});

test('an RSA key with a negative number is what OpenSSL takes it for', () => {
  const [modulus, exponent] = [Buffer.alloc(64, 0xff), Buffer.of(1, 0, 1)];
  const numbers = Buffer.concat([Buffer.of(2, modulus.length), modulus, Buffer.of(2, exponent.length), exponent]);
  const info = withKey(KEYS[0]![1], Buffer.concat([Buffer.of(0, 0x30, numbers.length), numbers]));
  expect(publicKeyOf(info)).toEqual(theirs(info));
});

function theirs(info: Element): KeyObject | undefined {
  try {
    return createPublicKey({ key: encode(info), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
