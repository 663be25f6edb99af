import { Socket } from 'node:net';
import type { Client as UndiciClient } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { describeNetworkError } from '../../src/network/network-error.js';
import { Tries } from '../../src/network/tries.js';
import { loadUndici } from '../../src/network/undici-parts.js';

const clients: UndiciClient[] = [];
afterEach(() => Promise.all(clients.splice(0).map((client) => client.destroy())));

/** Its sockets are closed before a request can leave over them. */
function openDead(pipelining: number) {
  let made = 0;
  const tries = new Tries((_, callback) => {
    made += 1;
    setImmediate(() => callback(null, new Socket().destroy()));
  });
  const client = new (loadUndici().Client)('http://localhost', { connect: tries.connect, pipelining });
  clients.push(client);
  const ask = () => client.request({ method: 'GET', path: '/' }).then(() => 'answered', whyOf);
  return { tries, ask, made: () => made };
}

function whyOf(error: unknown): unknown {
  return describeNetworkError(error);
}

const CLOSED = { why: 'the connection was closed', isTooLong: false, canHeal: true };

test('one request gets one socket, and fails when that is of no use', async () => {
  const { tries, ask, made } = openDead(1);
  for (let request = 1; request <= 3; request += 1) {
    tries.allow(1);
    expect(await ask()).toEqual(CLOSED);
    expect(made()).toBe(request);
  }
});

test('as many as wait may each have one', async () => {
  const { tries, ask, made } = openDead(1);
  tries.allow(5);
  expect(await Promise.all([ask(), ask(), ask(), ask(), ask()])).toEqual([CLOSED, CLOSED, CLOSED, CLOSED, CLOSED]);
  expect(made()).toBeLessThanOrEqual(5);
});
