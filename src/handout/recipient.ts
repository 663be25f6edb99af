import type { X509Certificate } from 'node:crypto';

const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];

/** Why nothing should be enciphered for a certificate: the rest of a sentence. @param now epoch ms */
export function recipientProblem(certificate: X509Certificate, now: number): string | undefined {
  const { publicKey, validFrom, validTo } = certificate;
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (Date.parse(validTo) < now) return `is over since ${validTo}: ask for the one that follows it`;
  if (Date.parse(validFrom) > now) return `begins on ${validFrom}`;
  const isUsable =
    (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048) ||
    (type === 'ec' && CURVES.includes(details?.namedCurve ?? ''));
  return isUsable
    ? undefined
    : 'has a key that nothing is enciphered for here: RSA of 2048 bits or more, or EC P-256, P-384, P-521';
}
