import { connect, type AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Agent, Client, request } from 'undici';
import { makeCertificate } from '../../src/simulator/make-certificate.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { anOtpBody, aPkiBody, HEADERS, PATHS, put, replyOf, SECRETS, withSimulator } from './client.js';
import { Openssl } from './openssl.js';

const openssl = new Openssl();
let signature: Buffer;

beforeAll(() => {
  signature = openssl.sign(openssl.makeOwner('rsa'));
});
afterAll(() => openssl.remove());

test('both endpoints register over http, on a free port of loopback', async () => {
  await withSimulator({}, async (simulator) => {
    expect(simulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const { code, object } = await replyOf(put(simulator, 'otp'));
    expect([code, JSON.parse(object)]).toEqual(['0', { key: simulator.sends[0]?.key }]);
    expect(await replyOf(put(simulator, 'pki', { body: aPkiBody(signature) }))).toEqual({
      code: '0',
      message: 'Success',
      object: '',
    });
    expect(simulator.user('ann')).toMatchObject({ username: 'ann', active: true, hasOtp: true, hasCertificate: true });
  });
});

test('seconds are for clients built after the sample code', async () => {
  await withSimulator({ timestampUnit: 's' }, async (simulator) => {
    const body = aPkiBody(signature, { timestamp: String(Math.floor(Date.now() / 1000)) });
    expect((await replyOf(put(simulator, 'pki', { body }))).code).toBe('0');
    expect((await replyOf(put(simulator, 'pki', { body: aPkiBody(signature) }))).code).toBe('10002');
  });
});

test('only the users it is given are known', async () => {
  const users = [{ username: 'ann', active: false, hasOtp: true, hasCertificate: false }];
  await withSimulator({ users }, async (simulator) => {
    expect(simulator.user('ann')).toEqual(users[0]);
    expect(simulator.user('bob')).toBeUndefined();
    expect((await replyOf(put(simulator, 'otp'))).code).toBe('22004');
    expect((await replyOf(put(simulator, 'otp', { body: anOtpBody({ username: 'bob' }) }))).code).toBe('22002');
  });
});

test('https is spoken with the certificate it is given, which a client can trust', async () => {
  const tls = await makeCertificate(['localhost', '127.0.0.1']);
  await withSimulator({ tls }, async (simulator) => {
    expect(simulator.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const dispatcher = new Agent({ connect: { ca: tls.cert } });
    const options = { method: 'PUT', headers: HEADERS, body: JSON.stringify(anOtpBody()) } as const;
    for (const url of [simulator.url, simulator.url.replace('127.0.0.1', 'localhost')]) {
      const { body } = await request(url + PATHS.otp, { ...options, dispatcher });
      await body.dump();
    }
    expect(simulator.sends.map(({ code }) => code)).toEqual(['0', '29008']);
    await expect(request(simulator.url + PATHS.otp, options)).rejects.toThrow(/self-signed/);
    await dispatcher.close();
  });
});

test('connections are kept alive', async () => {
  await withSimulator({}, async (simulator) => {
    let connections = 0;
    const client = new Client(simulator.url).on('connect', () => (connections += 1));
    for (const username of ['a', 'b', 'c']) {
      const body = JSON.stringify(anOtpBody({ username }));
      const { headers, body: reply } = await client.request({ method: 'PUT', path: PATHS.otp, headers: HEADERS, body });
      expect(headers.connection).toBe('keep-alive');
      await reply.dump();
    }
    expect(connections).toBe(1);
    await client.destroy();
  });
});

test('close ends idle, waiting and half-shaken connections, and frees the port', async () => {
  const tls = await makeCertificate(['127.0.0.1']);
  const simulator = await startSimulator({ ...SECRETS, tls, script: { ann: ['no-reply'] } });
  const port = Number(new URL(simulator.url).port);
  const shaking = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(shaking, 'connect');
  const dispatcher = new Agent({ connect: { ca: tls.cert } });
  const options = { method: 'PUT', headers: HEADERS, dispatcher } as const;
  const bob = JSON.stringify(anOtpBody({ username: 'bob' }));
  await (await request(simulator.url + PATHS.otp, { ...options, body: bob })).body.dump();
  const waiting = request(simulator.url + PATHS.otp, { ...options, body: JSON.stringify(anOtpBody()) });
  const failed = expect(waiting).rejects.toThrow();
  await expect.poll(() => simulator.sends.length, { interval: 5 }).toBe(2);

  await Promise.all([simulator.close(), once(shaking, 'close'), failed]);
  await simulator.close();
  const again = await startSimulator({ ...SECRETS, port });
  expect(again.url).toBe(`http://127.0.0.1:${port}`);
  await again.close();
  await dispatcher.destroy();
});

test('a server that closes while it judges applies, and answers nobody', async () => {
  const closing: Promise<void>[] = [];
  const simulator = await startSimulator({ ...SECRETS, onSend: () => closing.push(simulator.close()) });
  await expect(put(simulator, 'otp')).rejects.toThrow();
  await Promise.all(closing);
  expect(simulator.user('ann')?.hasOtp).toBe(true);
});

test('a port in use is an error', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(startSimulator({ ...SECRETS, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  other.close();
});

test('faults that make no sense are an error, not a quiet rehearsal', async () => {
  await expect(startSimulator({ ...SECRETS, faults: [{ kind: 'html', share: 2 }] })).rejects.toThrow(RangeError);
  await expect(startSimulator({ ...SECRETS, script: { ann: ['12'] } })).rejects.toThrow(RangeError);
});

test('more requests than the limit lets through meet 429, and are not applied', async () => {
  await withSimulator({ rateLimit: { perSecond: 1, retryAfterSeconds: 2 } }, async (simulator) => {
    expect((await replyOf(put(simulator, 'otp'))).code).toBe('0');
    const { statusCode, headers, body } = await put(simulator, 'otp', { body: anOtpBody({ username: 'ben' }) });
    await body.dump();
    expect([statusCode, headers['retry-after']]).toEqual([429, '2']);
    expect(simulator.sends[1]).toMatchObject({ username: 'ben', fault: '429:2', applied: false });
  });
});

test('while it is down nobody listens; then it is there again, on the same port', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    await withSimulator({ downtimes: [{ fromMs: 10, toMs: 20, kind: 'refused' }] }, async (simulator) => {
      const ask = (): Promise<string> =>
        put(simulator, 'otp').then(
          async ({ body }) => body.dump().then(() => 'there'),
          (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'odd'),
        );
      expect(await ask()).toBe('there');
      vi.advanceTimersByTime(15);
      // The first may still go out over the connection from before.
      expect(await ask()).not.toBe('there');
      expect(await ask()).toBe('ECONNREFUSED');
      vi.advanceTimersByTime(10);
      expect(await ask()).toBe('there');
    });
  } finally {
    vi.useRealTimers();
  }
});

test('behind the page of a proxy every call is answered by it, and reaches nobody', async () => {
  await withSimulator({ downtimes: [{ fromMs: 0, toMs: 60_000, kind: '503' }] }, async (simulator) => {
    for (const path of [PATHS.otp, PATHS.sessionCheck]) {
      const { statusCode, headers, body } = await request(simulator.url + path, { method: 'PUT', headers: HEADERS });
      expect([statusCode, headers['content-type']]).toEqual([503, 'text/html; charset=utf-8']);
      expect(await body.text()).toContain('<html>');
    }
    expect(simulator.sends).toEqual([]);
  });
});
