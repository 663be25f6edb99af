import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NAMED_FAULTS, type FaultKind } from '../../src/simulator/fault.js';
import type { Send, Simulator } from '../../src/simulator/simulator.js';
import { anOtpBody, aPkiBody, HEADERS, PATHS, put, replyOf, withSimulator } from './client.js';
import { Openssl } from './openssl.js';

const openssl = new Openssl();
let signature: Buffer;

beforeAll(() => {
  signature = openssl.sign(openssl.makeOwner('ec-p256'));
});
afterAll(() => openssl.remove());

/** What the server remembers of a send of ann's that met `kind`; its memory of her must agree. */
async function meet(kind: FaultKind, use: (simulator: Simulator) => Promise<void>): Promise<Send> {
  let send: Send | undefined;
  await withSimulator({ script: { ann: [kind] } }, async (simulator) => {
    await use(simulator);
    [send] = simulator.sends;
    expect(send?.applied).toBe(simulator.user('ann')?.hasOtp);
    expect(send?.key !== undefined).toBe(send?.applied);
  });
  return send!;
}

const tested = new Set<string>();
const faultTest = (kind: FaultKind, rule: string, run: () => Promise<void>): void => {
  tested.add(kind);
  test(`${kind}: ${rule}`, run);
};

describe('a fault instead of a registration', () => {
  for (const kind of ['10004', '22002', '10001', '77777', '1234', '0000'] as const) {
    faultTest(kind, 'the code in HTTP 200', async () => {
      const send = await meet(kind, async (simulator) => {
        expect(await replyOf(put(simulator, 'otp'))).toMatchObject({ code: kind, object: '' });
      });
      expect(send).toMatchObject({ fault: kind, code: kind, applied: false });
    });
  }

  for (const kind of [
    '300',
    '302',
    '307',
    '400',
    '401',
    '403',
    '404',
    '405',
    '429',
    '500',
    '502',
    '503',
    '599',
  ] as const) {
    faultTest(kind, 'the status with an HTML page', async () => {
      const send = await meet(kind, async (simulator) => {
        const { statusCode, headers, body } = await put(simulator, 'otp');
        expect(statusCode).toBe(Number(kind));
        expect(headers['content-type']).toContain('text/html');
        expect(headers.location).toBe(kind.startsWith('3') ? '/login' : undefined);
        expect(headers['retry-after']).toBeUndefined();
        expect(await body.text()).toContain(`<h1>${kind} `);
      });
      expect(send).toMatchObject({ fault: kind, applied: false });
      expect(send).not.toHaveProperty('code');
    });
  }

  for (const kind of ['429:2', '503:120'] as const) {
    faultTest(kind, 'the status with its Retry-After', async () => {
      await meet(kind, async (simulator) => {
        const { statusCode, headers, body } = await put(simulator, 'otp');
        await body.dump();
        expect(`${statusCode}:${String(headers['retry-after'])}`).toBe(kind);
      });
    });
  }

  faultTest('html', 'a page in HTTP 200', async () => {
    const send = await meet('html', async (simulator) => {
      const { statusCode, headers, body } = await put(simulator, 'otp');
      expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(await body.text()).toMatch(/^<!DOCTYPE html>/);
    });
    expect(send.applied).toBe(false);
  });

  faultTest('empty', 'nothing in HTTP 200', async () => {
    const send = await meet('empty', async (simulator) => {
      const { statusCode, body } = await put(simulator, 'otp');
      expect([statusCode, await body.text()]).toEqual([200, '']);
    });
    expect(send.applied).toBe(false);
  });

  faultTest('no-code', 'JSON without a code', async () => {
    const send = await meet('no-code', async (simulator) => {
      expect(await replyOf(put(simulator, 'otp'))).toEqual({ message: 'Success', object: '' });
    });
    expect(send.applied).toBe(false);
    expect(send).not.toHaveProperty('code');
  });

  faultTest('oversize', 'several MiB that would be a success if read to the end', async () => {
    const send = await meet('oversize', async (simulator) => {
      const { body } = await put(simulator, 'otp');
      const text = await body.text();
      expect(text.length).toBeGreaterThan(4 * 1024 * 1024);
      expect(JSON.parse(text)).toMatchObject({ code: '0' });
    });
    expect(send.applied).toBe(false);
    expect(send).not.toHaveProperty('code');
  });

  test('oversize: a client may hang up in the middle', async () => {
    await meet('oversize', async (simulator) => {
      const { body } = await put(simulator, 'otp');
      await once(body, 'readable');
      body.on('error', () => undefined).destroy();
      expect(await replyOf(put(simulator, 'otp', { body: anOtpBody({ username: 'bob' }) }))).toMatchObject({
        code: '0',
      });
    });
  });

  for (const kind of ['reset', 'reset-before'] as const) {
    faultTest(kind, 'the connection is destroyed', async () => {
      const send = await meet(kind, async (simulator) => {
        await expect(put(simulator, 'otp')).rejects.toMatchObject({
          code: expect.stringMatching(/^UND_ERR_SOCKET|ECONNRESET$/) as string,
        });
      });
      expect(send).toMatchObject({ fault: kind, applied: false });
    });
  }

  faultTest('no-reply', 'silence, while the connection stays', async () => {
    const send = await meet('no-reply', async (simulator) => {
      expect(await hearSilence(simulator)).toBe(true);
    });
    expect(send.applied).toBe(false);
  });

  faultTest('drip', 'a byte a second, and never a whole reply', async () => {
    const send = await meet('drip', async (simulator) => {
      const { statusCode, body } = await put(simulator, 'otp');
      body.on('error', () => undefined);
      expect(statusCode).toBe(200);
      const startedAt = performance.now();
      const arrived: string[] = [];
      for await (const chunk of body) {
        arrived.push(String(chunk));
        if (arrived.length === 2) break;
      }
      expect(arrived).toEqual(['{', '"']);
      expect(performance.now() - startedAt).toBeGreaterThan(900);
    });
    expect(send.applied).toBe(false);
  });
});

