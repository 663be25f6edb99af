import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ProxyFailure } from '../../src/network/proxy-failure.js';
import { Tunnels } from '../../src/network/tunnels.js';
import { buildConnector } from '../../src/network/undici-parts.js';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Each CONNECT waits until the test answers it. */
async function openTunnels(authorization?: string) {
  const waiting: ((line: string) => void)[] = [];
  const server = createServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (_, socket: Socket) => {
    socket.on('error', () => undefined);
    waiting.push((line) => void socket.write(`HTTP/1.1 ${line}\r\n\r\n`));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy = { origin: `http://127.0.0.1:${port}`, name: `127.0.0.1:${port}`, authorization, password: undefined };
  const tunnels = new Tunnels({ proxy, connect: buildConnector({}), timeoutMs: 30_000 });
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  closers.push(() => tunnels.close());
  const open = (count: number) =>
    Array.from({ length: count }, () => tunnels.open('server:443').then(() => 'granted', whyOf));
  return { waiting, open };
}

function whyOf(error: unknown): string {
  return error instanceof ProxyFailure ? error.why : 'no proxy failure';
}

const hasCome = (waiting: readonly unknown[], count: number) => expect.poll(() => waiting.length).toBe(count);

test('one asks alone until a tunnel is granted, then all who wait', async () => {
  const { waiting, open } = await openTunnels();
  const asked = open(16);
  await hasCome(waiting, 1);
  waiting[0]?.('200 OK');
  await hasCome(waiting, 16);
  for (const answer of waiting.slice(1)) answer('200 OK');
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['granted']));
});

test('a password that is no longer taken goes there once, however many ask', async () => {
  const { waiting, open } = await openTunnels('Basic bWU6cA==');
  const [first] = open(1);
  await hasCome(waiting, 1);
  waiting[0]?.('200 OK');
  await first;
  const later = open(64);
  await hasCome(waiting, 2);
  waiting[1]?.('407 Who');
  const whys = new Set(await Promise.all(later));
  expect([...whys].join()).toMatch(/refuses the name and password of HTTPS_PROXY/);
  expect([...whys]).toHaveLength(1);
  expect((await Promise.all(open(5))).every((why) => whys.has(why))).toBe(true);
  expect(waiting).toHaveLength(2);
});

test('with a password one asks at a time, also when it was taken before', async () => {
  const { waiting, open } = await openTunnels('Basic bWU6cA==');
  const asked = open(16);
  for (let number = 1; number <= 3; number += 1) {
    await hasCome(waiting, number);
    waiting[number - 1]?.('200 OK');
  }
  await hasCome(waiting, 4);
  waiting[3]?.('407 Who');
  const whys = await Promise.all(asked);
  expect(whys.filter((why) => why === 'granted')).toHaveLength(3);
  expect(waiting).toHaveLength(4);
});

test.each(['100 Continue', '102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>', '100'])(
  'an interim reply is no answer: %s',
  async (interim) => {
    const { waiting, open } = await openTunnels('Basic bWU6cA==');
    const [granted, refused] = open(2);
    for (const [at, answer] of ['200 OK', '407 Who'].entries()) {
      await hasCome(waiting, at + 1);
      waiting[at]?.(interim);
      waiting[at]?.(answer);
    }
    expect(await granted).toBe('granted');
    expect(await refused).toMatch(/refuses the name and password of HTTPS_PROXY/);
    expect(waiting).toHaveLength(2);
  },
);

test('what passes is no answer to those who come later: the next one asks', async () => {
  const { waiting, open } = await openTunnels();
  const asked = open(3);
  for (let number = 1; number <= 3; number += 1) {
    await hasCome(waiting, number);
    waiting[number - 1]?.(number < 3 ? '503 No' : '204 Also granted');
  }
  const [one, two, three] = await Promise.all(asked);
  expect([one, two].join()).toMatch(/does not reach the server \(HTTP status 503\).*503/);
  expect(three).toBe('granted');
});
