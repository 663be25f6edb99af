import { createPublicKey } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { encode, inside, oidValue, parseStructure, TAG, valueOf } from './asn1.js';
import type { Element } from './asn1.js';

const RSA = oidValue('1.2.840.113549.1.1.1');
const EC = oidValue('1.2.840.10045.2.1');
/** RFC 5480, 2.1.1.1, with what JSON calls them (RFC 7518, 6.2.1.1). */
const CURVES: Readonly<Record<string, string>> = {
  [oidValue('1.2.840.10045.3.1.7')]: 'P-256',
  [oidValue('1.3.132.0.34')]: 'P-384',
  [oidValue('1.3.132.0.35')]: 'P-521',
};
/** A bit string of whole bytes: before them stands how many bits are not used. */
const WHOLE = '\0';
/** What a point begins with that has both its coordinates. */
const UNCOMPRESSED = '\x04';

/**
 * The key of a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7); undefined for one that OpenSSL can't use. Its numbers are handed
 * over as JSON where they are easily found, since OpenSSL's way from DER takes some 140 µs, and from JSON 3.
 */
export function publicKeyOf(info: Element | undefined): KeyObject | undefined {
  if (info === undefined) return undefined;
  const key = numbersOf(info);
  try {
    return createPublicKey(
      key === undefined ? { key: encode(info), format: 'der', type: 'spki' } : { key, format: 'jwk' },
    );
  } catch {
    return undefined;
  }
}

function numbersOf(info: Element): JsonWebKey | undefined {
  const [algorithm, bits] = inside(info, TAG.sequence);
  const [type, curve] = inside(algorithm, TAG.sequence);
  const octets = valueOf(bits, TAG.bits) ?? '';
  if (!octets.startsWith(WHOLE)) return undefined;
  const key = octets.slice(WHOLE.length);
  switch (valueOf(type, TAG.oid)) {
    case RSA:
      return rsaNumbers(key);
    case EC:
      return ecNumbers(key, CURVES[valueOf(curve, TAG.oid) ?? '']);
    case undefined:
    default:
      return undefined;
  }
}

/** RFC 8017, A.1.1. */
function rsaNumbers(key: string): JsonWebKey | undefined {
  const parsed = parseStructure(Buffer.from(key, 'latin1'));
  if (typeof parsed === 'string') return undefined;
  const [modulus, exponent] = inside(parsed, TAG.sequence).map((number) => valueOf(number, TAG.integer));
  if (modulus === undefined || exponent === undefined || isNegative(modulus) || isNegative(exponent)) return undefined;
  return { kty: 'RSA', n: toBase64Url(modulus), e: toBase64Url(exponent) };
}

/** RFC 5480, 2.2. */
function ecNumbers(key: string, crv: string | undefined): JsonWebKey | undefined {
  const bytes = (key.length - 1) / 2;
  if (crv === undefined || !key.startsWith(UNCOMPRESSED) || !Number.isInteger(bytes)) return undefined;
  return { kty: 'EC', crv, x: toBase64Url(key.slice(1, 1 + bytes)), y: toBase64Url(key.slice(1 + bytes)) };
}

function isNegative(integer: string): boolean {
  return integer.length === 0 || integer.charCodeAt(0) > 0x7f;
}

function toBase64Url(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('base64url');
}
