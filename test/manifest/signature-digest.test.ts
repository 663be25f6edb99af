import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  isSentNoMore,
  JournaledSignatures,
  SentSignatures,
  SignatureDigest,
  signatureIn,
} from '../../src/manifest/signature-digest.js';
import type { SignedSend } from '../../src/manifest/signature-digest.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import { aHeader, anOtpRegistration, aRegistration, aSettlement, NOON } from '../support/builders.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const TIME = new Date(NOON).toISOString();
const left = (path: string): SignedSend => ({ path, sentAt: NOON, isDone: false });
const done = (path: string): SignedSend => ({ path, sentAt: NOON, isDone: true });

test('the digest over signatures is that of what sha256sum says of them, and one more of those that are done', () => {
  const digest = new SignatureDigest();
  digest.add(left('a.p7s'), sha256('a'));
  digest.add(done('b.p7s'), sha256('b'));
  expect(digest.result()).toEqual({
    count: 2,
    sha256: sha256(`${sha256('a')}  a.p7s\n${sha256('b')}  b.p7s\n`),
    rows: sha256(`${TIME}  a.p7s\n${TIME}  b.p7s\n`),
    done: { count: 1, sha256: sha256(`${sha256('b')}  b.p7s\n`), rows: sha256(`${TIME}  b.p7s\n`) },
  });
});

test('the rows are the same or not, whatever is known of their signatures', () => {
  const [some, same, others] = [new SignatureDigest(), new SignatureDigest(), new SignatureDigest()];
  some.add(done('a.p7s'), sha256('a'));
  same.add(left('a.p7s'), undefined);
  others.add({ ...done('a.p7s'), sentAt: NOON + 1 }, sha256('a'));
  const all = some.result() ?? undefined;
  expect([some, same, others].map((digest) => digest.all.isOf(all))).toEqual([true, true, false]);
  expect(same.done.isOf(all?.done)).toBe(false);
  expect(some.all.isOf(undefined)).toBe(false);
});

test('nothing is said where one of them is not known', () => {
  const digest = new SignatureDigest();
  digest.add(left('a.p7s'), undefined);
  expect(digest.result()).toBeNull();
  expect(digest.done.result()?.count).toBe(0);
});

test('a row that is done, or was taken back, is sent no more by a run as it is', () => {
  const sentNoMore = OUTCOME_NAMES.filter((outcome) => isSentNoMore(aSettlement({ outcome })));
  expect(sentNoMore).toEqual(['registered', 'already_registered', 'duplicate', 'undone']);
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
