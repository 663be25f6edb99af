import { inside, isSame, oidValue, TAG, tagOf, valueOf } from './asn1.js';
import type { Element } from './asn1.js';

/** SignerInfo (RFC 5652, 5.3). */
export interface Signer {
  readonly version: Element | undefined;
  /** Issuer and serial number, or the key identifier of the certificate. */
  readonly id: Element | undefined;
  readonly digest: Element | undefined;
  readonly attributes: Element | undefined;
  readonly scheme: Element | undefined;
  readonly signature: Element | undefined;
}

const KEY_IDENTIFIER_TAG = 0x80;
const EXTENSIONS_TAG = 0xa3;
const UTF8_TAG = 0x0c;
const SUBJECT_KEY_IDENTIFIER = oidValue('2.5.29.14');

export function readSigner(element: Element): Signer {
  const [version, id, digest, ...rest] = inside(element, TAG.sequence);
  const attributes = tagOf(rest[0]) === TAG.context0 ? rest.shift() : undefined;
  const [scheme, signature] = rest;
  return { version, id, digest, attributes, scheme, signature };
}

/** Where the signer's certificate is among those that came along; -1 when it is not. */
export function findCertificate(certificates: readonly Element[], { id }: Signer): number {
  const keyIdentifier = valueOf(id, KEY_IDENTIFIER_TAG);
  const [issuer, serial] = inside(id, TAG.sequence);
  const serialNumber = valueOf(serial, TAG.integer);
  return certificates.findIndex((certificate) => {
    const fields = inside(inside(certificate, TAG.sequence)[0], TAG.sequence);
    if (keyIdentifier !== undefined) return keyIdentifierOf(fields) === keyIdentifier;
    // The version before them is left out by certificates of version 1.
    const [theirSerial, , theirIssuer] = tagOf(fields[0]) === TAG.context0 ? fields.slice(1) : fields;
    return serialNumber !== undefined && theirSerial?.value === serialNumber && isSameName(theirIssuer, issuer);
  });
}

function keyIdentifierOf(fields: readonly Element[]): string | undefined {
  const extensions = inside(inside(fields.at(-1), EXTENSIONS_TAG)[0], TAG.sequence);
  const extension = extensions
    .map((element) => inside(element, TAG.sequence))
    .find(([type]) => type?.value === SUBJECT_KEY_IDENTIFIER);
  // An octet string within an octet string, with a head of two bytes: no identifier has 128 bytes or more.
  return valueOf(extension?.at(-1), TAG.octets)?.slice(2);
}

/** Some clients write the issuer in another string type or letter case than the certificate has it. */
function isSameName(one: Element | undefined, other: Element | undefined): boolean {
  return isSame(one, other) || (one !== undefined && other !== undefined && nameText(one) === nameText(other));
}

function nameText(element: Element): string {
  const { value } = element;
  if (typeof value !== 'string') return value.map(nameText).join('\n');
  const text = tagOf(element) === UTF8_TAG ? Buffer.from(value, 'latin1').toString('utf8') : value;
  return text.trim().replaceAll(/\s+/g, ' ').toLowerCase();
}
