import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { request } from 'undici';
import type { Send, Simulator } from '../../src/simulator/simulator.js';
import { anOtpBody, aPkiBody, CEN_TOKEN, HEADERS, PATHS, put, replyOf, withSimulator } from './client.js';

async function get(simulator: Simulator, path: string, method = 'GET') {
  const { statusCode, headers, body } = await request(simulator.url + path, { method: method as 'GET' });
  return { statusCode, headers, text: await body.text() };
}

describe('paths and methods', () => {
  test('an unknown path is 404, whatever the method, and is no send', async () => {
    await withSimulator({}, async (simulator) => {
      expect((await get(simulator, '/')).statusCode).toBe(404);
      expect((await put(simulator, 'otp', { path: `${PATHS.otp}?x=1` })).statusCode).toBe(404);
      expect((await put(simulator, 'otp', { path: '/CentagateWS/webresources/user/list/root' })).statusCode).toBe(404);
      expect(simulator.sends).toEqual([]);
    });
  });

  test.each(['GET', 'POST', 'DELETE', 'PATCH'])('%s on a registration endpoint is 405 and no send', async (method) => {
    await withSimulator({}, async (simulator) => {
      for (const path of [PATHS.otp, PATHS.pki]) {
        const { statusCode, headers } = await get(simulator, path, method);
        expect([statusCode, headers.allow]).toEqual([405, 'PUT']);
      }
      expect(simulator.sends).toEqual([]);
    });
  });

  test('the session check is asked with GET only', async () => {
    await withSimulator({}, async (simulator) => {
      const { statusCode, headers } = await get(simulator, PATHS.sessionCheck, 'PUT');
      expect([statusCode, headers.allow]).toEqual([405, 'GET']);
      expect(simulator.sessionChecks).toBe(0);
    });
  });
});

describe('the session check', () => {
  test('says whether the cenToken is good, and is counted', async () => {
    await withSimulator({}, async (simulator) => {
      expect(JSON.parse((await get(simulator, PATHS.sessionCheck)).text)).toEqual({
        code: '0',
        message: 'Success',
        object: '',
      });
      for (const path of [PATHS.sessionCheck.slice(0, -1), PATHS.sessionCheck.replace('root%40bank', 'root')]) {
        expect(JSON.parse((await get(simulator, path)).text)).toMatchObject({ code: '10001' });
      }
      expect(simulator.sessionChecks).toBe(3);
      expect(simulator.sends).toEqual([]);
    });
  });

  test('may be missing', async () => {
    await withSimulator({ sessionCheck: 'missing' }, async (simulator) => {
      expect((await get(simulator, PATHS.sessionCheck)).statusCode).toBe(404);
      expect(simulator.sessionChecks).toBe(1);
    });
  });

  test('an ended session ends for everybody', async () => {
    await withSimulator({}, async (simulator) => {
      simulator.endSession();
      expect(JSON.parse((await get(simulator, PATHS.sessionCheck)).text)).toMatchObject({ code: '10001' });
      expect(await replyOf(put(simulator, 'otp'))).toMatchObject({ code: '10001' });
      expect(simulator.user('ann')?.hasOtp).toBe(false);
    });
  });

  test('a denied user is denied alone', async () => {
    await withSimulator({}, async (simulator) => {
      simulator.denyUser('ann');
      expect(await replyOf(put(simulator, 'otp'))).toMatchObject({ code: '10001' });
      expect(await replyOf(put(simulator, 'otp', { body: anOtpBody({ username: 'bob' }) }))).toMatchObject({
        code: '0',
      });
      expect(JSON.parse((await get(simulator, PATHS.sessionCheck)).text)).toMatchObject({ code: '0' });
    });
  });
});

