import { AssertionError } from 'node:assert';
import { Socket } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { Proof } from '../../src/core/proof.js';
import { CLOSED_FOR_OURS, plainFailure } from '../../src/network/network-error.js';
import { NO_HTTP } from '../../src/network/reply-framer.js';
import { Wire } from '../../src/network/wire.js';
import type { HttpRequest } from '../../src/server/exchange.js';
import { RunningExchange } from '../../src/server/running-exchange.js';
import { TestClock } from '../support/lab.js';

/* What one exchange makes of what undici tells. How undici tells it is in endpoint.test.ts, with a server. */

const BODY = '{"code":"0"}';
const RESET = Object.assign(new Error('read'), { code: 'ECONNRESET' });

let told: string[];
let socket: Socket;
let wire: Wire;
let proof: Proof;
let nowMs: number;
let hasReplied: boolean;

beforeEach(() => {
  told = [];
  nowMs = 100;
  hasReplied = false;
  proof = new Proof();
  socket = new Socket();
  socket.on('error', () => undefined);
  wire = new Wire(socket, { onTaint: () => undefined, onClose: () => undefined });
});

const controller = {
  aborted: false,
  paused: false,
  reason: null,
  abort: (error: Error) => void told.push(`aborted: ${error.message}`),
  pause: () => undefined,
  resume: () => undefined,
};

type Headers = Readonly<Record<string, string | string[]>>;

/** One that undici tells of, step by step. */
class Told {
  readonly running: RunningExchange;

  constructor(request: Partial<HttpRequest> = {}) {
    const clock = new TestClock();
    clock.monotonic = () => nowMs;
    this.running = new RunningExchange(
      { request: { method: 'PUT', path: '/row', ...request }, signal: undefined },
      clock,
      {
        onDeparture: () => {
          told.push('departed');
          return wire;
        },
        onReply: (_running, { status }) => {
          told.push(`reply ${status}`);
          return proof;
        },
        hasReplied: () => hasReplied,
        onLast: (last) => told.push(`last of ${last === wire ? 'its wire' : 'none'}`),
        hide: (text) => text.replaceAll('s3cret', '[secret]'),
        onEnd: () => told.push('ended'),
        onDone: () => told.push('done'),
        onLargeReply: (bytes) => told.push(`${bytes} more bytes`),
      },
    );
    this.running.ended.catch(() => undefined);
  }

  leave(): this {
    this.running.onRequestStart(controller);
    return this;
  }

  head(status = 200, headers: Headers = {}): this {
    this.running.onResponseStart(controller, status, headers);
    return this;
  }

  data(...pieces: readonly (string | Uint8Array)[]): this {
    for (const piece of pieces) this.running.onResponseData(controller, Buffer.from(piece as string));
    return this;
  }

  end(): RunningExchange['ended'] {
    this.running.onResponseEnd();
    return this.running.ended;
  }

  fail(error: Error): RunningExchange['ended'] {
    this.running.onResponseError(controller, error);
    return this.running.ended;
  }
}

function leave(request?: Partial<HttpRequest>): Told {
  return new Told(request).leave();
}

describe('a request', () => {
  test('departs when undici has a connection for it, and tells so', () => {
    const exchange = new Told({ mayLeave: () => true, onDeparture: () => told.push('its own departure') });
    expect(exchange.running.hasLeft).toBe(false);
    exchange.leave();
    expect([told, exchange.running.hasLeft]).toEqual([['departed', 'its own departure'], true]);
  });

  test('that may not leave has not left: no byte of it is sent', async () => {
    const { running } = leave({ mayLeave: () => false, onDeparture: () => told.push('its own departure') });
    expect(await running.ended).toMatchObject({ kind: 'failed', why: 'its departure could not be noted' });
    expect([told, running.hasLeft]).toEqual([['ended', 'aborted: its departure could not be noted'], false]);
  });

  test('that is cut off while it waits never leaves', async () => {
    const exchange = new Told({ mayLeave: () => Boolean(told.push('asked')) });
    exchange.running.cut('interrupted');
    expect(await exchange.running.ended).toEqual({ kind: 'cut', why: 'interrupted' });
    exchange.leave();
    expect([told, exchange.running.hasLeft]).toEqual([['ended', 'aborted: cut off before it left'], false]);
  });
});

