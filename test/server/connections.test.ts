import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Proof } from '../../src/core/proof.js';
import { PROVE_EVERY, PROVE_EVERY_MS, REST_MS } from '../../src/server/connections.js';
import { Secrets } from '../../src/server/secrets.js';
import type { Exchange } from '../../src/server/exchange.js';
import { HttpClient } from '../../src/server/http-client.js';
import { TestClock } from '../support/lab.js';
import { METHOD_NOT_ALLOWED, SurplusServer, toReply } from '../support/surplus-server.js';
import type { SurplusServerOptions } from '../support/surplus-server.js';

/* What connections prove. What holds of every exchange is in endpoint.test.ts, of a whole run in mixed-up-answers.test.ts. */

const LOOK = { method: 'GET', path: '/look', isLook: true } as const;
const { signal } = new AbortController();

let clock: TestClock;
let nowMs: number;
let told: string[];
const closers: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  nowMs = 0;
  told = [];
  clock = new TestClock();
  clock.monotonic = () => nowMs;
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  expect(clock.delays).toEqual([]);
});

async function serve(options: SurplusServerOptions = {}): Promise<SurplusServer> {
  const server = await new SurplusServer(options).start();
  closers.push(() => server.close());
  return server;
}

interface Opened {
  readonly client: HttpClient;
  /** So many rows, one after the other. @returns what each answer rests on */
  readonly send: (count?: number) => Promise<(Proof | undefined)[]>;
}

function open(origin: string, { concurrency = 1, isKeptAlive = true } = {}): Opened {
  const proof = {
    lookPath: LOOK.path,
    onTaint: (why: string) => told.push(`taint: ${why}`),
    onMute: () => told.push('mute'),
  };
  const settings = { origin, concurrency, isKeptAlive, timeoutMs: 30_000, tls: undefined, proxy: undefined, proof };
  const client = new HttpClient({ ...settings, secrets: new Secrets() }, clock);
  closers.push(() => client.close());
  let sent = 0;
  const send = async (count = 1): Promise<(Proof | undefined)[]> => {
    const proofs: (Proof | undefined)[] = [];
    for (let n = 0; n < count; n += 1) {
      const body = Buffer.from(JSON.stringify({ username: `u${(sent += 1)}` }));
      const exchange: Exchange = await client.exchange({ method: 'PUT', path: '/row', body }, signal);
      proofs.push(exchange.kind === 'reply' ? exchange.proof : undefined);
    }
    return proofs;
  };
  return { client, send };
}

