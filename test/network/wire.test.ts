import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_HTTP } from '../../src/network/reply-framer.js';
import { Wire } from '../../src/network/wire.js';
import type { Proof } from '../../src/core/proof.js';

const REPLY = 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"code":"0"}';
const SURPLUS = 'bytes came that nobody waited for';

let server: Server;
let peer: Socket;
let socket: Socket;
let ended: Promise<unknown>;
let wire: Wire;
let read: string;
let told: string[];
let left: Proof | undefined;
let replies: number | undefined;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  [peer] = await accepted;
  peer.on('error', () => undefined);
  [read, told, left, replies] = ['', [], undefined, undefined];
  wire = new Wire(socket, {
    onTaint: (why) => told.push(why),
    onClose: (after, open) => {
      [replies, left] = [after, open];
      told.push('closed');
    },
  });
  socket.on('error', () => undefined);
  ended = new Promise((resolve) => socket.once('close', resolve));
  // As undici's parser reads.
  socket.on('readable', () => {
    for (let piece = socket.read() as Buffer | null; piece !== null; piece = socket.read() as Buffer | null)
      read += piece.toString('latin1');
  });
});
afterEach(async () => {
  socket.destroy();
  // Else it tells of that in the next test.
  await ended;
  peer.destroy();
  server.close();
  await once(server, 'close');
});

async function closed(): Promise<void> {
  await expect.poll(() => told.at(-1)).toBe('closed');
}

/** A request leaves, and this comes. @returns what its answer rests on */
async function ask(reply = REPLY): Promise<Proof> {
  const before = read.length;
  wire.expect();
  peer.write(reply, 'latin1');
  await expect.poll(() => read.length - before).toBe(REPLY.length);
  return wire.answer(wire.requests * 100);
}

describe('what the parser sees', () => {
  test('is the reply that is waited for, without the interim ones before it', async () => {
    await ask(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n${REPLY}`);
    expect([read, told, wire.isInStep]).toEqual([REPLY, [], true]);
  });

  test('ends where no more may be believed: what comes behind that is not read, and the connection is broken', async () => {
    wire.expect();
    peer.write(`ICY 200 OK\r\n\r\n${REPLY}`);
    await closed();
    expect(wire.failure).toMatchObject({ why: NO_HTTP });
    expect([read.includes('{"code"'), wire.isAlive, wire.isTainted]).toEqual([false, false, false]);
  });

  test('is nothing of a reply that nobody waits for', async () => {
    await ask(REPLY + REPLY);
    expect(read).toBe(REPLY);
  });
});

describe('bytes that nobody waits for', () => {
  test('taint the answer that they come in one packet with, and all since the last proof', async () => {
    const proved = await ask();
    wire.prove();
    const second = await ask();
    const third = await ask(REPLY + REPLY);
    expect(told).toEqual([SURPLUS]);
    expect([proved, second, third].map(({ isTainted }) => isTainted)).toEqual([false, true, true]);
  });

  test('taint what was answered, and end the connection, when they come late', async () => {
    const proof = await ask();
    expect(proof.isOpen).toBe(true);
    peer.write(REPLY);
    await closed();
    expect(told).toEqual([SURPLUS, 'closed']);
    expect([proof.isTainted, wire.isAlive, left, read]).toEqual([true, false, undefined, REPLY]);
  });

  test('are no line ends', async () => {
    const proof = await ask(`${REPLY}\r\n`);
    await ask(`\r\n${REPLY}`);
    expect([told, proof.isOpen, wire.isAlive]).toEqual([[], true, true]);
  });

  test('are no 408 of a server that closes what was idle for too long', async () => {
    const proof = await ask();
    peer.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n');
    await closed();
    expect([told, wire.isTainted, proof.isTainted]).toEqual([['closed'], false, false]);
  });
});

describe('a taint', () => {
  test('is told before those that rest on it, who must not try again, and once', async () => {
    const proof = await ask();
    proof.add({ onTaint: () => told.push('a row') });
    wire.taint('why');
    wire.taint('another reason');
    expect(told).toEqual(['why', 'a row']);
  });

  test('is that of every later answer too', async () => {
    wire.taint('why');
    expect((await ask()).isTainted).toBe(true);
  });
});

describe('a proof', () => {
  test('is one for all answers since the last', async () => {
    const [first, second] = [await ask(), await ask()];
    expect(second).toBe(first);
    expect([wire.requests, wire.answers, wire.answeredAt, wire.isUnproved]).toEqual([2, 2, 100, true]);
    wire.prove();
    expect([first.isOpen, first.isTainted, wire.answers, wire.isUnproved]).toEqual([false, false, 0, false]);
    const third = await ask();
    expect([third === first, third.isOpen, wire.answers, wire.answeredAt]).toEqual([false, true, 1, 300]);
  });

  test('is asked for anew behind each answer', async () => {
    await ask();
    wire.isAsked = true;
    await ask();
    expect(wire.isAsked).toBe(false);
  });
});

describe('a connection that closes', () => {
  test('proves nothing by that, however orderly: who counts a reply too many closes where one is missing', async () => {
    const proof = await ask();
    await ask();
    peer.end();
    await closed();
    expect([proof.isOpen, left === proof, replies]).toEqual([true, true, 2]);
  });

  test('has answered its only request with what is its own, however it ends', async () => {
    const proof = await ask();
    wire.end();
    await closed();
    expect([proof.isOpen, proof.isTainted, left]).toEqual([false, false, undefined]);
  });

  test('leaves open what it answered when a request is under way', async () => {
    const proof = await ask();
    await ask();
    wire.expect();
    peer.end();
    await closed();
    expect([proof.isOpen, left === proof, replies]).toEqual([true, true, 2]);
  });

  test('leaves open what it answered when it is broken off, and says why', async () => {
    await ask();
    const proof = await ask();
    peer.resetAndDestroy();
    await closed();
    expect([proof.isOpen, left === proof, wire.isAlive]).toEqual([true, true, false]);
    expect(wire.error).toMatchObject({ code: 'ECONNRESET' });
  });

  test('leaves nothing open that it did not answer', async () => {
    peer.end();
    await closed();
    expect([left, wire.isAlive, wire.error]).toEqual([undefined, false, undefined]);
  });
});

test('in the middle of a reply it is not in step', async () => {
  wire.expect();
  peer.write(REPLY.slice(0, -4));
  await expect.poll(() => read.length).toBe(REPLY.length - 4);
  expect([wire.isInStep, wire.isAlive]).toEqual([false, true]);
});
