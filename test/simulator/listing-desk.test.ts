import { X509Certificate } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { aPkiBody, CEN_TOKEN, put, replyOf, withSimulator } from './client.js';
import { Openssl, readPem } from './openssl.js';

const LIST = '/CentagateWS/webresources/user/auth/list/root%40bank';
const openssl = new Openssl();
afterAll(() => openssl.remove());

function aListBody(changes: object = {}): object {
  return { username: 'ann', cenToken: CEN_TOKEN, ...changes };
}

describe('the list of a user', () => {
  test('shows what is registered: an OTP token, and the certificate by its SHA-1', async () => {
    const owner = openssl.makeOwner('ec-p256');
    await withSimulator({}, async (simulator) => {
      await replyOf(put(simulator, 'otp'));
      await replyOf(put(simulator, 'pki', { body: aPkiBody(openssl.sign(owner)) }));
      const { code, object } = await replyOf(put(simulator, 'otp', { path: LIST, body: aListBody() }));
      const sha1 = new X509Certificate(readPem(owner.cert)).fingerprint.replaceAll(':', '').toLowerCase();
      expect(code).toBe('0');
      expect(JSON.parse(object)).toMatchObject({ tokenList: [{ type: '2' }], certList: [{ fingerprint: sha1 }] });
      expect(simulator.fingerprintsOf('ann')).toEqual([sha1]);
      expect([simulator.sends.length, simulator.listings]).toEqual([2, 1]);
    });
  });

  test('shows a certificate that was there from the start under a fingerprint of its own, and else nothing', async () => {
    const ann = { username: 'ann', active: true, hasOtp: false, hasCertificate: true };
    await withSimulator({ users: [ann, { ...ann, username: 'bob', hasCertificate: false }] }, async (simulator) => {
      const listOf = async (username: string) =>
        JSON.parse(
          (await replyOf(put(simulator, 'otp', { path: LIST, body: aListBody({ username }) }))).object,
        ) as object;
      expect(await listOf('ann')).toMatchObject({
        tokenList: [],
        certList: [{ fingerprint: expect.stringMatching(/^[0-9a-f]{40}$/) as string }],
      });
      expect(await listOf('bob')).toEqual({ tokenList: [], certList: [] });
    });
  });

  test.each([
    ['10001', { cenToken: 'another' }],
    ['10001', { username: 'denied' }],
    ['10002', { type: '2' }],
    ['10002', { username: 7 }],
    ['22002', { username: 'nobody' }],
  ])('is refused with %s for %j', async (code, changes) => {
    const users = ['ann', 'denied'].map((username) => ({
      username,
      active: true,
      hasOtp: false,
      hasCertificate: false,
    }));
    await withSimulator({ users }, async (simulator) => {
      simulator.denyUser('denied');
      expect(await replyOf(put(simulator, 'otp', { path: LIST, body: aListBody(changes) }))).toMatchObject({ code });
    });
  });

  test('may be missing', async () => {
    await withSimulator({ userList: 'missing' }, async (simulator) => {
      expect((await put(simulator, 'otp', { path: LIST, body: aListBody() })).statusCode).toBe(404);
      expect(simulator.listings).toBe(1);
    });
  });
});

test('a clock that jumps does so once, at its send', async () => {
  await withSimulator({ clockJump: { afterSends: 2, byMs: 600_000 } }, async (simulator) => {
    for (const username of ['a', 'b', 'c', 'd']) await put(simulator, 'otp', { body: aListBody({ username }) });
    const jumps = simulator.sends.map(({ at }, n) => Math.round((at - (simulator.sends[n - 1]?.at ?? at)) / 600_000));
    expect(jumps).toEqual([0, 0, 1, 0]);
  });
});
