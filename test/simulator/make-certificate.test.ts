import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeCertificate } from '../../src/simulator/make-certificate.js';

const DAY_MS = 86_400_000;

test('it is a self-signed P-256 certificate, and the key belongs to it', async () => {
  const { key, cert } = await makeCertificate(['localhost']);
  const certificate = new X509Certificate(cert);
  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey)).toBe(true);
});

test('it may issue itself and serve', async () => {
  const certificate = new X509Certificate((await makeCertificate(['localhost'])).cert);
  expect(certificate.ca).toBe(true);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
});

test('it is valid from yesterday and for some years', async () => {
  const certificate = new X509Certificate((await makeCertificate(['localhost'])).cert);
  const from = Date.now() - Date.parse(certificate.validFrom);
  expect(Math.abs(from - DAY_MS)).toBeLessThan(60_000);
  expect(Date.parse(certificate.validTo) - Date.now()).toBeGreaterThan(2 * 365 * DAY_MS);
});

test('it names every host, whether name or address', async () => {
  const hosts = [
    'localhost',
    'centagate.example',
    '127.0.0.1',
    '::1',
    '::',
    'fe80::1:2:3',
    '2001:db8:1:2:3:4:5:6',
    '2001:db8::',
    '::ffff:10.1.2.3',
  ];
  const certificate = new X509Certificate((await makeCertificate(hosts)).cert);
  for (const host of hosts) {
    const found = host.includes(':') || /^\d/.test(host) ? certificate.checkIP(host) : certificate.checkHost(host);
    expect(found).toBe(host);
  }
  expect(certificate.checkHost('example')).toBeUndefined();
  expect(certificate.checkIP('127.0.0.2')).toBeUndefined();
});

test('each is another one', async () => {
  const [one, two] = await Promise.all([makeCertificate(['localhost']), makeCertificate(['localhost'])]);
  expect(one.key).not.toBe(two.key);
  expect(new X509Certificate(one.cert).serialNumber).not.toBe(new X509Certificate(two.cert).serialNumber);
});