describe('a fault after a registration', () => {
  faultTest('ok', 'no fault at all', async () => {
    const send = await meet('ok', async (simulator) => {
      expect(JSON.parse((await replyOf(put(simulator, 'otp'))).object)).toEqual({ key: simulator.sends[0]?.key });
    });
    expect(send).toMatchObject({ code: '0', applied: true });
    expect(send).not.toHaveProperty('fault');
  });

  faultTest('reset-after', 'applied, then the connection is destroyed', async () => {
    const send = await meet('reset-after', async (simulator) => {
      await expect(put(simulator, 'otp')).rejects.toMatchObject({
        code: expect.stringMatching(/^UND_ERR_SOCKET|ECONNRESET$/) as string,
      });
    });
    expect(send).toMatchObject({ fault: 'reset-after', applied: true });
    expect(send).not.toHaveProperty('code');
  });

  faultTest('lost', 'applied, and silence', async () => {
    await withSimulator({ script: { ann: ['lost'] } }, async (simulator) => {
      expect(await hearSilence(simulator)).toBe(true);
      expect(simulator.sends).toMatchObject([{ fault: 'lost', applied: true }]);
      expect(simulator.user('ann')?.hasOtp).toBe(true);
      expect(await replyOf(put(simulator, 'otp'))).toMatchObject({ code: '29008' });
    });
  });

  faultTest('applied-500', 'applied, then HTTP 500', async () => {
    const send = await meet('applied-500', async (simulator) => {
      const { statusCode, body } = await put(simulator, 'otp');
      await body.dump();
      expect(statusCode).toBe(500);
    });
    expect(send).toMatchObject({ fault: 'applied-500', applied: true });
    expect(send).not.toHaveProperty('code');
  });

  faultTest('truncated', 'all of the reply, but more is promised', async () => {
    const send = await meet('truncated', async (simulator) => {
      const { headers, body } = await put(simulator, 'otp');
      const chunks: Buffer[] = [];
      const reading = (async () => {
        for await (const chunk of body) chunks.push(chunk as Buffer);
      })();
      await expect(reading).rejects.toThrow();
      const text = Buffer.concat(chunks).toString();
      expect(JSON.parse(text)).toMatchObject({ code: '0' });
      expect(Number(headers['content-length'])).toBe(text.length + 16);
    });
    expect(send).toMatchObject({ fault: 'truncated', applied: true });
    expect(send).not.toHaveProperty('code');
  });

  faultTest('no-key', 'the reply has an object, but no key in it', async () => {
    const send = await meet('no-key', async (simulator) => {
      expect(await replyOf(put(simulator, 'otp'))).toEqual({ code: '0', message: 'Success', object: '{}' });
    });
    expect(send).toMatchObject({ fault: 'no-key', code: '0', applied: true });
  });

  test('no-key: PKI has no key to lose', async () => {
    await withSimulator({ script: { ann: ['no-key'] } }, async (simulator) => {
      expect(await replyOf(put(simulator, 'pki', { body: aPkiBody(signature) }))).toMatchObject({
        code: '0',
        object: '',
      });
    });
  });

  test('what would be refused is refused, and the answer spoiled all the same', async () => {
    const script = { ann: ['no-key', 'no-key', 'applied-500', 'reset-after', 'truncated'] } as const;
    await withSimulator({ script }, async (simulator) => {
      expect((await replyOf(put(simulator, 'otp'))).code).toBe('0');
      expect(await replyOf(put(simulator, 'otp'))).toMatchObject({ code: '29008', object: '' });
      expect((await put(simulator, 'otp')).statusCode).toBe(500);
      await expect(put(simulator, 'otp')).rejects.toThrow();
      await expect(put(simulator, 'otp').then(({ body }) => body.text())).rejects.toThrow();
      expect(simulator.sends.map(({ applied }) => applied)).toEqual([true, false, false, false, false]);
    });
  });
});

test('every named fault is tested above', () => {
  expect(Object.keys(NAMED_FAULTS).filter((name) => !tested.has(name))).toEqual([]);
});

/** Sends over a plain socket; true when the server took the request, kept the connection, and said nothing. */
async function hearSilence(simulator: Simulator): Promise<boolean> {
  const judged = simulator.sends.length + 1;
  const socket = connect(Number(new URL(simulator.url).port), '127.0.0.1');
  let heard = 0;
  socket.on('data', (chunk) => (heard += chunk.length));
  const body = JSON.stringify(anOtpBody());
  const headers = Object.entries({ ...HEADERS, host: 'x', 'content-length': String(body.length) });
  socket.write(
    `PUT ${PATHS.otp} HTTP/1.1\r\n${headers.map((header) => header.join(': ')).join('\r\n')}\r\n\r\n${body}`,
  );
  await expect.poll(() => simulator.sends.length, { interval: 5 }).toBe(judged);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const silent = heard === 0 && !socket.closed && !socket.readableEnded;
  socket.destroy();
  return silent;
}