describe('a reply', () => {
  test('is told with its times, its type and what it rests on', async () => {
    const exchange = leave();
    nowMs = 140;
    const date = 'Sat, 31 Jan 2026 12:00:00 GMT';
    exchange.head(200, {
      'content-type': 'Application/JSON; charset=utf-8',
      'retry-after': ['3', '9'],
      date,
      age: '1',
    });
    nowMs = 150;
    expect(await exchange.data(BODY.slice(0, 4), BODY.slice(4)).end()).toEqual({
      kind: 'reply',
      status: 200,
      retryAfter: '3',
      contentType: 'application/json',
      dated: { date, isCached: true, leftAt: 100, cameAt: 140 },
      body: BODY,
      latin1: undefined,
      proof,
    });
    expect(told).toEqual(['departed', 'reply 200', 'ended', 'done']);
  });

  test('comes behind the interim ones', async () => {
    expect(await leave().head(103, { link: '<x>' }).head().data(BODY).end()).toMatchObject({ status: 200, body: BODY });
  });

  test('has no body where its status is none that is read', async () => {
    expect(await leave().head(500).data(BODY).end()).toMatchObject({ status: 500, body: '' });
  });

  test('in a coding has the name of that for its body', async () => {
    expect(
      await leave()
        .head(200, { 'content-encoding': ['gzip', 'br'] })
        .data(BODY)
        .end(),
    ).toMatchObject({
      body: '(gzip, br)',
    });
    const plain = leave().head(200, { 'content-encoding': 'Identity' });
    expect(await plain.data(BODY).end()).toMatchObject({ body: BODY });
  });

  test.each(['close', 'Close', 'x, close'])('that says Connection: %s is the last of its wire', async (connection) => {
    await leave().head(200, { connection }).data(BODY).end();
    expect(told).toContain('last of its wire');
  });

  test('that says nothing of that is not', async () => {
    await leave().head(200, { connection: 'keep-alive' }).data(BODY).end();
    expect(told.join()).not.toContain('last');
  });

  test('keeps its bytes where they are no UTF-8, and where U+FFFD stands there it does not', async () => {
    const bytes = Buffer.from('{"key":"A\xffB"}', 'latin1');
    expect(await leave().head().data(bytes.subarray(0, 9), bytes.subarray(9)).end()).toMatchObject({
      body: '{"key":"A\ufffdB"}',
      latin1: '{"key":"A\xffB"}',
    });
    expect(await leave().head().data('A\ufffdB').end()).toMatchObject({ body: 'A\ufffdB', latin1: undefined });
    const page = leave().head(503, { 'content-type': 'text/html' });
    expect(await page.data(bytes).end()).toMatchObject({ body: '', latin1: undefined });
  });

  test('that is large tells how much more has come', async () => {
    const [most, more] = ['x'.repeat(16 * 1024), 'x'.repeat(10)];
    await leave().head().data(most, more, 'x').end();
    expect(told.slice(1, 3)).toEqual(['10 more bytes', '1 more bytes']);
  });
});

describe('a page', () => {
  test('has its title, of whatever status, and no secret in it', async () => {
    const page = '<html><title>Sign in, s3cret</title><p>Support ID: s3cret1</p></html>';
    const reply = await leave().head(503, { 'content-type': 'text/html;s3cret' }).data(page).end();
    expect(reply).toMatchObject({ contentType: 'text/html', title: 'Sign in, [secret]', body: '' });
    expect(JSON.stringify(reply)).not.toContain('s3cret');
  });
});

describe('a text that is no page of HTML', () => {
  const read = (status: number, type: string | undefined, text: string) =>
    leave()
      .head(status, type === undefined ? {} : { 'content-type': type })
      .data(text)
      .end();

  test.each([
    [400, 'application/json', '{"title":"Rejected, s3cret","supportId":"A-9"}', 'Rejected, [secret]', 'supportId A-9'],
    [406, 'text/plain', 'Blocked. Incident ID: A-9', undefined, 'Incident ID A-9'],
    [200, 'text/plain', 'Blocked. Incident ID: A-9', undefined, 'Incident ID A-9'],
    [200, undefined, '<title>Rejected</title> support ID: A-9', 'Rejected', 'support ID A-9'],
  ])('says what it says: HTTP status %i, %s', async (...[status, type, text, title, incident]) => {
    expect(await read(status, type, text)).toMatchObject({ title, incident });
  });

  test('is none of a reply that is read as JSON, nor of what is no text', async () => {
    const text = '{"title":"Mrs","supportId":"A-9"}';
    expect(await read(200, 'application/json', text)).toMatchObject({ title: undefined, incident: undefined });
    expect(await read(400, 'image/png', text)).toMatchObject({ title: undefined, incident: undefined });
  });
});

