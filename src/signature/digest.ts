import { entriesOf } from '../core/table.js';
import type { Algorithm } from '../row/registration.js';
import { inside, oidValue, TAG, valueOf } from './asn1.js';
import type { Element } from './asn1.js';

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
