import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { checkSignatureOver } from '../../src/signature/detached-signature.js';
import { Openssl } from '../simulator/openssl.js';

const openssl = new Openssl();
const owner = openssl.makeOwner('ec-p256', ['-subj', '/CN=Ann Lee']);
const other = openssl.makeOwner('ec-p256');
afterAll(() => openssl.remove());

// What the signatures of the tests are over.
const CONTENT = Buffer.from('1111');
const trust = [new X509Certificate(readFileSync(owner.cert))];
const rules = { nowMs: Date.now(), trust };

test('a detached signature is good over its content, as DER and as text', () => {
  const der = openssl.signDetached(owner);
  for (const file of [der, Buffer.from(der.toString('base64'))]) {
    const checked = checkSignatureOver(CONTENT, file, rules);
    expect(checked).toMatchObject({ isVerified: true });
    expect(checked).toMatchObject({ certificate: { subject: [{ type: 'CN', value: 'Ann Lee' }] } });
  }
});

test('one that holds its content is judged by the content that is given', () => {
  expect(checkSignatureOver(CONTENT, openssl.sign(owner), rules)).toMatchObject({ isVerified: true });
  expect(checkSignatureOver(Buffer.from('2222'), openssl.sign(owner), rules)).toHaveProperty('flaw');
});

test.each([
  [
    'over another content',
    () => checkSignatureOver(Buffer.from('2222'), openssl.signDetached(owner), rules),
    'is not valid over',
  ],
  [
    'of somebody else',
    () => checkSignatureOver(CONTENT, openssl.signDetached(other), rules),
    'leads to none of --trust',
  ],
  ['that is none', () => checkSignatureOver(CONTENT, Buffer.from('hello!'), rules), 'is not a PKCS#7 signature'],
  [
    'that is cut off',
    () => checkSignatureOver(CONTENT, openssl.signDetached(owner).subarray(0, -9), rules),
    'is no complete',
  ],
])('a signature %s is refused', (_, check, flaw) => {
  expect(check()).toEqual({ flaw: expect.stringContaining(flaw) as string });
});
