import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  JournaledSignatures,
  SentSignatures,
  SignatureDigest,
  signatureIn,
} from '../../src/manifest/signature-digest.js';
import { aHeader, anOtpRegistration, aRegistration } from '../support/builders.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('the digest over signatures is that of what sha256sum says of them', () => {
  const digest = new SignatureDigest();
  digest.add('a.p7s', sha256('a'));
  digest.add('b.p7s', sha256('b'));
  expect(digest.result()).toEqual({
    count: 2,
    sha256: sha256(`${sha256('a')}  a.p7s\n${sha256('b')}  b.p7s\n`),
  });
});

test('nothing is said where one of them is not known', () => {
  const digest = new SignatureDigest();
  digest.add('a.p7s', undefined);
  expect(digest.result()).toBeNull();
});

test('a signature goes with PKI rows alone', () => {
  const header = aHeader(['username', 'token_type', 'signature_path']);
  expect(signatureIn(header, ['ann', 'pkcs7', ' a.p7s '])).toEqual({ key: 'pki:ann', path: 'a.p7s' });
  expect(signatureIn(header, ['ann', 'otp', 'a.p7s'])).toBeUndefined();
  expect(signatureIn(header, ['ann', 'fob', 'a.p7s'])).toBeUndefined();
});

test('what was sent of a row last is known by its registration', () => {
  const sent = new SentSignatures();
  const registration = aRegistration();
  const seen: string[] = [];
  const send = sent.noting((request, session: string) => seen.push(`${session} ${request.registration.tokenType}`));
  const mayLeave = (): boolean => true;
  for (const text of ['1', '2']) {
    const signature = { bytes: Buffer.from(text), algorithm: undefined };
    send({ registration, signature, mayLeave }, 'session');
  }
  send({ registration: anOtpRegistration(), signature: undefined, mayLeave }, 'session');
  expect(seen).toEqual(['session pki', 'session pki', 'session otp']);
  expect(sent.digestOf(registration)).toBe(sha256('2'));
  expect(sent.digestOf(aRegistration())).toBeUndefined();
  expect(sent.digestOf(undefined)).toBeUndefined();
});

test('what a killed run sent is known by its journal, as far as that has the whole digest', () => {
  const contents: Record<string, { signature: string }> = {
    'pki:ann': { signature: sha256('a') },
    'pki:ben': { signature: sha256('b').slice(0, 16) },
  };
  const sent = new JournaledSignatures((key) => contents[key]);
  expect(['pki:ann', 'pki:ben', 'pki:cem'].map((key) => sent.digestOf(undefined, key))).toEqual([
    sha256('a'),
    undefined,
    undefined,
  ]);
});