describe('what the server remembers of a send', () => {
  test('number, time, user and outcome, in the order of arrival', async () => {
    const startedAt = Date.now();
    await withSimulator({}, async (simulator) => {
      await replyOf(put(simulator, 'otp'));
      await replyOf(put(simulator, 'pki', { body: aPkiBody(Buffer.of(1), { timestamp: 'soon' }) }));
      const [first, second] = simulator.sends;
      expect(first).toEqual({
        n: 1,
        at: expect.any(Number) as number,
        tokenType: 'otp',
        username: 'ann',
        code: '0',
        applied: true,
        key: expect.stringMatching(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$/) as string,
      });
      expect(second).toEqual({
        n: 2,
        at: expect.any(Number) as number,
        tokenType: 'pki',
        username: 'ann',
        timestamp: 'soon',
        code: '10002',
        applied: false,
      });
      expect(first!.at).toBeGreaterThanOrEqual(startedAt);
      expect(second!.at).toBeGreaterThanOrEqual(first!.at);
      expect(Date.now()).toBeGreaterThanOrEqual(second!.at);
    });
  });

  test.each([['no JSON'], ['[]'], ['{"cenToken":"x"}'], ['{"username":5}'], ['']])(
    'the body %s is a send of nobody and 10002',
    async (body) => {
      await withSimulator({}, async (simulator) => {
        expect(await replyOf(put(simulator, 'otp', { body }))).toMatchObject({ code: '10002' });
        expect(simulator.sends).toMatchObject([{ username: '', code: '10002', applied: false }]);
      });
    },
  );

  test('a body of many megabytes is 10002', async () => {
    await withSimulator({}, async (simulator) => {
      const body = anOtpBody({ username: 'a'.repeat(9 * 1024 * 1024) });
      expect(await replyOf(put(simulator, 'otp', { body }))).toMatchObject({ code: '10002' });
    });
  });

  test('a request that is cut before its end is no send, and not in flight any more', async () => {
    await withSimulator({}, async (simulator) => {
      const socket = connect(Number(new URL(simulator.url).port), '127.0.0.1');
      socket.write(`PUT ${PATHS.otp} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"username":"ann"`);
      await expect.poll(() => simulator.maxInFlight, { interval: 5 }).toBe(1);
      socket.destroy();
      await once(socket, 'close');
      await replyOf(put(simulator, 'otp'));
      expect(simulator.sends).toHaveLength(1);
      expect(simulator.maxInFlight).toBe(1);
    });
  });

  test('onSend sees the send before the client sees its answer', async () => {
    const seen: Send[] = [];
    let answered = false;
    const onSend = (send: Send): void => {
      expect(answered).toBe(false);
      seen.push(send);
    };
    await withSimulator({ onSend, script: { ann: ['10004', 'ok'] } }, async (simulator) => {
      await replyOf(put(simulator, 'otp'));
      answered = true;
      expect(seen).toEqual(simulator.sends);
      answered = false;
      await replyOf(put(simulator, 'otp'));
      expect(seen.map(({ code }) => code)).toEqual(['10004', '0']);
    });
  });

  test('no answer to whatever nonsense holds the cenToken', async () => {
    await withSimulator({ users: [] }, async (simulator) => {
      const bodies = [
        { username: CEN_TOKEN },
        { username: 'ann', [CEN_TOKEN]: '' },
        CEN_TOKEN,
        { cenToken: [CEN_TOKEN] },
      ];
      for (const body of bodies) {
        for (const type of ['otp', 'pki'] as const) {
          expect(JSON.stringify(await replyOf(put(simulator, type, { body })))).not.toContain(CEN_TOKEN);
        }
      }
      const changes = ['status', 'algorithm', 'timestamp', 'signature', 'username'];
      for (const name of changes) {
        const body = aPkiBody(Buffer.of(1), { [name]: CEN_TOKEN });
        expect(JSON.stringify(await replyOf(put(simulator, 'pki', { body })))).not.toContain(CEN_TOKEN);
      }
      expect((await get(simulator, `${PATHS.sessionCheck}/x`)).text).not.toContain(CEN_TOKEN);
    });
  });
});

