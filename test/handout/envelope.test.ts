import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { prepareEnvelope } from '../../src/handout/envelope.js';
import { recipientProblem } from '../../src/handout/recipient.js';
import { Openssl } from '../simulator/openssl.js';
import type { Owner } from '../simulator/openssl.js';
import { Sink } from '../support/sink.js';

const openssl = new Openssl();
const owners = {
  rsa: openssl.makeOwner('rsa'),
  'ec-p256': openssl.makeOwner('ec-p256'),
  'ec-p384': openssl.makeOwner('ec-p384'),
};
const stranger = openssl.makeOwner('ec-p256');
const weak = openssl.makeOwner('rsa-pss');
afterAll(() => openssl.remove());

function certificateOf({ cert }: Owner): X509Certificate {
  return new X509Certificate(readFileSync(cert));
}

async function encrypt(recipients: readonly Owner[], parts: readonly string[]): Promise<Buffer> {
  const sink = new Sink();
  const file = (await prepareEnvelope(recipients.map(certificateOf)))(sink);
  for (const part of parts) file.writeBytes(Buffer.from(part));
  expect(file.finish()).toBe('digest');
  file.place();
  expect(sink.ends).toEqual(['finished', 'placed']);
  return sink.bytes;
}

function decrypt(owner: Owner, bytes: Buffer): string {
  return openssl.decrypt(owner, openssl.file(bytes));
}

describe('an envelope', () => {
  it.each(Object.entries(owners))('is opened by openssl with a key of the kind %s', async (_, owner) => {
    expect(decrypt(owner, await encrypt([owner], ['username,key\n', 'ann,K1\n']))).toBe('username,key\nann,K1\n');
  });

  it('is opened by each of its recipients, and by nobody else', async () => {
    const bytes = await encrypt(Object.values(owners), ['ann,K1\n']);
    for (const owner of Object.values(owners)) expect(decrypt(owner, bytes)).toBe('ann,K1\n');
    expect(() => decrypt(stranger, bytes)).toThrow();
    expect(bytes.includes('K1')).toBe(false);
  });

  it('holds whatever is written, in pieces of any length', async () => {
    const parts = [0, 1, 15, 16, 17, 127, 128, 70_000, 3].map((length) => 'x'.repeat(length));
    expect(decrypt(owners.rsa, await encrypt([owners.rsa], parts))).toBe(parts.join(''));
    expect(decrypt(owners.rsa, await encrypt([owners.rsa], []))).toBe('');
  });
});

describe('a recipient', () => {
  const now = Date.now();
  const day = 86_400_000;

  it('has a certificate that holds, and a key that something can be enciphered for', () => {
    for (const owner of Object.values(owners)) expect(recipientProblem(certificateOf(owner), now)).toBeUndefined();
    expect(recipientProblem(certificateOf(owners.rsa), now + 60 * day)).toMatch(/^is over since .*: ask for the one/);
    expect(recipientProblem(certificateOf(owners.rsa), now - 60 * day)).toMatch(/^begins on /);
    expect(recipientProblem(certificateOf(weak), now)).toMatch(/^has a key that nothing is enciphered for here/);
  });
});
