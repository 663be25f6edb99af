import type { asn1 as forge } from 'node-forge';
import asn1 from 'node-forge/lib/asn1.js';
import { CUT_OFF, TRAILING } from './flaw.js';
import type { Flaw } from './flaw.js';

/*
 * node-forge reads DER and BER of any length form, and refuses what is cut off: 7 µs for a signature of 2 KB, against
 * 1,000 by asn1js and 4,000 by pkijs (test/bench/signature.mjs). Its ASN.1 part alone loads in 20 ms, all of it in 50.
 */

export type Element = forge.Asn1;

const UNIVERSAL = 0x00;
const SET = 0x11;
const OCTETS = 0x04;
/** Identifier octets of BER, with the bit for "constructed". */
export const TAG = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
} as const;

export function parseStructure(bytes: Buffer): Element | Flaw {
  try {
    return asn1.fromDer(bytes.toString('latin1'), { decodeBitStrings: false });
  } catch (error) {
    // Whatever node-forge throws here speaks of the bytes; only its error for bytes left over has this property.
    return error instanceof Error && 'byteCount' in error ? TRAILING : CUT_OFF;
  }
}

export function tagOf(element: Element | undefined): number | undefined {
  return element && element.tagClass | element.type | (element.constructed ? 0x20 : 0);
}

/** What a constructed element holds; nothing when it is another one than expected. */
export function inside(element: Element | undefined, tag: number): readonly Element[] {
  return tagOf(element) === tag && Array.isArray(element?.value) ? element.value : [];
}

/** The bytes of a primitive element, a character each; undefined when it is another one than expected. */
export function valueOf(element: Element | undefined, tag: number): string | undefined {
  return tagOf(element) === tag && typeof element?.value === 'string' ? element.value : undefined;
}

export function isSame(one: Element | undefined, other: Element | undefined): boolean {
  return one !== undefined && other !== undefined && asn1.equals(one, other);
}

export function oidValue(dotted: string): string {
  return asn1.oidToDer(dotted).getBytes();
}

export function dottedOf(oid: string): string {
  return asn1.derToOid(oid);
}

/** Its DER: what came in BER, or in DER that is odd, comes out otherwise. */
export function encode(element: Element): Buffer {
  return Buffer.from(asn1.toDer(element).getBytes(), 'latin1');
}

/** OCTET STRING. */
export function octetString(bytes: Buffer): Element {
  return asn1.create(UNIVERSAL, OCTETS, false, bytes.toString('latin1'));
}

/** The DER of a SET OF these: its order is that of their encodings, whatever it was in the message. */
export function encodeSorted(elements: readonly Element[]): Buffer {
  const sorted = elements
    .map((element) => ({ element, encoded: encode(element) }))
    .sort((one, other) => Buffer.compare(one.encoded, other.encoded))
    .map(({ element }) => element);
  return encode(asn1.create(UNIVERSAL, SET, true, sorted));
}