describe('an exchange that is broken off', () => {
  test('has failed with what the network says', async () => {
    expect(await leave().fail(RESET)).toMatchObject({ kind: 'failed', why: 'the connection was reset', canHeal: true });
    expect(told).toEqual(['departed', 'ended', 'done']);
  });

  test('has failed with what its wire says, where that knows better', async () => {
    wire.failure = plainFailure('the reply is in a coding');
    expect(await leave().fail(RESET)).toMatchObject({ kind: 'failed', why: 'the reply is in a coding' });
  });

  test('before the first reply, by a server that asked for a certificate of ours, is refused for that', async () => {
    Object.defineProperty(wire, 'isSilentForOurs', { value: true });
    expect(await leave().fail(RESET)).toMatchObject({ kind: 'failed', why: CLOSED_FOR_OURS, canHeal: false });
    hasReplied = true;
    expect(await leave().fail(RESET)).toMatchObject({ kind: 'failed', why: 'the connection was reset', canHeal: true });
  });

  test('has its status where that says all', async () => {
    expect(await leave().head(401).fail(RESET)).toMatchObject({ kind: 'reply', status: 401, body: '' });
    expect(await leave().head(200).data(BODY).fail(RESET)).toMatchObject({ kind: 'failed' });
  });

  test('behind a body that has no other end than its connection is no whole reply', async () => {
    const exchange = leave().head().data(BODY);
    socket.destroy(RESET);
    expect(await exchange.end()).toMatchObject({ kind: 'failed', why: 'the connection was reset' });
    expect(await leave().head(401).end()).toMatchObject({ kind: 'reply', status: 401 });
  });

  test('by what is no HTTP is told as that, once it has left', async () => {
    const strange = new AssertionError({ message: 'upgrade' });
    expect(await leave().fail(strange)).toMatchObject({ kind: 'failed', why: NO_HTTP });
    await expect(new Told().fail(strange)).rejects.toBe(strange);
  });

  test('by a bug must be seen', async () => {
    const bug = new TypeError('a bug');
    await expect(leave().fail(bug)).rejects.toBe(bug);
  });
});

describe('a cut', () => {
  test('under way ends it at once, and lets go of the connection', async () => {
    const { running } = leave();
    running.cut('no whole reply within 30 s');
    expect(await running.ended).toEqual({ kind: 'cut', why: 'no whole reply within 30 s' });
    expect(told).toEqual(['departed', 'ended', 'aborted: no whole reply within 30 s']);
  });

  test('behind a status that says all leaves that', async () => {
    const { running } = leave().head(503);
    running.cut('interrupted');
    expect(await running.ended).toMatchObject({ kind: 'reply', status: 503 });
  });

  test('behind an interim reply leaves nothing of it: that says nothing of the row', async () => {
    const { running } = leave().head(103, { connection: 'close' });
    running.cut('interrupted');
    expect(await running.ended).toEqual({ kind: 'cut', why: 'interrupted' });
    expect(told.join()).not.toContain('last');
  });

  test('in a body that is read leaves nothing of it', async () => {
    const { running } = leave().head().data(BODY);
    running.cut('interrupted');
    expect(await running.ended).toEqual({ kind: 'cut', why: 'interrupted' });
  });
});

test('it ends once: what is told afterwards is not heard, but that its connection is done with it', async () => {
  const exchange = leave().head().data(BODY);
  exchange.running.cut('interrupted');
  expect(exchange.running.isOver).toBe(true);
  await exchange.end();
  expect(await exchange.fail(RESET)).toEqual({ kind: 'cut', why: 'interrupted' });
  expect(told.filter((text) => text === 'ended')).toHaveLength(1);
  expect(told).not.toContain('reply 200');
  expect(told.slice(-2)).toEqual(['done', 'done']);
});
