import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { asn1 as forge } from 'node-forge';
import type { Signature } from '../core/signature.js';

// @types/node-forge knows neither this entry of the package nor the option that leaves bit strings alone.
const asn1 = createRequire(import.meta.url)('node-forge/lib/asn1.js') as Pick<typeof forge, 'toDer'> & {
  fromDer(bytes: string, options: { decodeBitStrings: boolean }): forge.Asn1;
};

/** Subject key identifier, as an extension begins that has it. */
const KEY_IDENTIFIER = '\x06\x03\x55\x1d\x0e\x04';

/**
 * SHA-1 of the signer's certificate as lower-case hex digits: what the server knows it by. Read when a row is in doubt, and
 * not before; nothing where the signature doesn't say it for certain.
 */
export function signerFingerprint({ base64 }: Pick<Signature, 'base64'>): string | undefined {
  const bytes = Buffer.from(base64, 'base64').toString('latin1');
  const fields = childrenOf(childrenOf(childrenOf(parse(bytes))[1])[0]);
  const [signer, ...others] = childrenOf(fields.at(-1));
  const [, signerId] = childrenOf(signer);
  // Certificates are the first field behind version, digests and content.
  const certificates = fields.length > 4 ? childrenOf(fields[3]) : [];
  if (signerId === undefined || others.length > 0) return undefined;
  const found = certificates.map((certificate) => ({ certificate, der: toDer(certificate) }));
  const own = found.find(({ certificate, der }) => isNamed(signerId, certificate, der));
  // What is encoded again must be what came: else it is another certificate to SHA-1.
  if (own === undefined || !bytes.includes(own.der)) return undefined;
  return createHash('sha1').update(own.der, 'latin1').digest('hex');
}

/** A signer is named by issuer and serial number, or by the key identifier of its certificate. */
function isNamed(signerId: forge.Asn1, certificate: forge.Asn1, der: string): boolean {
  const { value } = signerId;
  if (typeof value === 'string') {
    const length = String.fromCharCode(value.length);
    return der.includes(`${KEY_IDENTIFIER}${String.fromCharCode(value.length + 2)}\x04${length}${value}`);
  }
  const fields = childrenOf(childrenOf(certificate)[0]);
  // The version before them is left out by certificates of version 1.
  const [serial, , issuer] = fields[0]?.constructed === true ? fields.slice(1) : fields;
  const [theirIssuer, theirSerial] = value;
  return isSame(serial, theirSerial) && isSame(issuer, theirIssuer);
}

function isSame(one: forge.Asn1 | undefined, other: forge.Asn1 | undefined): boolean {
  return one !== undefined && other !== undefined && toDer(one) === toDer(other);
}

function toDer(element: forge.Asn1): string {
  return asn1.toDer(element).getBytes();
}

function parse(bytes: string): forge.Asn1 | undefined {
  try {
    return asn1.fromDer(bytes, { decodeBitStrings: false });
  } catch {
    // What can't be read was not sent, or is for the server to judge.
    return undefined;
  }
}

function childrenOf(element: forge.Asn1 | undefined): readonly forge.Asn1[] {
  return Array.isArray(element?.value) ? element.value : [];
}
