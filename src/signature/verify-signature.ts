import { constants, createHash, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ALGORITHMS } from '../row/registration.js';
import { encodeSorted, inside, oidValue, TAG, tagOf, valueOf } from './asn1.js';
import type { Element } from './asn1.js';
import type { AttachedSignature } from './attached-signature.js';
import { CONTENT_NOT_OCTETS, NOT_VALID, TWO_DIGESTS } from './flaw.js';
import type { Flaw } from './flaw.js';
import { schemeOf } from './scheme.js';
import type { Scheme } from './scheme.js';

const CONTENT_TYPE = oidValue('1.2.840.113549.1.9.3');
const MESSAGE_DIGEST = oidValue('1.2.840.113549.1.9.4');
const CONSTRUCTED_OCTETS = 0x24;

/** `unchecked`: nothing here knows how, so that it is left to the server. */
export type Validity = 'valid' | 'unchecked' | { readonly flaw: Flaw };

/** RFC 5652, 5.4. `attributesAsCame`: the signed attributes with the tag that they were sent with, if there are any. */
export function verifySignature(
  signature: AttachedSignature,
  key: KeyObject | undefined,
  attributesAsCame: Buffer | undefined,
): Validity {
  const { content, signer, algorithm } = signature;
  const scheme = schemeOf(signer.scheme);
  if (scheme === undefined || key === undefined) return 'unchecked';
  if (scheme.algorithm !== undefined && scheme.algorithm !== algorithm) return { flaw: TWO_DIGESTS };
  const octets = octetsOf(content);
  const value = valueOf(signer.signature, TAG.octets);
  if (octets === undefined) return { flaw: CONTENT_NOT_OCTETS };
  if (value === undefined) return { flaw: NOT_VALID };
  const isOver = (signed: Buffer): boolean =>
    isSignedBy(key, { scheme, digest: ALGORITHMS[algorithm], signed, value: Buffer.from(value, 'latin1') });
  const bytes = Buffer.from(octets, 'latin1');
  if (signer.attributes === undefined || attributesAsCame === undefined) {
    return isOver(bytes) ? 'valid' : { flaw: NOT_VALID };
  }
  const attributes = inside(signer.attributes, TAG.context0);
  const digest = createHash(ALGORITHMS[algorithm]).update(bytes).digest().toString('latin1');
  const fits =
    onlyValue(attributes, MESSAGE_DIGEST, TAG.octets) === digest &&
    onlyValue(attributes, CONTENT_TYPE, TAG.oid) === signature.contentType.value;
  // What was signed is their DER; some clients sign the order in which they send them, which DER has not.
  const asSet = Buffer.concat([Buffer.of(TAG.set), attributesAsCame.subarray(1)]);
  return fits && (isOver(asSet) || isOver(encodeSorted(attributes))) ? 'valid' : { flaw: NOT_VALID };
}

/** The octets of a string in one piece or, in BER, in many: a character each. */
export function octetsOf(element: Element): string | undefined {
  if (tagOf(element) !== CONSTRUCTED_OCTETS) return valueOf(element, TAG.octets);
  const pieces = inside(element, CONSTRUCTED_OCTETS).map(octetsOf);
  return pieces.includes(undefined) ? undefined : pieces.join('');
}

function onlyValue(attributes: readonly Element[], type: string, tag: number): string | undefined {
  const [found, ...more] = attributes
    .map((attribute) => inside(attribute, TAG.sequence))
    .filter(([name]) => name?.value === type);
  const values = inside(found?.[1], TAG.set);
  return more.length === 0 && values.length === 1 ? valueOf(values[0], tag) : undefined;
}

function isSignedBy(
  key: KeyObject,
  { scheme, digest, signed, value }: { scheme: Scheme; digest: string; signed: Buffer; value: Buffer },
): boolean {
  const kind = key.asymmetricKeyType;
  try {
    switch (scheme.family) {
      case 'ec':
        return kind === 'ec' && verify(digest, signed, key, value);
      case 'rsa':
        return kind === 'rsa' && verify(digest, signed, { key, padding: constants.RSA_PKCS1_PADDING }, value);
      case 'rsa-pss': {
        const { saltLength } = scheme;
        const padding = constants.RSA_PKCS1_PSS_PADDING;
        return (kind === 'rsa' || kind === 'rsa-pss') && verify(digest, signed, { key, padding, saltLength }, value);
      }
    }
  } catch {
    // OpenSSL says so where the value can't be one of this key.
    return false;
  }
}
