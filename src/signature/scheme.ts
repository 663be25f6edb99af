import type { Algorithm } from '../row/registration.js';
import { inside, oidValue, TAG, valueOf } from './asn1.js';
import type { Element } from './asn1.js';
import { digestOf } from './digest.js';

/** How a signature value was made; without `algorithm` the scheme leaves the digest to the signer. */
export type Scheme =
  | { readonly family: 'rsa' | 'ec'; readonly algorithm: Algorithm | undefined }
  | { readonly family: 'rsa-pss'; readonly algorithm: Algorithm; readonly saltLength: number };

const RSA_PSS = oidValue('1.2.840.113549.1.1.10');
const MASK_BY_DIGEST = oidValue('1.2.840.113549.1.1.8');
/** What begins the names of RSA and of ECDSA, each with a digest or by itself. */
const FAMILIES = [
  { family: 'rsa', plain: oidValue('1.2.840.113549.1.1.1'), begins: oidValue('1.2.840.113549.1.1') },
  { family: 'ec', plain: oidValue('1.2.840.10045.2.1'), begins: oidValue('1.2.840.10045.4') },
] as const;

/** The scheme that an AlgorithmIdentifier names; undefined for one that node:crypto can't check. */
export function schemeOf(identifier: Element | undefined): Scheme | undefined {
  const [type, parameters] = inside(identifier, TAG.sequence);
  const name = valueOf(type, TAG.oid);
  if (name === RSA_PSS) return pssSchemeOf(parameters);
  const family = FAMILIES.find(({ plain, begins }) => name === plain || name?.startsWith(begins));
  const algorithm = digestOf(identifier);
  if (family === undefined || (algorithm === undefined && name !== family.plain)) return undefined;
  return { family: family.family, algorithm };
}

/** node:crypto takes one digest for both the content and the mask (RFC 4055, 3.1: left out, they are SHA-1 and 20). */
function pssSchemeOf(parameters: Element | undefined): Scheme | undefined {
  const fields = inside(parameters, TAG.sequence);
  const field = (number: number): Element | undefined =>
    fields.map((element) => inside(element, TAG.context0 + number)[0]).find((value) => value !== undefined);
  const algorithm = field(0) === undefined ? '0' : digestOf(field(0));
  const [mask, maskDigest] = inside(field(1), TAG.sequence);
  const maskAlgorithm = field(1) === undefined ? '0' : digestOf(maskDigest);
  if (algorithm === undefined || maskAlgorithm !== algorithm) return undefined;
  if (field(1) !== undefined && valueOf(mask, TAG.oid) !== MASK_BY_DIGEST) return undefined;
  const salt = field(2) === undefined ? 20 : numberOf(field(2));
  return salt === undefined ? undefined : { family: 'rsa-pss', algorithm, saltLength: salt };
}

function numberOf(element: Element | undefined): number | undefined {
  const digits = valueOf(element, TAG.integer);
  if (digits === undefined || digits.length === 0 || digits.length > 2 || digits.charCodeAt(0) > 0x7f) return undefined;
  return Buffer.from(digits, 'latin1').readUIntBE(0, digits.length);
}
