import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { CountedConnect } from '../../src/network/counted-connect.js';
import type { Connect } from '../../src/network/undici-parts.js';

// None of them looks at where it leads.
const TO = {} as Parameters<Connect>[0];

test('what is tried for a connection is counted when it begins, and what comes of it is passed on', () => {
  const pending: Parameters<Connect>[1][] = [];
  const counted = new CountedConnect((_, callback) => void pending.push(callback));
  const said: unknown[] = [];
  for (let number = 1; number <= 3; number += 1) counted.connect(TO, (...made) => said.push(made));
  expect(counted.count).toEqual({ tried: 3, failed: 0 });
  const [error, socket] = [new Error('refused'), new Socket()];
  pending[0]?.(error, null);
  pending[1]?.(null, socket);
  expect(said).toEqual([
    [error, null],
    [null, socket],
  ]);
  expect(counted.count).toEqual({ tried: 3, failed: 1 });
});