describe('a connection proves that it is in step', () => {
  test('soon, and then less and less often: one that breaks early takes little with it', async () => {
    const server = await serve();
    const { client, send } = open(server.url);
    await client.exchange(LOOK, signal);
    for (const [rows, looks] of [
      [4, 2],
      [16, 3],
      [64, 4],
      // The 100th request is a look too, in case that this server takes no more.
      [11, 5],
      [PROVE_EVERY, 6],
    ] as const) {
      await send(rows - 1);
      expect(server.looks).toBe(looks - 1);
      await send();
      await expect.poll(() => server.looks).toBe(looks);
    }
  });

  test(`after ${PROVE_EVERY} answers at most: those before are proved, those behind are not yet`, async () => {
    const server = await serve();
    const { client, send } = open(server.url);
    await client.exchange(LOOK, signal);
    await send(4 + 16 + 64 + 11);
    const first = await send(PROVE_EVERY);
    const [next] = await send();
    await expect.poll(() => server.looks).toBe(6);
    expect(new Set(first.map((proof) => proof?.isOpen))).toEqual(new Set([false]));
    expect(next?.isOpen).toBe(true);
    expect(server.connections).toBe(1);
  });

  test(`${PROVE_EVERY_MS / 1000} s after the first of its answers, also when they are few`, async () => {
    const server = await serve();
    const { client, send } = open(server.url);
    await client.exchange(LOOK, signal);
    const [first] = await send();
    nowMs += PROVE_EVERY_MS - 1;
    await send();
    expect([server.looks, first?.isOpen]).toEqual([1, true]);
    nowMs += 1;
    await send();
    await expect.poll(() => [server.looks, first?.isOpen]).toEqual([2, false]);
  });

  test('when it rests', async () => {
    const server = await serve();
    const { client, send } = open(server.url);
    await client.exchange(LOOK, signal);
    expect(clock.delays).toEqual([]);
    const [proof] = await send();
    expect(clock.delays).toEqual([REST_MS]);
    nowMs += REST_MS;
    clock.ring();
    await expect.poll(() => [server.looks, proof?.isOpen]).toEqual([2, false]);
    expect(clock.delays).toEqual([]);
  });

  test('and not as long as it is used', async () => {
    const server = await serve();
    const { client, send } = open(server.url);
    await client.exchange(LOOK, signal);
    await send();
    nowMs += REST_MS - 1;
    await send();
    nowMs += 1;
    clock.ring();
    expect([server.looks, clock.delays]).toEqual([1, [REST_MS]]);
  });

  test('at the end, all of them at once', async () => {
    const server = await serve({ thinkMs: () => 5 });
    const { client, send } = open(server.url, { concurrency: 8 });
    await client.exchange(LOOK, signal);
    const proofs = (await Promise.all(Array.from({ length: 8 }, () => send()))).flat();
    expect(proofs.every((proof) => proof?.isOpen === true)).toBe(true);
    await client.prove();
    expect(proofs.some((proof) => proof?.isOpen === true || proof?.isTainted === true)).toBe(false);
    expect([server.connections, server.looks]).toEqual([8, 9]);
    await client.prove();
    expect(server.looks).toBe(9);
  });

  test.each([2, 3, 7, 60])('before the last of %i requests that the server takes, once that is known', async (most) => {
    const server = await serve({ mostRequests: most });
    const { client, send } = open(server.url);
    await client.exchange(LOOK, signal);
    await expect.poll(() => send().then(() => server.connections)).toBe(2);
    const proofs = await send(2 * most);
    await client.prove();
    expect(proofs.some((proof) => proof?.isOpen)).toBe(false);
    expect(told).toEqual([]);
  });

  test('not before every so many requests where one connection broke and another goes on', async () => {
    const sockets: Socket[] = [];
    let looks = 0;
    const server = await startRaw((socket, head) => {
      if (!sockets.includes(socket)) sockets.push(socket);
      if (head.startsWith('GET')) looks += 1;
      socket.write(head.startsWith('GET') ? METHOD_NOT_ALLOWED : toReply('0'));
    });
    const { client, send } = open(server);
    await client.exchange(LOOK, signal);
    await send();
    sockets[0]?.resetAndDestroy();
    await expect.poll(() => sockets[0]?.closed).toBe(true);
    await send(60);
    // The first, one as the second request, since the other took no more, and one after 16 answers.
    await expect.poll(() => looks).toBe(3);
  });
});

describe('a connection that is out of step', () => {
  test('is known by the answer of a row to a look: what it answered since is tainted, after the run was told', async () => {
    const server = await serve({ surplus: [{ at: 4, when: 'before', codes: ['0'] }], thinkMs: () => 5 });
    const { client, send } = open(server.url);
    await client.exchange(LOOK, signal);
    const [first] = await send();
    first?.add({ onTaint: () => told.push('first') });
    await client.prove();
    const [second] = await send();
    second?.add({ onTaint: () => told.push('second') });
    expect(told).toEqual(['taint: bytes came that nobody waited for', 'second']);
    expect([first?.isTainted, second?.isTainted]).toEqual([false, true]);
  });

  test('by a row’s answer to a look that was due', async () => {
    const looks = [METHOD_NOT_ALLOWED, toReply('22002')];
    const server = await startRaw((socket, head) => {
      socket.write(head.startsWith('GET') ? (looks.shift() ?? '') : toReply('0'));
    });
    const { client, send } = open(server);
    await client.exchange(LOOK, signal);
    const [proof] = await send();
    await client.prove();
    expect(told).toEqual(['taint: the answer to a look was one that only a row gets']);
    expect(proof?.isTainted).toBe(true);
  });

  test.each(['HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', '\r\n', '\r\n\r\n'])(
    'is not told by a farewell, nor by bare line ends (%j)',
    async (bytes) => {
      const sockets: Socket[] = [];
      const server = await startRaw((socket, head) => {
        socket.write(head.startsWith('GET') ? METHOD_NOT_ALLOWED : toReply('0'));
        sockets.push(socket);
      });
      const { client, send } = open(server);
      await client.exchange(LOOK, signal);
      await send();
      const last = sockets.at(-1);
      // What it says while nothing is under way.
      last?.end(bytes);
      // The client closes its side when it has read all.
      await expect.poll(() => last?.closed).toBe(true);
      const [proof] = await send();
      await client.prove();
      expect([told, proof?.isTainted]).toEqual([[], false]);
    },
  );
});

