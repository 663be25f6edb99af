import { constants, verify, type KeyObject } from 'node:crypto';
import { AlgorithmIdentifier, RSASSAPSSParams } from 'pkijs';
import type { ALGORITHMS } from '../row/registration.js';

/** A digest that the PKI endpoint has a number for. */
export type Digest = (typeof ALGORITHMS)[keyof typeof ALGORITHMS];

/** How a signature was made; without `digest` the scheme leaves it to the signer's digestAlgorithm. */
export type SignatureScheme =
  | { readonly family: 'rsa' | 'ec'; readonly digest?: Digest }
  | { readonly family: 'rsa-pss'; readonly digest: Digest; readonly saltLength: number };

/**
 * Object identifiers as they stand in a digestAlgorithm field: the digests' own (RFC 5754), and those of RSA with a
 * digest, because the vendor's client writes sha1WithRSAEncryption there.
 */
const DIGESTS: ReadonlyMap<string, Digest> = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
  ['1.2.840.113549.1.1.5', 'sha1'],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
]);

/** Object identifiers as they stand in a signatureAlgorithm field (RFC 3279, RFC 4055, RFC 5758), but for RSA-PSS. */
const SCHEMES: ReadonlyMap<string, SignatureScheme> = new Map<string, SignatureScheme>([
  ['1.2.840.113549.1.1.1', { family: 'rsa' }],
  ['1.2.840.113549.1.1.5', { family: 'rsa', digest: 'sha1' }],
  ['1.2.840.113549.1.1.11', { family: 'rsa', digest: 'sha256' }],
  ['1.2.840.113549.1.1.12', { family: 'rsa', digest: 'sha384' }],
  ['1.2.840.113549.1.1.13', { family: 'rsa', digest: 'sha512' }],
  ['1.2.840.10045.2.1', { family: 'ec' }],
  ['1.2.840.10045.4.1', { family: 'ec', digest: 'sha1' }],
  ['1.2.840.10045.4.3.2', { family: 'ec', digest: 'sha256' }],
  ['1.2.840.10045.4.3.3', { family: 'ec', digest: 'sha384' }],
  ['1.2.840.10045.4.3.4', { family: 'ec', digest: 'sha512' }],
]);

const RSA_PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';

export function digestOf(algorithm: AlgorithmIdentifier): Digest | undefined {
  return DIGESTS.get(algorithm.algorithmId);
}

export function schemeOf(algorithm: AlgorithmIdentifier): SignatureScheme | undefined {
  return algorithm.algorithmId === RSA_PSS ? pssSchemeOf(algorithm) : SCHEMES.get(algorithm.algorithmId);
}

/** Only what node:crypto can verify: one digest for both the content and the mask (RFC 4055). */
function pssSchemeOf(algorithm: AlgorithmIdentifier): SignatureScheme | undefined {
  if (algorithm.algorithmParams === undefined) return undefined;
  const parameters = new RSASSAPSSParams({ schema: algorithm.algorithmParams });
  const { hashAlgorithm, maskGenAlgorithm, saltLength, trailerField } = parameters;
  const digest = digestOf(hashAlgorithm);
  const maskDigest = digestOf(new AlgorithmIdentifier({ schema: maskGenAlgorithm.algorithmParams }));
  if (maskGenAlgorithm.algorithmId !== MGF1 || digest === undefined || digest !== maskDigest) return undefined;
  // For node:crypto a negative length means "find out".
  return saltLength >= 0 && trailerField === 1 ? { family: 'rsa-pss', digest, saltLength } : undefined;
}

export interface SignatureCheck {
  readonly scheme: SignatureScheme;
  readonly digest: Digest;
  readonly publicKey: KeyObject;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

export function isSignatureValid({ scheme, digest, publicKey, signed, signature }: SignatureCheck): boolean {
  switch (scheme.family) {
    case 'rsa': {
      const key = { key: publicKey, padding: constants.RSA_PKCS1_PADDING };
      return publicKey.asymmetricKeyType === 'rsa' && verify(digest, signed, key, signature);
    }
    case 'rsa-pss': {
      const key = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength };
      return isRsa(publicKey) && verify(digest, signed, key, signature);
    }
    case 'ec':
      return publicKey.asymmetricKeyType === 'ec' && verify(digest, signed, publicKey, signature);
  }
}

function isRsa(publicKey: KeyObject): boolean {
  return publicKey.asymmetricKeyType === 'rsa' || publicKey.asymmetricKeyType === 'rsa-pss';
}
