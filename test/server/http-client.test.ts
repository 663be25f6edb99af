import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HttpClient } from '../../src/server/http-client.js';
import { Secrets } from '../../src/server/secrets.js';
import { TestClock } from '../support/lab.js';

/* Large replies, and a bug. What holds of every reply is in endpoint.test.ts. */

const KIB = 1024;
const MIB = KIB * KIB;
const clock = new TestClock();
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(answer: RequestListener, onLargeReply?: (bytes: number) => void): Promise<HttpClient> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { origin, concurrency: 32, timeoutMs: 30_000, tls: undefined, proxy: undefined };
  const client = new HttpClient({ ...settings, secrets: new Secrets(), ...(onLargeReply && { onLargeReply }) }, clock);
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  closers.push(() => client.close());
  return client;
}

function get(client: HttpClient, path: string) {
  return client.exchange({ method: 'GET', path }, new AbortController().signal);
}

/** So many letters, another for each path. */
function textOf(path: string, length: number): string {
  return String.fromCharCode(0x61 + (Number(/\d+$/.exec(path)?.[0]) % 26)).repeat(length);
}

test('many large replies at once all come whole, each its own', async () => {
  const client = await open((request, response) => void response.end(textOf(String(request.url), MIB)));
  const paths = Array.from({ length: 64 }, (_, number) => `/${number}`);
  const replies = await Promise.all(paths.map((path) => get(client, path)));
  expect(replies.map((reply) => reply.kind === 'reply' && reply.body)).toEqual(paths.map((path) => textOf(path, MIB)));
});

test('large replies that are stuck hold up no other, large or small, and end at their deadline', async () => {
  const client = await open((request, response) => {
    if (request.url?.includes('stuck')) response.write('x'.repeat(MIB - 1));
    else response.end(textOf(String(request.url), request.url?.includes('large') ? 200 * KIB : 100));
  });
  const stuck = Array.from({ length: 16 }, (_, number) => get(client, `/stuck/${number}`));
  const others = ['/small/1', '/large/2', '/small/3', '/large/4'].map((path) => get(client, path));
  const came = (await Promise.all(others)).map((reply) => reply.kind === 'reply' && reply.body.length);
  expect(came).toEqual([100, 200 * KIB, 100, 200 * KIB]);
  clock.ring();
  expect(new Set((await Promise.all(stuck)).map(({ kind }) => kind))).toEqual(new Set(['cut']));
});

test('the bytes of large replies are told, whatever their status, and those of small ones never', async () => {
  let told = 0;
  const client = await open(
    (request, response) => {
      response.statusCode = Number(request.url?.split('/').at(-2));
      response.end(textOf('/1', Number(request.url?.split('/').at(-1)) * KIB));
    },
    (bytes) => (told += bytes),
  );
  for (let sent = 0; sent < 10; sent += 1) await get(client, '/200/16');
  expect(told).toBe(0);
  for (const status of [200, 500]) {
    told = 0;
    await get(client, `/${status}/1000`);
    expect(told).toBeGreaterThan((1000 - 16) * KIB - 1);
    expect(told).toBeLessThanOrEqual(1000 * KIB);
  }
});

test('what only a bug can cause is thrown, not taken for the network', async () => {
  const client = await open((_, response) => void response.end());
  await expect(get(client, '/line\nend')).rejects.toThrow('invalid request path');
  expect(clock.delays).toEqual([]);
});
