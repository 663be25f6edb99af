import { createPublicKey } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { encode, inside, oidValue, parseStructure, TAG, valueOf } from './asn1.js';
import type { Element } from './asn1.js';

const RSA = oidValue('1.2.840.113549.1.1.1');
const EC = oidValue('1.2.840.10045.2.1');
/** RFC 5480, 2.1.1.1, with what JSON calls them (RFC 7518, 6.2.1.1), and the bytes of a coordinate. */
const CURVES: Readonly<Record<string, Curve>> = {
  [oidValue('1.2.840.10045.3.1.7')]: { crv: 'P-256', bytes: 32 },
  [oidValue('1.3.132.0.34')]: { crv: 'P-384', bytes: 48 },
  [oidValue('1.3.132.0.35')]: { crv: 'P-521', bytes: 66 },
};
interface Curve {
  readonly crv: string;
  readonly bytes: number;
}
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

/** Of a key that is as it should be, to the last part: what is odd is for OpenSSL to judge. */
function numbersOf(info: Element): JsonWebKey | undefined {
  const [algorithm, bits, ...surplus] = inside(info, TAG.sequence);
  const [type, parameter, ...more] = inside(algorithm, TAG.sequence);
  const octets = valueOf(bits, TAG.bits) ?? '';
  if (surplus.length > 0 || more.length > 0 || !octets.startsWith(WHOLE)) return undefined;
  const key = octets.slice(WHOLE.length);
  switch (valueOf(type, TAG.oid)) {
    case RSA:
      return valueOf(parameter, TAG.null) === '' ? rsaNumbers(key) : undefined;
    case EC:
      return ecNumbers(key, CURVES[valueOf(parameter, TAG.oid) ?? '']);
    case undefined:
    default:
      return undefined;
  }
}

/** RFC 8017, A.1.1. */
function rsaNumbers(key: string): JsonWebKey | undefined {
  const parsed = parseStructure(Buffer.from(key, 'latin1'));
  if (typeof parsed === 'string') return undefined;
  const [modulus, exponent, ...more] = inside(parsed, TAG.sequence).map((number) => valueOf(number, TAG.integer));
  if (modulus === undefined || exponent === undefined || more.length > 0) return undefined;
  if (!isPlain(modulus) || !isPlain(exponent)) return undefined;
  return { kty: 'RSA', n: toBase64Url(modulus), e: toBase64Url(exponent) };
}

/** RFC 5480, 2.2. */
function ecNumbers(key: string, curve: Curve | undefined): JsonWebKey | undefined {
  if (curve === undefined || !key.startsWith(UNCOMPRESSED) || key.length !== 1 + 2 * curve.bytes) return undefined;
  const { crv, bytes } = curve;
  return { kty: 'EC', crv, x: toBase64Url(key.slice(1, 1 + bytes)), y: toBase64Url(key.slice(1 + bytes)) };
}

/** A positive number, with no zero too many before it (X.690, 8.3.2). */
function isPlain(integer: string): boolean {
  const [first, second] = [integer.charCodeAt(0), integer.charCodeAt(1)];
  return first === 0 ? second > 0x7f : first <= 0x7f;
}

function toBase64Url(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('base64url');
}
