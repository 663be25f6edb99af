import { inside, oidValue, parseStructure, TAG, tagOf, valueOf } from './asn1.js';
import type { Element } from './asn1.js';
import { CERTIFICATE, CUT_OFF, FOREIGN, PRIVATE_KEY } from './flaw.js';
import type { Flaw } from './flaw.js';
import { headOf } from './spans.js';

/** SignedData (RFC 5652, 5.1) as it lies in its bytes, before anything in it is judged. */
export interface SignedData {
  readonly contentType: Element;
  /** Undefined: the signature is detached. */
  readonly content: Element | undefined;
  readonly certificates: readonly Element[];
  readonly signers: readonly Element[];
}

const SIGNED_DATA = oidValue('1.2.840.113549.1.7.2');

export function readSignedData(bytes: Buffer): SignedData | Flaw {
  if (bytes[0] !== TAG.sequence) return FOREIGN;
  // Whole or not, it is one: nothing else begins with a version.
  if (bytes[headOf(bytes, 0).from] === TAG.integer) return PRIVATE_KEY;
  const structure = parseStructure(bytes);
  if (typeof structure === 'string') return structure;
  const [type, body] = inside(structure, TAG.sequence);
  if (tagOf(type) === TAG.sequence) return CERTIFICATE;
  if (valueOf(type, TAG.oid) !== SIGNED_DATA) return FOREIGN;
  const fields = inside(inside(body, TAG.context0)[0], TAG.sequence);
  const signers = fields.at(-1);
  const [contentType, content] = inside(fields[2], TAG.sequence);
  if (tagOf(signers) !== TAG.set || contentType === undefined) return CUT_OFF;
  return {
    contentType,
    content: inside(content, TAG.context0)[0],
    certificates: inside(fields[3], TAG.context0),
    signers: inside(signers, TAG.set),
  };
}