describe('faults', () => {
  test('a script counts the sends of its user over both endpoints', async () => {
    await withSimulator({ script: { ann: ['10004', '503', 'ok'] } }, async (simulator) => {
      expect(await replyOf(put(simulator, 'otp'))).toMatchObject({ code: '10004' });
      expect((await put(simulator, 'pki', { body: aPkiBody(Buffer.of(1)) })).statusCode).toBe(503);
      expect(await replyOf(put(simulator, 'otp', { body: anOtpBody({ username: 'bob' }) }))).toMatchObject({
        code: '0',
      });
      expect(await replyOf(put(simulator, 'otp'))).toMatchObject({ code: '0' });
      expect(await replyOf(put(simulator, 'otp'))).toMatchObject({ code: '29008' });
      expect(simulator.sends.map(({ fault }) => fault)).toEqual(['10004', '503', undefined, undefined, undefined]);
    });
  });

  test('they strike before the session is looked at', async () => {
    await withSimulator({ script: { ann: ['503'] } }, async (simulator) => {
      simulator.endSession();
      expect((await put(simulator, 'otp')).statusCode).toBe(503);
    });
  });

  test('the same seed strikes the same sends and makes the same keys, another seed others', async () => {
    const rehearse = async (seed: number): Promise<unknown> => {
      let story: unknown;
      await withSimulator({ seed, faults: [{ kind: '10004', share: 0.5 }] }, async (simulator) => {
        for (let sent = 0; sent < 20; sent += 1) {
          await replyOf(put(simulator, 'otp', { body: anOtpBody({ username: `user-${sent}` }) }));
        }
        story = simulator.sends.map(({ code, key }) => [code, key]);
      });
      return story;
    };
    const first = await rehearse(1);
    expect(await rehearse(1)).toEqual(first);
    expect(await rehearse(2)).not.toEqual(first);
  });
});

test('the most sends in flight are counted; session checks and finished sends are not', async () => {
  const hung = ['c', 'd', 'e', 'f', 'g'];
  const script = Object.fromEntries(hung.map((username) => [username, ['no-reply' as const]]));
  await withSimulator({ script }, async (simulator) => {
    expect(simulator.maxInFlight).toBe(0);
    await get(simulator, PATHS.sessionCheck);
    expect(simulator.maxInFlight).toBe(0);
    const sendAs = (username: string) => replyOf(put(simulator, 'otp', { body: anOtpBody({ username }) }));
    await sendAs('a');
    await sendAs('b');
    expect(simulator.maxInFlight).toBe(1);
    const hanging = Promise.allSettled(hung.map(sendAs));
    await expect.poll(() => simulator.maxInFlight).toBe(5);
    await sendAs('h');
    await sendAs('i');
    expect(simulator.maxInFlight).toBe(6);
    await simulator.close();
    await hanging;
  });
});

test('every answer waits for the latency, but the send is judged at once', async () => {
  await withSimulator({ latencyMs: 100 }, async (simulator) => {
    const startedAt = performance.now();
    const sent = replyOf(put(simulator, 'otp'));
    await expect.poll(() => simulator.user('ann')?.hasOtp, { interval: 5 }).toBe(true);
    await sent;
    await get(simulator, PATHS.sessionCheck);
    await get(simulator, '/');
    expect(performance.now() - startedAt).toBeGreaterThan(290);
  });
});

test('a client that leaves during the latency leaves its registration behind', async () => {
  const leaving = new AbortController();
  await withSimulator({ latencyMs: 60, onSend: () => leaving.abort() }, async (simulator) => {
    await expect(put(simulator, 'otp', { signal: leaving.signal })).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(simulator.sends).toMatchObject([{ applied: true, code: '0' }]);
  });
});

test.each([-3_600_000, 0, 240_000])(
  "the server's clock is %i ms ahead, in the Date header and for timestamps",
  async (offset) => {
    await withSimulator({ clockOffsetMs: offset }, async (simulator) => {
      const now = Date.now() + offset;
      const { headers, body } = await put(simulator, 'pki', { body: aPkiBody(Buffer.of(1)), headers: HEADERS });
      expect(Math.abs(Date.parse(String(headers.date)) - now)).toBeLessThan(2000);
      expect(Math.abs(simulator.sends[0]!.at - now)).toBeLessThan(2000);
      expect(await body.json()).toMatchObject({ code: Math.abs(offset) < 300_000 ? '10011' : '10002' });
    });
  },
);