describe('what a broken connection answered', () => {
  /** Resets every connection after so many requests. */
  function resetting(after: number): Promise<string> {
    const served = new WeakMap<Socket, number>();
    return startRaw((socket, head) => {
      const count = (served.get(socket) ?? 0) + 1;
      served.set(socket, count);
      if (count > after) socket.resetAndDestroy();
      else socket.write(head.startsWith('GET') ? METHOD_NOT_ALLOWED : toReply('0'));
    });
  }

  test('waits for the proof of another one', async () => {
    const { client, send } = open(await resetting(3));
    await client.exchange(LOOK, signal);
    const [first, second, broken] = await send(3);
    expect([first?.isOpen, second?.isOpen, broken]).toEqual([true, true, undefined]);
    await send();
    expect(first?.isOpen).toBe(true);
    await client.prove();
    expect([first?.isOpen, first?.isTainted]).toEqual([false, false]);
  });

  test('goes with one that is out of step', async () => {
    const replies = [toReply('0'), undefined, toReply('0') + toReply('0')];
    const server = await startRaw((socket, head) => {
      const said = head.startsWith('GET') ? METHOD_NOT_ALLOWED : replies.shift();
      if (said === undefined) socket.resetAndDestroy();
      else socket.write(said);
    });
    const { client, send } = open(server);
    await client.exchange(LOOK, signal);
    const [first, broken, mixedUp] = await send(3);
    expect([first?.isTainted, broken, mixedUp?.isTainted]).toEqual([true, undefined, true]);
  });

  test('is not proved by an end that the server makes while nothing is under way', async () => {
    const sockets: Socket[] = [];
    const server = await startRaw((socket, head) => {
      socket.write(head.startsWith('GET') ? METHOD_NOT_ALLOWED : toReply('0'));
      sockets.push(socket);
    });
    const { client, send } = open(server);
    await client.exchange(LOOK, signal);
    const [proof] = await send();
    sockets.at(-1)?.end();
    await expect.poll(() => sockets.at(-1)?.closed).toBe(true);
    expect(proof?.isOpen).toBe(true);
    await send(3);
    expect(proof?.isOpen).toBe(false);
    expect(proof?.isTainted).toBe(false);
  });

  test('waits for as many proofs as there are connections', async () => {
    const server = await serve({ mostRequests: 4, thinkMs: () => 2 });
    const { client, send } = open(server.url, { concurrency: 3 });
    await client.exchange(LOOK, signal);
    const [[first]] = await Promise.all([send(4), send(4), send(4)]);
    expect(first?.isTainted).toBe(false);
    await client.prove();
    expect(first?.isOpen).toBe(false);
  });

  test('goes with one that got out of step before', async () => {
    const replies = [toReply('0'), toReply('0') + toReply('0')];
    const sockets: Socket[] = [];
    const server = await startRaw((socket, head) => {
      if (!sockets.includes(socket)) sockets.push(socket);
      if (socket === sockets[0]) setTimeout(() => socket.resetAndDestroy(), 20);
      if (head.startsWith('GET')) socket.write(METHOD_NOT_ALLOWED);
      else socket.write(replies.shift() ?? toReply('0'));
    });
    const { client, send } = open(server, { concurrency: 2 });
    const [[first], [mixedUp]] = await Promise.all([send(), send()]);
    await expect.poll(() => sockets[0]?.closed).toBe(true);
    await client.prove();
    expect([first?.isTainted, mixedUp?.isTainted]).toEqual([false, true]);
  });
});

describe('where looks are answered as rows are', () => {
  test('that is told once, after two on the same connection', async () => {
    const server = await serve({ look: toReply('10002') });
    const { client, send } = open(server.url);
    await client.exchange(LOOK, signal);
    await expect.poll(() => told).toEqual(['mute']);
    const [proof] = await send();
    await client.exchange(LOOK, signal);
    await client.prove();
    expect([told, server.looks, proof?.isOpen]).toEqual([['mute'], 3, false]);
  });

  test('a first look that was answered with what was left over is none', async () => {
    const server = await serve({ surplus: [{ at: 1, when: 'before', codes: ['0'] }] });
    const { client } = open(server.url);
    await client.exchange(LOOK, signal);
    expect(told).toEqual(['taint: bytes came that nobody waited for']);
  });
});

test('without keep-alive each request has a connection of its own, and its answer is proved with its end', async () => {
  const server = await serve();
  const { send } = open(server.url, { isKeptAlive: false });
  const proofs = await send(3);
  await expect.poll(() => proofs.some((proof) => proof?.isOpen)).toBe(false);
  expect([server.connections, server.looks, told]).toEqual([3, 0, []]);
});

/** A server that does this with each request. */
async function startRaw(act: (socket: Socket, head: string) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => act(socket, bytes.toString('latin1')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
