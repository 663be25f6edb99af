import { inside, oidValue, parseStructure, TAG, tagOf, valueOf } from './asn1.js';
import type { Element } from './asn1.js';
import { CERTIFICATE, CUT_OFF, FOREIGN, PRIVATE_KEY, TIMESTAMP } from './flaw.js';
import type { Flaw } from './flaw.js';
import { headOf } from './spans.js';

/** SignedData (RFC 5652, 5.1) as it lies in its bytes, before anything in it is judged. */
export interface SignedData {
  readonly version: Element | undefined;
  /** The digests that it says its signers use. */
  readonly digests: Element | undefined;
  readonly contentType: Element;
  /** Undefined: the signature is detached. */
  readonly content: Element | undefined;
  readonly certificates: readonly Element[];
  readonly signers: readonly Element[];
}

const SIGNED_DATA = oidValue('1.2.840.113549.1.7.2');
/** All kinds of content that RFC 2315 and RFC 5652 know are called by this and one number more. */
const CONTENT_TYPES = oidValue('1.2.840.113549.1.7');

/**
 * Is it a PKCS#7 container (ContentInfo; RFC 5652, 3) to its last byte, whatever may be wrong within? What only begins as one, or has
 * more behind it, may hold any text; and so may a container of the kind that is plain data.
 */
export function isContainer(bytes: Buffer): boolean {
  const structure = parseStructure(bytes);
  if (typeof structure === 'string') return false;
  const [type, body, ...more] = inside(structure, TAG.sequence);
  const [content, ...others] = inside(body, TAG.context0);
  const isKnown = valueOf(type, TAG.oid)?.startsWith(CONTENT_TYPES) === true;
  return isKnown && tagOf(content) === TAG.sequence && more.length + others.length === 0;
}

export function readSignedData(bytes: Buffer): SignedData | Flaw {
  if (bytes[0] !== TAG.sequence) return FOREIGN;
  const structure = parseStructure(bytes);
  const isWhole = typeof structure !== 'string';
  // Whole or not, it is one: nothing else begins with a version, but what asks for the time.
  if (bytes[headOf(bytes, 0).from] === TAG.integer) {
    return isWhole && isTimeRequest(structure) ? TIMESTAMP : PRIVATE_KEY;
  }
  if (!isWhole) return structure;
  const [type, body] = inside(structure, TAG.sequence);
  if (tagOf(type) === TAG.sequence) return nameOther(structure);
  if (valueOf(type, TAG.oid) !== SIGNED_DATA) return FOREIGN;
  const fields = inside(inside(body, TAG.context0)[0], TAG.sequence);
  const signers = fields.at(-1);
  const [contentType, content] = inside(fields[2], TAG.sequence);
  if (tagOf(signers) !== TAG.set || contentType === undefined) return CUT_OFF;
  return {
    version: fields[0],
    digests: fields[1],
    contentType,
    content: inside(content, TAG.context0)[0],
    certificates: inside(fields[3], TAG.context0),
    signers: inside(signers, TAG.set),
  };
}

/** A version, and a digest by its algorithm and its octets (RFC 3161, 2.4.1); of a key, the algorithm stands there itself. */
function isTimeRequest(structure: Element): boolean {
  const [, imprint] = inside(structure, TAG.sequence);
  const [algorithm, digest] = inside(imprint, TAG.sequence);
  return tagOf(algorithm) === TAG.sequence && tagOf(digest) === TAG.octets;
}

/** What begins with a sequence within: a key that is encrypted has octets behind it, and a reply with the time a token. */
function nameOther(structure: Element): Flaw {
  const [, second, ...more] = inside(structure, TAG.sequence);
  if (tagOf(second) === TAG.octets && more.length === 0) return PRIVATE_KEY;
  return isToken(second) ? TIMESTAMP : CERTIFICATE;
}

/** A token of the time is a PKCS#7 container (RFC 3161, 2.4.2). */
function isToken(element: Element | undefined): boolean {
  return valueOf(inside(element, TAG.sequence)[0], TAG.oid) === SIGNED_DATA;
}
