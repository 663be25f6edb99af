import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { signerFingerprint } from '../../src/signature/signer-fingerprint.js';
import { verifyPkcs7 } from '../../src/simulator/pkcs7.js';
import { Openssl, readPem } from '../simulator/openssl.js';

const openssl = new Openssl();
afterAll(() => openssl.remove());

const sha1Of = (pem: string) => new X509Certificate(pem).fingerprint.replaceAll(':', '').toLowerCase();

describe("the fingerprint of a signer's certificate", () => {
  const [owner, other] = [openssl.makeOwner('ec-p256'), openssl.makeOwner('rsa')];

  test.each<[string, readonly string[]]>([
    ['named by issuer and serial number', []],
    ['named by its key identifier', ['-keyid']],
    ['among others', ['-certfile', other.cert]],
    ['among others, named by its key identifier', ['-keyid', '-certfile', other.cert]],
    ['without signed attributes', ['-noattr']],
  ])('is found when the signer is %s', (_, options) => {
    const signature = openssl.sign(owner, ...options);
    expect(signerFingerprint({ bytes: signature })).toBe(sha1Of(readPem(owner.cert)));
  });

  test('is what an independent reader finds, in a stream of indefinite length too', () => {
    const signature = openssl.sign(owner, '-stream');
    expect(signerFingerprint({ bytes: signature })).toBe(verifyPkcs7(signature).fingerprint);
  });

  test('is nothing when the certificate did not come along', () => {
    expect(signerFingerprint({ bytes: openssl.sign(owner, '-nocerts') })).toBeUndefined();
  });

  test('is nothing for what is no signature, however it is damaged', () => {
    const signature = Buffer.from(openssl.sign(owner));
    const whole = sha1Of(readPem(owner.cert));
    fc.assert(
      fc.property(fc.nat(signature.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(signature);
        damaged[at] = byte;
        const found = signerFingerprint({ bytes: damaged });
        expect(found === undefined || /^[0-9a-f]{40}$/.test(found)).toBe(true);
      }),
    );
    for (const bytes of [[], [0x30], [0x30, 0x03, 0x02, 0x01, 0x01]]) {
      expect(signerFingerprint({ bytes: Uint8Array.from(bytes) })).toBeUndefined();
    }
    expect(signerFingerprint({ bytes: signature })).toBe(whole);
  });
});

test('every sample has one, and it is what an independent reader finds', () => {
  const folder = join(import.meta.dirname, '../../samples/signatures/finance');
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.p7s'))) {
    const bytes = readFileSync(join(folder, name));
    expect(signerFingerprint({ bytes })).toBe(verifyPkcs7(bytes).fingerprint);
  }
});
