/*
 * node-forge keeps no offsets, and what it would encode again is not always what came: certificates are judged, and signed
 * attributes verified, by their own bytes. All of this takes a structure that node-forge has read before.
 */

/** Where a SignedData has its certificates, among its {@link fieldsOf}: behind version, digests and content. */
export const CERTIFICATES = 3;

/** The fields of the SignedData in a whole message; the signers are the last. */
export function fieldsOf(message: Buffer): Buffer[] {
  return partsOf(onlyPart(partsOf(message)[1]));
}

export function onlyPart(element: Buffer | undefined): Buffer {
  return partsOf(element)[0] ?? EMPTY;
}

/** The elements inside a constructed element, each with its own bytes. */
export function partsOf(element: Buffer = EMPTY): Buffer[] {
  const { from, length } = headOf(element, 0);
  const end = length === undefined ? element.length - END_OF_CONTENTS : Math.min(from + length, element.length);
  const parts: Buffer[] = [];
  for (let at = from; at < end;) {
    const next = endOf(element, at);
    parts.push(element.subarray(at, next));
    at = next;
  }
  return parts;
}

const EMPTY = Buffer.alloc(0);

/** Two zero bytes end what has no length. */
const END_OF_CONTENTS = 2;

function endOf(bytes: Buffer, start: number): number {
  const { from, length } = headOf(bytes, start);
  if (length !== undefined) return from + length;
  let at = from;
  while (at < bytes.length && (bytes[at] !== 0 || bytes[at + 1] !== 0)) at = endOf(bytes, at);
  return at + END_OF_CONTENTS;
}

/** Where the contents begin, and their length; undefined: up to an end mark. For any bytes. */
export function headOf(bytes: Buffer, start: number): { from: number; length: number | undefined } {
  const first = bytes[start + 1] ?? 0;
  const from = start + 2;
  if (first < 0x80) return { from, length: first };
  if (first === 0x80) return { from, length: undefined };
  const digits = bytes.subarray(from, from + (first & 0x7f));
  return { from: from + digits.length, length: digits.reduce((length, digit) => length * 256 + digit, 0) };
}
