import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { expect, it, test } from 'vitest';
import { inside, parseStructure, TAG } from '../../src/signature/asn1.js';
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

/** As hexadecimal text, with the length before what it holds. */
function der(tag: string, ...held: readonly string[]): string {
  const value = held.join('');
  const bytes = value.length / 2;
  const length = bytes < 0x80 ? toHex(bytes) : bytes < 0x100 ? `81${toHex(bytes)}` : `82${toHex(bytes >> 8, bytes)}`;
  return `${tag}${length}${value}`;
}

function toHex(...bytes: readonly number[]): string {
  return Buffer.from(bytes).toString('hex');
}

const MODULUS = `00${'c5'.repeat(128)}`;
const [RSA, EC, P256, NULL] = ['06092a864886f70d010101', '06072a8648ce3d0201', '06082a8648ce3d030107', '0500'];
const POINT = Buffer.from(KEYS[3]![1].export({ type: 'spki', format: 'der' }).subarray(-64)).toString('hex');
const [X, Y] = [POINT.slice(0, 64), POINT.slice(64)];

function rsa({ modulus = MODULUS, exponent = '010001', third = '', parameters = NULL, ofInfo = '', unused = '00' }) {
  const numbers = der('30', der('02', modulus), der('02', exponent), third);
  return der('30', der('30', RSA, parameters), der('03', unused, numbers), ofInfo);
}

function ec({ point = `04${X}${Y}`, parameters = P256, ofInfo = '' }) {
  return der('30', der('30', EC, parameters), der('03', '00', point), ofInfo);
}

test.each([
  ['RSA', rsa({})],
  ['a negative modulus', rsa({ modulus: MODULUS.slice(2) })],
  ['a negative exponent', rsa({ exponent: '81' })],
  ['a modulus after zeros', rsa({ modulus: `00${MODULUS}` })],
  ['an exponent after a zero', rsa({ exponent: '00010001' })],
  ['no modulus', rsa({ modulus: '' })],
  ['a third number', rsa({ third: '020101' })],
  ['a third part', rsa({ ofInfo: NULL })],
  ['a second parameter', rsa({ parameters: NULL + NULL })],
  ['a null that holds something', rsa({ parameters: '050100' })],
  ['a parameter that is none', rsa({ parameters: '0200' })],
  ['RSA without a parameter', rsa({ parameters: '' })],
  ['RSA with a curve', rsa({ parameters: P256 })],
  ['bits that are not used', rsa({ unused: '01' })],
  ['EC', ec({})],
  ['coordinates after zeros', ec({ point: `0400${X}00${Y}` })],
  ['coordinates of another length', ec({ point: `04${X}${Y}00` })],
  ['no curve', ec({ parameters: '' })],
  ['a curve and more', ec({ parameters: P256 + NULL })],
  ['a third part of EC', ec({ ofInfo: NULL })],
])('what is odd is what OpenSSL takes it for: %s', (_, hex) => {
  const bytes = Buffer.from(hex, 'hex');
  const info = parseStructure(bytes) as Element;
  expect(toBytes(publicKeyOf(info))).toEqual(toBytes(readAsOpenssl(bytes)));
});

function toBytes(key: KeyObject | undefined): Buffer | undefined {
  return key?.export({ type: 'spki', format: 'der' });
}

function readAsOpenssl(bytes: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: bytes, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
