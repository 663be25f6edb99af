import * as tls from 'node:tls';
import { MAX_PEM_BYTES, readSmallFile } from '../core/small-file.js';

/** Where the common systems keep the roots they trust, as one PEM file. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** As PEM: the system's (which Node tells from 22.15 on, and before the usual bundle), Node's own, and those given. */
export function trustedRoots(given: readonly string[]): string[] {
  // Younger than the types of the oldest Node that we support.
  const { getCACertificates } = tls as { getCACertificates?: (store: 'system' | 'default') => string[] };
  if (getCACertificates !== undefined) {
    return [...getCACertificates('system'), ...getCACertificates('default'), ...given];
  }
  return [...systemRoots(), ...tls.rootCertificates, ...extraRoots(), ...given];
}

/** A younger Node, and OpenSSL, take the file of SSL_CERT_FILE in place of the usual one. */
function systemRoots(): string[] {
  const file = process.env['SSL_CERT_FILE'] ?? '';
  return readFirst(file === '' ? SYSTEM_BUNDLES : [file]);
}

function extraRoots(): string[] {
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  return file === undefined || file === '' ? [] : readFirst([file]);
}

function readFirst(files: readonly string[]): string[] {
  for (const file of files) {
    const read = readSmallFile(file, MAX_PEM_BYTES);
    // Not this system's place: the next one, or Node's own roots.
    if ('bytes' in read) return [read.bytes.toString('utf8')];
  }
  return [];
}
