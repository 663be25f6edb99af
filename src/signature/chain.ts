import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { nameText } from './certificate.js';
import type { Certificate } from './certificate.js';
import { UNREADABLE_CERTIFICATE, untrusted } from './flaw.js';
import type { Flaw } from './flaw.js';

function read(bytes: Buffer | undefined): X509Certificate | undefined {
  try {
    return bytes && new X509Certificate(bytes);
  } catch {
    return undefined;
  }
}

export interface ChainStart extends Pick<Certificate, 'issuer' | 'publicKey'> {
  /** The certificate as it came. */
  readonly bytes: Buffer;
}

/** Certificates that came along, beyond which nobody looks for an issuer. */
const MOST_ISSUERS = 32;

/**
 * Why the certificate leads to none of the trusted ones, if so. Each step is a signature by a certificate of an authority
 * that is valid now; path lengths, policies, name constraints and revocation are for the server to judge.
 */
export function chainFlaw(
  { issuer, publicKey, bytes }: ChainStart,
  cameAlong: readonly Buffer[],
  { trust, nowMs }: { readonly trust: readonly X509Certificate[]; readonly nowMs: number },
): Flaw | undefined {
  const certificate = read(bytes);
  if (certificate === undefined) return UNREADABLE_CERTIFICATE;
  // What an authority vouches for is the key that OpenSSL reads: the signature is to be by no other.
  if (publicKey !== undefined && keyOf(certificate)?.equals(publicKey) !== true) return UNREADABLE_CERTIFICATE;
  // A time that is none is NaN, and so within no validity.
  const isValid = ({ validFrom, validTo }: X509Certificate): boolean =>
    Date.parse(validFrom) <= nowMs && nowMs <= Date.parse(validTo);
  const anchors = trust.filter(isValid);
  const issuers = new Set<X509Certificate>();
  const isTrusted = (link: X509Certificate): boolean => {
    if (anchors.some((anchor) => anchor.raw.equals(link.raw) || (anchor.ca && isIssuedBy(link, anchor)))) return true;
    for (const issuer of issuers) {
      if (!isIssuedBy(link, issuer)) continue;
      // Once is enough: whatever it leads to was looked at.
      issuers.delete(issuer);
      if (isTrusted(issuer)) return true;
    }
    return false;
  };
  for (const each of cameAlong.slice(0, MOST_ISSUERS)) {
    const issuer = read(each);
    if (issuer?.ca === true && isValid(issuer)) issuers.add(issuer);
  }
  return isTrusted(certificate) ? undefined : untrusted(nameText(issuer));
}

function keyOf(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey;
  } catch {
    return undefined;
  }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    // A key that OpenSSL can't use has signed nothing that we could rely on.
    return false;
  }
}
