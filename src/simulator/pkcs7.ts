/**
 * Verifies an attached PKCS#7 signature as strictly as a server can without a trust anchor. pkijs gives the structure,
 * node:crypto checks the signature: pkijs by itself refuses the vendor's own kind (sha1WithRSAEncryption as the digest)
 * and overlooks bytes after the structure.
 */

import { createHash, createPublicKey } from 'node:crypto';
import { fromBER, ObjectIdentifier, OctetString, Set as SetOf } from 'asn1js';
import { Certificate, ContentInfo, IssuerAndSerialNumber, SignedData } from 'pkijs';
import type { Attribute, SignerInfo } from 'pkijs';
import { digestOf, isSignatureValid, schemeOf, type Digest } from './signature-scheme.js';

/** What is wrong with a signature, in words for whoever made it. */
export class Pkcs7Error extends Error {
  override readonly name = 'Pkcs7Error';
}

const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';

export interface VerifiedSignature {
  readonly digest: Digest;
  /** SHA-1 of the signer's certificate, as hex digits. */
  readonly fingerprint: string;
}

/** Throws a Pkcs7Error for anything that does not verify. */
export function verifyPkcs7(encoded: Uint8Array): VerifiedSignature {
  return orElse(() => verifySignedData(encoded), 'it is malformed');
}

function verifySignedData(encoded: Uint8Array): VerifiedSignature {
  const signedData = parseSignedData(encoded);
  const [signer, ...others] = signedData.signerInfos;
  if (signer === undefined || others.length > 0) {
    throw new Pkcs7Error(`it has ${signedData.signerInfos.length} signers, exactly one is expected`);
  }
  const content = readContent(signedData);
  const certificate = findCertificate(signedData, signer);

  const digest = digestOf(signer.digestAlgorithm);
  if (digest === undefined) throw new Pkcs7Error(`the digest ${signer.digestAlgorithm.algorithmId} is not supported`);
  const scheme = orElse(() => schemeOf(signer.signatureAlgorithm), 'the parameters of its signature are not readable');
  if (scheme === undefined) {
    const { algorithmId } = signer.signatureAlgorithm;
    throw new Pkcs7Error(`the signature algorithm ${algorithmId} with its parameters is not supported`);
  }
  if (scheme.digest !== undefined && scheme.digest !== digest) {
    throw new Pkcs7Error(`it names ${digest} as its digest, but is signed with ${scheme.digest}`);
  }

  const signed = readSignedBytes(signer, { content, digest, contentType: signedData.encapContentInfo.eContentType });
  const signature = new Uint8Array(signer.signature.getValue());
  const publicKey = orElse(() => publicKeyOf(certificate), "the signer's public key is not readable");
  const check = { scheme, digest, publicKey, signed, signature };
  if (!orElse(() => isSignatureValid(check), 'the signature could not be checked')) {
    throw new Pkcs7Error("the signature does not verify with the signer's certificate");
  }
  return { digest, fingerprint: fingerprintOf(certificate) };
}

/** pkijs keeps what was signed of a certificate as it came, so this is its very encoding. */
function fingerprintOf(certificate: Certificate): string {
  return createHash('sha1').update(Buffer.from(certificate.toSchema().toBER())).digest('hex');
}

function parseSignedData(encoded: Uint8Array): SignedData {
  const { offset, result } = orElse(() => fromBER(encoded), 'it is not a PKCS#7 structure');
  if (offset === -1) throw new Pkcs7Error('it is not a PKCS#7 structure');
  const contentInfo = orElse(() => new ContentInfo({ schema: result }), 'it is not a PKCS#7 structure');
  if (contentInfo.contentType !== ContentInfo.SIGNED_DATA) throw new Pkcs7Error('it is not SignedData');
  if (offset !== encoded.length) {
    throw new Pkcs7Error(`${encoded.length - offset} bytes follow the PKCS#7 structure`);
  }
  return orElse(() => new SignedData({ schema: contentInfo.content }), 'its SignedData is malformed');
}

