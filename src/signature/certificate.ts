import { X509Certificate } from 'node:crypto';
import { expired, notYetValid, UNREADABLE_CERTIFICATE, untrusted } from './flaw.js';
import type { Flaw } from './flaw.js';

export function readCertificate(bytes: Buffer | undefined): X509Certificate | undefined {
  try {
    return bytes && new X509Certificate(bytes);
  } catch {
    return undefined;
  }
}

/** What is empty is undefined, and what is damaged null, whatever the types say; Node.js 24 throws instead. */
export function nameOf(certificate: X509Certificate, name: 'subject' | 'subjectAltName' | 'issuer'): string {
  const names: Readonly<Partial<Record<typeof name, string | null | undefined>>> = certificate;
  try {
    return names[name] ?? '';
  } catch {
    return '';
  }
}

/** Why the certificate is not valid at this time (epoch ms), if so. */
export function validityFlaw(certificate: X509Certificate, nowMs: number): Flaw | undefined {
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (Number.isNaN(from) || Number.isNaN(to)) return UNREADABLE_CERTIFICATE;
  if (nowMs > to) return expired(to);
  return nowMs < from ? notYetValid(from) : undefined;
}

/** Certificates that came along, beyond which nobody looks for an issuer. */
const MOST_ISSUERS = 32;

/**
 * Why the certificate leads to none of the trusted ones, if so. Each step is a signature by a certificate of an authority
 * that is valid now; policies, name constraints and revocation are for the server to judge.
 */
export function chainFlaw(
  certificate: X509Certificate,
  cameAlong: readonly Buffer[],
  { trust, nowMs }: { readonly trust: readonly X509Certificate[]; readonly nowMs: number },
): Flaw | undefined {
  const isValid = (issuer: X509Certificate): boolean => validityFlaw(issuer, nowMs) === undefined;
  const anchors = trust.filter(isValid);
  const issuers = new Set<X509Certificate>();
  const isTrusted = (link: X509Certificate): boolean => {
    if (anchors.some((anchor) => anchor.raw.equals(link.raw) || isIssuedBy(link, anchor))) return true;
    for (const issuer of issuers) {
      if (!isIssuedBy(link, issuer)) continue;
      // Once is enough: whatever it leads to was looked at.
      issuers.delete(issuer);
      if (isTrusted(issuer)) return true;
    }
    return false;
  };
  for (const bytes of cameAlong.slice(0, MOST_ISSUERS)) {
    const issuer = readCertificate(bytes);
    if (issuer?.ca === true && isValid(issuer)) issuers.add(issuer);
  }
  return isTrusted(certificate) ? undefined : untrusted(nameOf(certificate, 'issuer'));
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    // A key that OpenSSL can't use has signed nothing that we could rely on.
    return false;
  }
}
