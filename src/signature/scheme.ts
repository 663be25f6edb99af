import { entriesOf } from '../core/table.js';
import type { Algorithm } from '../row/registration.js';
import { inside, oidValue, TAG, valueOf } from './asn1.js';
import type { Element } from './asn1.js';

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

/** The digest itself, then the RSA and ECDSA names that some clients write in its place (the vendor's: …1.1.5). */
const DIGESTS = {
  '0': ['1.3.14.3.2.26', '1.2.840.113549.1.1.5', '1.2.840.10045.4.1'],
  '1': ['2.16.840.1.101.3.4.2.1', '1.2.840.113549.1.1.11', '1.2.840.10045.4.3.2'],
  '2': ['2.16.840.1.101.3.4.2.2', '1.2.840.113549.1.1.12', '1.2.840.10045.4.3.3'],
  '3': ['2.16.840.1.101.3.4.2.3', '1.2.840.113549.1.1.13', '1.2.840.10045.4.3.4'],
} as const satisfies Record<Algorithm, readonly string[]>;

const ALGORITHM_BY_DIGEST = new Map<string | undefined, Algorithm>(
  entriesOf(DIGESTS).flatMap(([algorithm, oids]) => oids.map((oid) => [oidValue(oid), algorithm] as const)),
);

/** The endpoint's number for the digest that an AlgorithmIdentifier names; undefined for any other. */
export function digestOf(identifier: Element | undefined): Algorithm | undefined {
  return ALGORITHM_BY_DIGEST.get(valueOf(inside(identifier, TAG.sequence)[0], TAG.oid));
}