function readContent({ encapContentInfo: { eContent } }: SignedData): Uint8Array {
  if (eContent === undefined) throw new Pkcs7Error('it is detached: the signed content must be inside');
  // pkijs takes any type here, whatever its declaration says.
  if (!((eContent as unknown) instanceof OctetString)) throw new Pkcs7Error('its content is not an octet string');
  return new Uint8Array(eContent.getValue());
}

function findCertificate(signedData: SignedData, signer: SignerInfo): Certificate {
  const embedded = signedData.certificates?.filter((certificate) => certificate instanceof Certificate) ?? [];
  const found = embedded.find((certificate) => isOf(certificate, signer.sid));
  if (found === undefined) throw new Pkcs7Error("the signer's certificate is not embedded");
  return found;
}

/** A signer is named by issuer and serial number, or by the key identifier in an implicitly tagged octet string. */
function isOf(certificate: Certificate, signerId: unknown): boolean {
  if (signerId instanceof IssuerAndSerialNumber) {
    const { issuer, serialNumber } = signerId;
    return certificate.issuer.isEqual(issuer) && certificate.serialNumber.isEqual(serialNumber);
  }
  const extension = certificate.extensions?.find(({ extnID }) => extnID === SUBJECT_KEY_IDENTIFIER);
  if (extension === undefined) return false;
  const keyId = fromBER(extension.extnValue.getValue()).result;
  return keyId instanceof OctetString && bytesOf(signerId)?.equals(new Uint8Array(keyId.getValue())) === true;
}

function bytesOf(block: unknown): Buffer | undefined {
  // SignerInfo.sid is untyped in pkijs: for a key identifier it is the tagged block as it was parsed.
  const { valueBlock } = block as { valueBlock?: { valueHexView?: Uint8Array } };
  return valueBlock?.valueHexView && Buffer.from(valueBlock.valueHexView);
}

function publicKeyOf(certificate: Certificate) {
  const spki = Buffer.from(certificate.subjectPublicKeyInfo.toSchema().toBER());
  return createPublicKey({ key: spki, format: 'der', type: 'spki' });
}

/** The signature is over the content, or over the DER of the signed attributes that hold its digest (RFC 5652, 5.4). */
function readSignedBytes(
  { signedAttrs }: SignerInfo,
  { content, digest, contentType }: { content: Uint8Array; digest: Digest; contentType: string },
): Uint8Array {
  if (signedAttrs === undefined) return content;
  const { attributes } = signedAttrs;
  const signedType = onlyValue(attributes, CONTENT_TYPE);
  if (!(signedType instanceof ObjectIdentifier) || signedType.getValue() !== contentType) {
    throw new Pkcs7Error('its signed attributes do not hold the content type');
  }
  const signedDigest = onlyValue(attributes, MESSAGE_DIGEST);
  if (!(signedDigest instanceof OctetString)) throw new Pkcs7Error('its signed attributes hold no message digest');
  if (!createHash(digest).update(content).digest().equals(new Uint8Array(signedDigest.getValue()))) {
    throw new Pkcs7Error('the message digest in its signed attributes is not that of the content');
  }
  return encodeSetOf(attributes);
}

function onlyValue(attributes: readonly Attribute[], type: string): unknown {
  const [found, ...more] = attributes.filter((attribute) => attribute.type === type);
  const values: readonly unknown[] = found?.values ?? [];
  return more.length === 0 && values.length === 1 ? values[0] : undefined;
}

/** The order of the elements in DER is that of their encodings, whatever it was in the message. */
function encodeSetOf(attributes: readonly Attribute[]): Uint8Array {
  const value = attributes
    .map((attribute) => attribute.toSchema())
    .map((schema) => ({ schema, encoding: Buffer.from(schema.toBER()) }))
    .sort((left, right) => Buffer.compare(left.encoding, right.encoding))
    .map(({ schema }) => schema);
  return new Uint8Array(new SetOf({ value }).toBER());
}

/** pkijs and node:crypto throw at structures they cannot read: for a signature that is a finding, not a failure. */
function orElse<Result>(read: () => Result, problem: string): Result {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof Pkcs7Error ? cause : new Pkcs7Error(problem, { cause });
  }
}
