import { spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OtpRegistration, PkiRegistration, Registration } from '../../src/row/registration.js';
import type { Attempt } from '../../src/row/row-state.js';
import { UsageError } from '../../src/core/usage-error.js';
import { Endpoint } from '../../src/server/endpoint.js';
import { Secrets } from '../../src/server/secrets.js';
import type { EndpointSettings } from '../../src/server/endpoint.js';
import { HttpClient } from '../../src/server/http-client.js';
import type { HttpSettings } from '../../src/server/http-client.js';
import { makeSession } from '../../src/server/session.js';
import { makeCertificate } from '../../src/simulator/make-certificate.js';
import { Openssl, readPem } from '../simulator/openssl.js';
import { startStrictServer } from '../support/strict-server.js';
import { TestClock } from '../support/lab.js';
import { Programs } from '../support/programs.js';

const CREDENTIALS = { admin: 'root@bank', authToken: 'auth-token', secretCode: 'secret-code' };
const SESSION = makeSession(CREDENTIALS.admin, CREDENTIALS);
const OTP: OtpRegistration = { tokenType: 'otp', username: 'ann' };
const PKI: PkiRegistration = {
  tokenType: 'pki',
  username: 'ann',
  signaturePath: 'a.p7s',
  status: '2',
  algorithm: undefined,
};
/** The shortest that is DER and whole. */
const SIGNATURE = { bytes: Buffer.from([0x30, 0x03, 0x02, 0x01, 0x01]), algorithm: '1' } as const;
const SUCCESS = '{"code":"0","message":"Success","object":""}';
const MIB = 1024 * 1024;

const closers: (() => Promise<unknown> | undefined)[] = [];
const unhandled: unknown[] = [];
const noteUnhandled = (error: unknown): void => void unhandled.push(error);
const openssl = new Openssl();
let certificate: { key: string; cert: string };
let clock: TestClock;

beforeAll(async () => {
  process.on('unhandledRejection', noteUnhandled);
  certificate = await makeCertificate(['127.0.0.1', 'localhost']);
});
afterAll(() => {
  process.off('unhandledRejection', noteUnhandled);
  openssl.remove();
});
beforeEach(() => (clock = new TestClock()));
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await new Promise(setImmediate);
  expect(unhandled).toEqual([]);
  expect(clock.delays).toEqual([]);
});

/** One request as it came over the wire. */
interface Arrived {
  readonly line: string;
  /** `name: value`, in their order. */
  readonly headers: readonly string[];
  readonly body: string;
  readonly at: number;
}

/** A server that keeps what it gets, byte by byte, and answers as the test says. */
interface Recorder {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly Arrived[];
  readonly counts: { connections: number; open: number };
}

type Answer = (socket: Socket, number: number) => void;

function serve(socket: Socket, requests: Arrived[], answer: Answer): void {
  let unread = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    unread = Buffer.concat([unread, bytes]);
    for (;;) {
      const end = unread.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [line = '', ...headers] = unread.toString('latin1', 0, end).split('\r\n');
      const length = Number(/^content-length: (\d+)$/im.exec(headers.join('\n'))?.[1] ?? 0);
      if (unread.length < end + 4 + length) return;
      const body = unread.toString('utf8', end + 4, end + 4 + length);
      unread = unread.subarray(end + 4 + length);
      requests.push({ line, headers, body, at: Date.now() });
      answer(socket, requests.length);
    }
  });
}

async function listen(server: Server, scheme: string, port = 0): Promise<Omit<Recorder, 'requests'>> {
  const sockets = new Set<Socket>();
  const counts = { connections: 0, open: 0 };
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    counts.connections += 1;
    counts.open += 1;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      counts.open -= 1;
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address() as AddressInfo;
  return { url: `${scheme}://127.0.0.1:${address.port}`, port: address.port, counts };
}

async function startHttp(answer: Answer): Promise<Recorder> {
  const requests: Arrived[] = [];
  return {
    ...(await listen(
      createServer((socket) => serve(socket, requests, answer)),
      'http',
    )),
    requests,
  };
}

async function startHttps(answer: Answer, options: object = {}): Promise<Recorder> {
  const requests: Arrived[] = [];
  const server = createTlsServer({ ...certificate, ...options }, (socket) => serve(socket, requests, answer));
  server.on('tlsClientError', () => undefined);
  return { ...(await listen(server, 'https')), requests };
}

/** Its TLS handshakes begin when the test says so; until then no connection is ready. */
async function startLateHttps(answer: Answer): Promise<Recorder & { accept: () => void }> {
  const requests: Arrived[] = [];
  let accept: () => void = () => undefined;
  const accepted = new Promise<void>((resolve) => (accept = resolve));
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    void accepted.then(() => {
      const secured = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(certificate) });
      serve(secured, requests, answer);
    });
  });
  return { ...(await listen(server, 'https')), requests, accept };
}

/** It takes connections, and never finishes a TLS handshake. */
function startSilent() {
  return listen(
    createServer((socket) => void socket.resume()),
    'https',
  );
}

function reply(body: string | Buffer, ...headers: readonly string[]): Buffer {
  const bytes = Buffer.from(body);
  const head = ['HTTP/1.1 200 OK', `Content-Length: ${bytes.length}`, ...headers, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), bytes]);
}

function status(line: string, ...headers: readonly string[]): Buffer {
  return Buffer.from([`HTTP/1.1 ${line}`, 'Content-Length: 0', ...headers, '', ''].join('\r\n'));
}

/** Answers all requests the same way. */
function always(bytes: string | Buffer): Answer {
  return (socket) => void socket.write(bytes);
}

interface Opened extends Endpoint {
  readonly close: () => Promise<void>;
}

/** The endpoint over real HTTP: what it promises of a send holds on the wire. */
function open(origin: string, changes: Partial<EndpointSettings & HttpSettings> = {}): Opened {
  const settings = {
    origin,
    concurrency: 4,
    timeoutMs: 30_000,
    timestampUnit: 'ms' as const,
    tls: origin.startsWith('https:') ? { ca: [certificate.cert], cert: undefined, key: undefined } : undefined,
    proxy: undefined,
    secrets: new Secrets(),
    ...changes,
  };
  const client = new HttpClient(settings, clock);
  closers.push(() => client.close());
  const endpoint = new Endpoint({ ...settings, exchange: client.exchange }, clock);
  return Object.assign(endpoint, { close: () => client.close() });
}

const mayLeave = (): boolean => true;

function send(endpoint: Endpoint, registration: Registration = OTP, signal = new AbortController().signal) {
  const signature = registration.tokenType === 'pki' ? SIGNATURE : undefined;
  return endpoint.register({ registration, signature, mayLeave }, SESSION, signal);
}

/** One registration at a server that answers like this. */
async function sendTo(answer: Answer): Promise<Attempt & { requests: readonly Arrived[] }> {
  const server = await startHttp(answer);
  return { ...(await send(open(server.url))), requests: server.requests };
}

function bodyOf(request: Arrived | undefined): Record<string, unknown> {
  // The bodies are ours: objects.
  return JSON.parse(request?.body ?? '{}') as Record<string, unknown>;
}

/** All that a promise has not done yet is done when this is. */
async function settleDown(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await new Promise(setImmediate);
}

describe('a request', () => {
  test('of either kind is what the published pages ask for, to the last byte', async () => {
    const server = await startStrictServer(CREDENTIALS);
    closers.push(() => server.close());
    const endpoint = open(server.url);
    expect((await send(endpoint)).reply).toMatchObject({
      kind: 'answer',
      code: '0',
      key: { text: '7A3F09C1D25E48B6' },
    });
    expect((await send(endpoint, PKI)).reply).toMatchObject({ kind: 'answer', code: '0', key: undefined });
    expect(server.complaints()).toEqual([]);
    expect(server.requests).toHaveLength(2);
  });

  test('for OTP has two keys', async () => {
    const { requests } = await sendTo(always(reply(SUCCESS)));
    expect(requests[0]?.line).toBe('PUT /CentagateWS/webresources/token/register/otp/offline/root%40bank HTTP/1.1');
    expect(bodyOf(requests[0])).toEqual({ username: 'ann', cenToken: SESSION.cenToken });
  });

  test('that takes a token back is the documented call, and brings no key whatever it says', async () => {
    const server = await startHttp(always(reply('{"code":"0","message":"","object":{"key":"7A3F09C1D25E48B6"}}')));
    const endpoint = open(server.url);
    const undo = async (type: string, status: string | undefined): Promise<Attempt> =>
      endpoint.undo({ registration: OTP, mayLeave, undo: { type, status } }, SESSION, new AbortController().signal);
    const { reply: answered, sentAt } = await undo('1', '3');
    expect(answered).toMatchObject({ kind: 'answer', code: '0', key: undefined });
    expect(sentAt).toBeDefined();
    await undo('4', undefined);
    const base = 'PUT /CentagateWS/webresources/token';
    expect(server.requests.map(({ line }) => line)).toEqual([
      `${base}/update/token/status/root%40bank HTTP/1.1`,
      `${base}/unregisterActiveToken/root%40bank HTTP/1.1`,
    ]);
    const { cenToken } = SESSION;
    expect(bodyOf(server.requests[0])).toEqual({ username: 'ann', type: '1', status: '3', cenToken });
    expect(bodyOf(server.requests[1])).toEqual({ username: 'ann', type: '4', cenToken });
  });

  test('for PKI has five or six keys, all strings', async () => {
    const server = await startHttp(always(reply(SUCCESS)));
    const endpoint = open(server.url);
    const { sentAt } = await send(endpoint, PKI);
    await send(endpoint, { ...PKI, algorithm: '3' });
    const request = { registration: PKI, signature: { ...SIGNATURE, algorithm: undefined }, mayLeave };
    await endpoint.register(request, SESSION, new AbortController().signal);
    const [first, second, third] = server.requests;
    expect(first?.line).toBe('PUT /CentagateWS/webresources/cert/register/pkcs7/root%40bank HTTP/1.1');
    expect(bodyOf(first)).toEqual({
      username: 'ann',
      signature: SIGNATURE.bytes.toString('base64'),
      algorithm: '1',
      timestamp: String(sentAt),
      status: '2',
      cenToken: SESSION.cenToken,
    });
    expect(bodyOf(second)).toMatchObject({ algorithm: '3' });
    expect(bodyOf(third)).not.toHaveProperty('algorithm');
  });

  test('has these headers and no other', async () => {
    const { requests } = await sendTo(always(reply(SUCCESS)));
    const [request] = requests;
    expect(request?.headers.map((header) => header.toLowerCase()).sort()).toEqual([
      'accept: application/json',
      'connection: keep-alive',
      `content-length: ${Buffer.byteLength(request?.body ?? '')}`,
      'content-type: application/json',
      expect.stringMatching(/^host: 127\.0\.0\.1:\d+$/),
    ]);
  });

  test('names the administrator percent-encoded, whatever the name', async () => {
    const admin = 'a/b?c#d%e ü\u{1f511}&..\\';
    const server = await startStrictServer({ ...CREDENTIALS, admin });
    closers.push(() => server.close());
    const endpoint = open(server.url);
    const session = makeSession(admin, CREDENTIALS);
    const { signal } = new AbortController();
    await endpoint.register({ registration: OTP, signature: undefined, mayLeave }, session, signal);
    await endpoint.register({ registration: PKI, signature: SIGNATURE, mayLeave }, session, signal);
    expect(server.complaints()).toEqual([]);
    expect(server.requests[0]?.path).toMatch(/\/a%2Fb%3Fc%23d%25e%20%C3%BC%F0%9F%94%91%26\.\.%5C$/);
  });

  test.each(['m\u00fcller', '\u{1f511}', 'a"b\\c', '\u2028'])(
    'holds any username (%j), and its timestamp in its place',
    async (username) => {
      const server = await startHttp(always(reply(SUCCESS)));
      const { sentAt } = await send(open(server.url), { ...PKI, username });
      expect(bodyOf(server.requests[0])).toMatchObject({ username, timestamp: String(sentAt), status: '2' });
    },
  );
});

describe('before its bytes leave, a request', () => {
  test('asks whether they may, once its connection is ready, and is stamped afterwards', async () => {
    const server = await startHttp(always(reply(SUCCESS)));
    const asked: { at: number; arrived: number }[] = [];
    const lateAnswer = (): boolean => {
      asked.push({ at: Date.now(), arrived: server.requests.length });
      while (Date.now() < asked[0]!.at + 20);
      return true;
    };
    const request = { registration: PKI, signature: SIGNATURE, mayLeave: lateAnswer };
    const { sentAt = 0 } = await open(server.url).register(request, SESSION, new AbortController().signal);
    expect(asked).toMatchObject([{ arrived: 0 }]);
    expect(sentAt).toBeGreaterThanOrEqual(asked[0]!.at + 20);
    expect(bodyOf(server.requests[0])).toMatchObject({ timestamp: String(sentAt) });
  });

  test('that may not leave is unsent: the server sees nothing of it, and all of the next', async () => {
    const server = await startHttp(always(reply(SUCCESS)));
    const endpoint = open(server.url, { concurrency: 1 });
    const request = { registration: OTP, signature: undefined, mayLeave: () => false };
    const { signal } = new AbortController();
    await send(endpoint);
    const [refused, next] = await Promise.all([endpoint.register(request, SESSION, signal), send(endpoint)]);
    expect(refused).toEqual({
      reply: { kind: 'unsent', why: 'its departure could not be noted' },
      sentAt: undefined,
      latencyMs: undefined,
    });
    expect(next.reply).toMatchObject({ kind: 'answer', code: '0' });
    expect(server.requests).toHaveLength(2);
  });
});

describe('the timestamp', () => {
  test('is made when the connection is ready: neither a late handshake nor the queue behind it makes it old', async () => {
    const server = await startStrictServer({ ...CREDENTIALS, delayConnectMs: 1500 });
    closers.push(() => server.close());
    const endpoint = open(server.url, {
      concurrency: 1,
      tls: { ca: [server.ca ?? ''], cert: undefined, key: undefined },
    });
    const begun = Date.now();
    const attempts = await Promise.all(Array.from({ length: 6 }, () => send(endpoint, PKI)));
    expect(server.complaints()).toEqual([]);
    expect(server.requests.map(({ body }) => body['timestamp'])).toEqual(attempts.map(({ sentAt }) => String(sentAt)));
    expect(Math.min(...attempts.map(({ sentAt }) => sentAt ?? 0)) - begun).toBeGreaterThan(1400);
    // The wait was for the connection: it is no latency of the server.
    expect(Math.max(...attempts.map(({ latencyMs }) => latencyMs ?? 0))).toBeLessThan(1000);
  });

  test('of a request behind a slow reply is that of its own turn', async () => {
    let time = Date.UTC(2026, 0, 31);
    clock.now = () => time;
    const held: Socket[] = [];
    const server = await startHttp((socket, number) =>
      number === 1 ? held.push(socket) : socket.write(reply(SUCCESS)),
    );
    const endpoint = open(server.url, { concurrency: 1 });
    const both = [send(endpoint, PKI), send(endpoint, PKI)] as const;
    await expect.poll(() => held.length).toBe(1);
    time += 3_600_000;
    held[0]?.write(reply(SUCCESS));
    const [first, second] = await Promise.all(both);
    expect([first.sentAt, second.sentAt]).toEqual([Date.UTC(2026, 0, 31), time]);
    expect(server.requests.map((request) => bodyOf(request)['timestamp'])).toEqual([
      String(first.sentAt),
      String(second.sentAt),
    ]);
  });

  test('is made anew for every attempt, also over a connection that is there already', async () => {
    let time = Date.UTC(2026, 0, 31);
    clock.now = () => (time += 1);
    const server = await startHttp(always(status('503 Later')));
    const endpoint = open(server.url, { concurrency: 1 });
    const attempts = [await send(endpoint, PKI), await send(endpoint, PKI), await send(endpoint, PKI)];
    const stamps = server.requests.map((request) => bodyOf(request)['timestamp']);
    expect(stamps).toEqual(attempts.map(({ sentAt }) => String(sentAt)));
    expect(new Set(stamps).size).toBe(3);
    expect(server.counts.connections).toBe(1);
  });

  test('is in whole seconds where the server wants it so; sentAt stays in ms', async () => {
    clock.now = () => 1_769_860_800_999;
    const server = await startHttp(always(reply(SUCCESS)));
    const { sentAt } = await send(open(server.url, { timestampUnit: 's' }), PKI);
    expect([bodyOf(server.requests[0])['timestamp'], sentAt]).toEqual(['1769860800', 1_769_860_800_999]);
  });

  test.each([
    ['PKI', PKI, 598_000],
    ['OTP, which has none', OTP, undefined],
  ])("is compared with the reply's date (%s)", async (_, registration, errorMs) => {
    clock.now = () => Date.UTC(2026, 0, 31);
    clock.monotonic = () => 0;
    const date = new Date(Date.UTC(2026, 0, 31) - 599_000).toUTCString();
    const server = await startHttp(always(reply(SUCCESS, `Date: ${date}`)));
    expect((await send(open(server.url), registration)).stampErrorMs).toBe(errorMs);
  });

  test('the latency runs from the departure to the reply', async () => {
    let time = 100;
    clock.monotonic = () => time;
    const { latencyMs } = await sendTo((socket) => {
      time = 350.4;
      socket.write(reply(SUCCESS));
    });
    expect(latencyMs).toBe(250);
  });
});

describe('unsent is what surely never left', () => {
  const UNSENT = { sentAt: undefined, latencyMs: undefined };

  test('a connection that is refused', async () => {
    const server = await startHttp(always(''));
    for (const close of closers.splice(0)) await close();
    expect(await send(open(server.url))).toEqual({
      ...UNSENT,
      reply: { kind: 'unsent', why: 'the connection was refused' },
    });
  });

  test('all requests of a connection that is refused, those in the queue too', async () => {
    const server = await startHttp(always(''));
    for (const close of closers.splice(0)) await close();
    const endpoint = open(server.url, { concurrency: 1 });
    const attempts = await Promise.all(Array.from({ length: 10 }, () => send(endpoint)));
    expect(new Set(attempts.map(({ reply: { kind } }) => kind))).toEqual(new Set(['unsent']));
  });

  test('a name that DNS does not know', async () => {
    const { reply: got, sentAt } = await send(open('http://x.invalid'));
    expect(sentAt).toBeUndefined();
    expect(got).toMatchObject({ kind: 'unsent', why: expect.stringContaining('DNS') as unknown });
  });

  test('a certificate that is not trusted', async () => {
    const server = await startHttps(always(reply(SUCCESS)));
    const tls = { ca: [(await makeCertificate(['127.0.0.1'])).cert], cert: undefined, key: undefined };
    expect(await send(open(server.url, { tls }))).toEqual({
      ...UNSENT,
      reply: {
        kind: 'unsent',
        why: "the server's certificate is self-signed: give its issuer with --ca",
        canHeal: false,
      },
    });
    expect(server.requests).toEqual([]);
  });

  test('a certificate for another name, for all who wait', async () => {
    const other = await makeCertificate(['elsewhere.example']);
    const server = await startHttps(always(reply(SUCCESS)), other);
    const endpoint = open(server.url, { tls: { ca: [other.cert], cert: undefined, key: undefined } });
    const first = await Promise.all([send(endpoint), send(endpoint), send(endpoint), send(endpoint)]);
    for (const attempt of [...first, await send(endpoint)]) {
      expect(attempt.reply).toMatchObject({ kind: 'unsent', canHeal: false });
      expect('why' in attempt.reply && attempt.reply.why).toContain("the server's certificate is for another name");
    }
    expect(server.requests).toEqual([]);
  });

  test('https to a server that speaks plain http', async () => {
    const server = await listen(createHttpServer(), 'https');
    expect(await send(open(server.url))).toMatchObject({ ...UNSENT, reply: { kind: 'unsent' } });
  });

  test('a connection that closes before it is ready', async () => {
    const server = await listen(
      createServer((socket) => socket.destroy()),
      'https',
    );
    expect(await send(open(server.url))).toMatchObject({ ...UNSENT, reply: { kind: 'unsent' } });
  });

  test('a deadline before TLS is done; the request never leaves later, and the next one is the first', async () => {
    const server = await startLateHttps(always(reply(SUCCESS)));
    const endpoint = open(server.url, { concurrency: 1 });
    const late = [send(endpoint, PKI), send(endpoint, PKI)];
    await expect.poll(() => server.counts.connections).toBe(1);
    expect(clock.delays).toEqual([30_000, 30_000]);
    clock.ring();
    for (const attempt of await Promise.all(late)) {
      expect(attempt).toEqual({
        ...UNSENT,
        reply: { kind: 'unsent', why: 'no connection: no whole reply within 30 s' },
      });
    }
    server.accept();
    const { sentAt } = await send(endpoint, { ...PKI, username: 'bob' });
    expect(server.requests.map((request) => bodyOf(request))).toMatchObject([
      { username: 'bob', timestamp: String(sentAt) },
    ]);
    await settleDown();
    expect(server.requests).toHaveLength(1);
  });

  test('a deadline behind a slow reply: the request in the queue never leaves', async () => {
    const held: Socket[] = [];
    const server = await startHttp((socket, number) =>
      number === 1 ? held.push(socket) : socket.write(reply(SUCCESS)),
    );
    const endpoint = open(server.url, { concurrency: 1 });
    const first = send(endpoint);
    await expect.poll(() => held.length).toBe(1);
    const stop = new AbortController();
    const second = send(endpoint, { ...OTP, username: 'bob' }, stop.signal);
    stop.abort();
    expect(await second).toMatchObject({ ...UNSENT, reply: { kind: 'unsent' } });
    held[0]?.write(reply(SUCCESS));
    expect((await first).reply.kind).toBe('answer');
    await send(endpoint, { ...OTP, username: 'carl' });
    expect(server.requests.map((request) => bodyOf(request)['username'])).toEqual(['ann', 'carl']);
  });

  test('a deadline at a server that accepts nobody; it sees nothing of it once it does', async () => {
    const frozen = await startFrozenServer();
    const endpoint = open(`http://127.0.0.1:${frozen.port}`, { concurrency: 1 });
    const late = send(endpoint);
    await frozen.connecting();
    clock.ring();
    expect(await late).toEqual({
      ...UNSENT,
      reply: { kind: 'unsent', why: 'no connection: no whole reply within 30 s' },
    });
    frozen.thaw();
    const next = await send(endpoint, { ...OTP, username: 'bob' });
    expect(next.reply.kind).toBe('answer');
    // Its standard output can come later than its reply.
    await expect.poll(() => frozen.usernames()).toEqual(['bob']);
  });

  test('a run that was interrupted already', async () => {
    const server = await startHttp(always(reply(SUCCESS)));
    const attempt = await send(open(server.url), OTP, AbortSignal.abort());
    expect(attempt).toEqual({
      ...UNSENT,
      reply: { kind: 'unsent', why: 'no connection: cut off when the run was interrupted' },
    });
    await settleDown();
    expect(server.requests).toEqual([]);
  });
});

/** A process that listens and does not accept, with its queue full; the system answers no further connection. */
async function startFrozenServer() {
  const child = spawn(process.execPath, [
    '-e',
    `const server = require('node:net').createServer((socket) => {
       socket.on('error', () => undefined);
       socket.on('data', (bytes) => {
         console.log('got ' + JSON.stringify(String(bytes)));
         socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: 44\\r\\n\\r\\n' + ${JSON.stringify(SUCCESS)});
       });
     });
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`,
  ]);
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  await expect.poll(() => lines.length).toBe(1);
  const port = Number(lines.shift());
  child.kill('SIGSTOP');
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  closers.push(() => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
    return once(child, 'close');
  });
  await Promise.race(fillers.map((filler) => once(filler, 'connect')));
  await settleDown();
  return {
    port,
    /** Long enough for a connection that the system would have answered. */
    connecting: () => new Promise((resolve) => setTimeout(resolve, 50)),
    thaw: () => child.kill('SIGCONT'),
    usernames: () => lines.map((line) => /\\"username\\":\\"(\w+)\\"/.exec(line)?.[1] ?? line),
  };
}

describe('unanswered is what left, and may have been applied', () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  /** What was written is read before. */
  const later = (socket: Socket): void => void setTimeout(() => socket.resetAndDestroy(), 20);

  test('a whole body that an alert of TLS ends', async () => {
    // An unexpected message, as nobody encrypted it.
    const alert = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x0a]);
    const raws: Socket[] = [];
    const server = await startHttps((socket) => {
      socket.write(`${head}\r\n${SUCCESS}`);
      setTimeout(() => raws.at(-1)?.end(alert), 20);
    });
    const inner = await listen(
      createServer((socket) => {
        raws.push(socket);
        const onward = connect(server.port, '127.0.0.1');
        onward.on('error', () => socket.destroy());
        onward.pipe(socket, { end: false });
        socket.pipe(onward);
      }),
      'https',
    );
    expect((await send(open(inner.url))).reply.kind).toBe('unanswered');
  });

  test.each<[string, Answer]>([
    ['a reset after the request', (socket) => void socket.resetAndDestroy()],
    ['an end without a reply', (socket) => void socket.end()],
    ['a reset in the middle of the head', (socket) => void socket.write(head, () => socket.resetAndDestroy())],
    ['an end in the middle of the head', (socket) => void socket.end(`${head}Content-Le`)],
    ['an end in the middle of the body', (socket) => void socket.end(reply(SUCCESS).subarray(0, -1))],
    [
      'a reset in the middle of the body',
      (socket) => void socket.write(reply(SUCCESS).subarray(0, -1), () => socket.resetAndDestroy()),
    ],
    [
      'a body shorter than it says, on a connection that closes',
      (socket) => void socket.end(reply(SUCCESS, 'Connection: close').subarray(0, -1)),
    ],
    [
      'a whole JSON in a body shorter than it says',
      (socket) => void socket.end(`${head}Content-Length: 100\r\nConnection: close\r\n\r\n${SUCCESS}`),
    ],
    [
      'chunks without their end',
      (socket) => void socket.end(`${head}Transfer-Encoding: chunked\r\n\r\n2c\r\n${SUCCESS}\r\n`),
    ],
    ['garbage that is no HTTP', (socket) => void socket.write('\x16\x03\x01 nonsense\r\n\r\n')],
    ['a 101 that nobody asked for', (socket) => void socket.write('HTTP/1.1 101 X\r\n\r\n')],
    ['a head of more than 16 KiB', (socket) => void socket.write(`${head}X: ${'x'.repeat(20_000)}\r\n\r\n`)],
    [
      'a switch of protocols',
      (socket) => void socket.write('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    ],
    ['a whole body that a reset ends', (socket) => void socket.write(`${head}\r\n${SUCCESS}`, () => later(socket))],
    ['a body in a coding', (socket) => void socket.end(`${head}Transfer-Encoding: gzip\r\n\r\n${SUCCESS}`)],
    ['HTTP/0.9', (socket) => void socket.write(reply(SUCCESS).toString().replace('1.1', '0.9'))],
    ['HTTP/2.0', (socket) => void socket.write(reply(SUCCESS).toString().replace('1.1', '2.0'))],
    ['RTSP', (socket) => void socket.write(reply(SUCCESS).toString().replace('HTTP/1.1', 'RTSP/1.0'))],
    ['ICE', (socket) => void socket.write(reply(SUCCESS).toString().replace('HTTP/1.1', 'ICE/1.0'))],
    ['a NUL in its reason', (socket) => void socket.write(reply(SUCCESS).toString().replace('OK', 'O\0K'))],
    ['a chunk without a size', (socket) => void socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n;x\r\n`)],
    ['two lengths', (socket) => void socket.write(`${head}Content-Length: 2\r\nContent-Length: 44\r\n\r\n${SUCCESS}`)],
  ])('%s', async (_, answer) => {
    const attempt = await sendTo(answer);
    expect(attempt.reply).toMatchObject({ kind: 'unanswered', why: expect.stringMatching(/^the /) as unknown });
    expect(attempt.sentAt).toBeTypeOf('number');
    expect(attempt.latencyMs).toBeTypeOf('number');
    await settleDown();
    expect(attempt.requests).toHaveLength(1);
  });

  test.each<[string, Answer]>([
    ['never replies', () => undefined],
    ['drips its reply', (socket) => void socket.write(reply(SUCCESS).subarray(0, 60))],
    ['drips its head', (socket) => void socket.write(head)],
    ['says 100 for ever', (socket) => void socket.write('HTTP/1.1 102 Processing\r\n\r\n')],
  ])('a deadline at a server that %s; its connection is not used again', async (_, answer) => {
    const server = await startHttp((socket, number) =>
      number === 1 ? answer(socket, number) : socket.write(reply(SUCCESS)),
    );
    const endpoint = open(server.url, { concurrency: 1 });
    const attempt = send(endpoint);
    await expect.poll(() => server.requests.length).toBe(1);
    // What was written is read.
    await new Promise((resolve) => setTimeout(resolve, 20));
    clock.ring();
    expect(await attempt).toMatchObject({ reply: { kind: 'unanswered', why: 'no whole reply within 30 s' } });
    expect((await send(endpoint)).reply.kind).toBe('answer');
    expect([server.requests.length, server.counts.connections]).toEqual([2, 2]);
  });

  test('a request that is cut off when the run is interrupted', async () => {
    const sockets: Socket[] = [];
    const server = await startHttp((socket) => sockets.push(socket));
    const stop = new AbortController();
    const attempt = send(open(server.url), OTP, stop.signal);
    await expect.poll(() => sockets.length).toBe(1);
    stop.abort();
    expect((await attempt).reply).toEqual({
      kind: 'unanswered',
      why: 'cut off when the run was interrupted',
    });
    await expect.poll(() => sockets[0]?.destroyed).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  test('the signal is let go of: one that aborts later changes nothing', async () => {
    const server = await startHttp(always(reply(SUCCESS)));
    const stop = new AbortController();
    expect((await send(open(server.url), OTP, stop.signal)).reply.kind).toBe('answer');
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    stop.abort();
    await settleDown();
    expect(server.requests).toHaveLength(1);
  });

  test('whatever bytes come back, and however they end, one request is one reply', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'HTTP/1.1 200 OK\r\n',
        'HTTP/1.1 503 X\r\n',
        'HTTP/1.1 100 X\r\n\r\n',
        'HTTP/1.1 101 X\r\n',
        'HTTP/9 0\r\n',
      ),
      fc.constantFrom(
        'Content-Length: 44\r\n',
        'Content-Length: 0\r\n',
        'Content-Length: -1\r\n',
        `Content-Length: ${'9'.repeat(30)}\r\n`,
      ),
      fc.constantFrom(
        'Transfer-Encoding: chunked\r\n',
        'Connection: close\r\n',
        'Keep-Alive: timeout=-1\r\n',
        'Retry-After: x\r\n',
        ': x\r\n',
      ),
      fc.constantFrom('\r\n', '2c\r\n', '0\r\n\r\n', 'f'.repeat(20), SUCCESS, '\0'),
      fc.string({ unit: 'binary-ascii' }),
    );
    let bytes = '';
    let isReset = false;
    const server = await startHttp((socket) => {
      if (isReset) socket.write(bytes, 'latin1', () => socket.resetAndDestroy());
      else socket.end(bytes, 'latin1');
    });
    const endpoint = open(server.url);
    let [sends, unanswered] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 8 }),
        fc.boolean(),
        fc.boolean(),
        async (pieces, begins, resets) => {
          bytes = (begins ? head : '') + pieces.join('');
          isReset = resets;
          const { reply: got, sentAt } = await send(endpoint);
          sends += 1;
          if (got.kind === 'unanswered') unanswered += 1;
          expect(got.kind).not.toBe('unsent');
          expect(sentAt).toBeTypeOf('number');
        },
      ),
      { numRuns: 300 },
    );
    // What left as the server closed the connection reached nobody.
    const lost = sends - server.requests.length;
    expect(lost).toBeGreaterThanOrEqual(0);
    expect(lost).toBeLessThanOrEqual(unanswered);
  });

  test('nothing is ever sent twice by the connection itself', async () => {
    const server = await startHttp((socket, number) => {
      if (number % 2 === 0) socket.resetAndDestroy();
      else socket.write(reply(SUCCESS));
    });
    const endpoint = open(server.url, { concurrency: 2 });
    const attempts = await Promise.all(
      Array.from({ length: 20 }, (_, n) => send(endpoint, { ...OTP, username: `user${n}` })),
    );
    const usernames = server.requests.map((request) => bodyOf(request)['username']);
    expect(new Set(usernames).size).toBe(20);
    expect(usernames).toHaveLength(20);
    expect(attempts.filter(({ reply: { kind } }) => kind === 'answer')).toHaveLength(10);
    expect(attempts.filter(({ reply: { kind } }) => kind === 'unanswered')).toHaveLength(10);
  });
});

describe('a reply with HTTP 200', () => {
  const head = 'HTTP/1.1 200 OK\r\n';

  test.each<[string, string | Buffer]>([
    ['with a length', reply(SUCCESS)],
    [
      'in chunks',
      `${head}Transfer-Encoding: chunked\r\n\r\n10\r\n${SUCCESS.slice(0, 16)}\r\n1c\r\n${SUCCESS.slice(16)}\r\n0\r\n\r\n`,
    ],
    ['with a byte order mark', reply(`\ufeff${SUCCESS}`)],
    [
      'behind an interim reply',
      Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n'), reply(SUCCESS)]),
    ],
    ['behind an unasked 100', `HTTP/1.1 100 Continue\r\n\r\n${reply(SUCCESS).toString()}`],
    ['behind three of them', `${'HTTP/1.1 100 Continue\r\nX: y\r\n\r\n'.repeat(3)}${reply(SUCCESS).toString()}`],
    [
      'in chunks with blanks in their extensions',
      `${head}Transfer-Encoding: chunked\r\n\r\n2c ; a = "b"; c\r\n${SUCCESS}\r\n0  \r\n\r\n`,
    ],
    ['with a tab before its length', Buffer.from(reply(SUCCESS).toString().replace(': 44', ':\t44'))],
    ['with a tab behind its length', Buffer.from(reply(SUCCESS).toString().replace(': 44', ': 44\t'))],
    ['in a coding that changes nothing', reply(SUCCESS, 'Content-Encoding: identity')],
    ['of another type', reply(SUCCESS, 'Content-Type: text/html')],
    ['on a connection that closes', reply(SUCCESS, 'Connection: close')],
    ['of HTTP/1.0', Buffer.from(reply(SUCCESS).toString().replace('HTTP/1.1', 'HTTP/1.0'))],
  ])('is an answer: %s', async (_, bytes) => {
    const { reply: got } = await sendTo(always(bytes));
    expect(got).toEqual({ kind: 'answer', httpStatus: 200, code: '0', message: 'Success', key: undefined });
  });

  test.each([false, true])('is an answer behind a 100 that comes by itself (TLS: %s)', async (isTls) => {
    const answer: Answer = (socket) => {
      socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      setTimeout(() => socket.write(reply(SUCCESS)), 10);
    };
    const server = isTls ? await startHttps(answer) : await startHttp(answer);
    const endpoint = open(server.url, { concurrency: 1 });
    for (let n = 0; n < 3; n += 1) expect((await send(endpoint)).reply.kind).toBe('answer');
    expect([server.requests.length, server.counts.connections]).toEqual([3, 1]);
  });

  test('is an answer when its end is that of the connection', async () => {
    const { reply: got } = await sendTo((socket) => void socket.end(`${head}\r\n${SUCCESS}`));
    expect(got).toMatchObject({ kind: 'answer', code: '0' });
  });

  test('that is cut off there is none', async () => {
    const { reply: got } = await sendTo((socket) => void socket.end(`${head}\r\n${SUCCESS.slice(0, -1)}`));
    expect(got).toEqual({ kind: 'unreadable', httpStatus: 200, why: 'the reply is not JSON' });
  });

  test('holds a code in whatever encoding its message is', async () => {
    const body = Buffer.from('{"code":"22002","message":"Utilisateur non trouv\xe9"}', 'latin1');
    const { reply: got } = await sendTo(always(reply(body)));
    expect(got).toMatchObject({ kind: 'answer', code: '22002', message: 'Utilisateur non trouv\ufffd' });
  });

  test.each<[string, string | Buffer, string]>([
    ['nothing', '', 'the reply is empty'],
    ['blanks', ' \r\n', 'the reply is empty'],
    ['a page of a proxy', '<html><body>Welcome</body></html>', 'the reply is not JSON'],
    ['JSON without a code', '{"message":"Success"}', 'the reply has no return code'],
    ['a list', '[{"code":"0"}]', 'the reply has no return code'],
    ['two replies', SUCCESS + SUCCESS, 'the reply is not JSON'],
  ])('that says %s is unreadable', async (_, body, why) => {
    const attempt = await sendTo(always(reply(body)));
    expect(attempt.reply).toEqual({ kind: 'unreadable', httpStatus: 200, why });
    expect(attempt.sentAt).toBeTypeOf('number');
  });

  test.each(['gzip', 'br', 'gzip, identity', 'x-gzip'])(
    'that says it is compressed (%s), though nobody asked for it, is unreadable, whatever it is',
    async (coding) => {
      const { reply: got } = await sendTo(always(reply(SUCCESS, `Content-Encoding: ${coding}`)));
      expect(got).toEqual({ kind: 'unreadable', httpStatus: 200, why: 'the reply is not JSON' });
    },
  );

  test('that is compressed, though nobody asked for it, is unreadable', async () => {
    const { reply: got } = await sendTo(always(reply(gzipSync(SUCCESS), 'Content-Encoding: gzip')));
    expect(got).toEqual({ kind: 'unreadable', httpStatus: 200, why: 'the reply is not JSON' });
  });

  test('of 1 MiB is read; a byte more is too long', async () => {
    const bodyOfLength = (length: number) => `{"code":"0"${' '.repeat(length - 12)}}`;
    expect((await sendTo(always(reply(bodyOfLength(MIB))))).reply.kind).toBe('answer');
    expect((await sendTo(always(reply(bodyOfLength(MIB + 1))))).reply).toEqual({
      kind: 'unreadable',
      httpStatus: 200,
      why: 'the reply is over 1 MiB',
    });
  });

  test.each([
    ['with a length', `${head}Content-Length: ${2 ** 40}\r\n\r\n`],
    ['without one', `${head}\r\n`],
  ])('that never ends is let go of after 1 MiB: %s', async (_, begin) => {
    let written = 0;
    const piece = Buffer.alloc(MIB, 'x');
    const server = await startHttp((socket) => {
      socket.write(begin);
      const more = (): void => {
        if (socket.destroyed) return;
        socket.write(piece, () => {
          written += piece.length;
          more();
        });
      };
      more();
    });
    const { reply: got } = await send(open(server.url));
    expect(got).toMatchObject({ kind: 'unreadable', why: 'the reply is over 1 MiB' });
    await expect.poll(() => server.counts.open).toBe(0);
    // What the system's own buffers take comes on top.
    expect(written).toBeLessThan(32 * MIB);
  });
});

describe('any other status speaks for itself', () => {
  test.each([
    '204 No Content',
    '301 Moved',
    '400 Bad',
    '401 Who',
    '403 No',
    '404 Not Found',
    '429 Slow',
    '500 Oops',
    '503 Later',
  ])('%s', async (line) => {
    const { reply: got } = await sendTo(
      always(line.startsWith('204') ? 'HTTP/1.1 204 No Content\r\n\r\n' : status(line)),
    );
    expect(got).toEqual({ kind: 'status', httpStatus: Number(line.slice(0, 3)), retryAfterMs: undefined });
  });

  test.each([301, 302, 303, 307, 308])('a redirect (%i) is never followed', async (code) => {
    const elsewhere = await startHttp(always(reply(SUCCESS)));
    const server = await startHttp(always(status(`${code} Elsewhere`, `Location: ${elsewhere.url}/x`)));
    expect((await send(open(server.url))).reply).toMatchObject({ kind: 'status', httpStatus: code });
    await settleDown();
    expect([server.requests.length, elsewhere.counts.connections]).toEqual([1, 0]);
  });

  test('its body says nothing, not even a code 0', async () => {
    const bytes = Buffer.from(reply(SUCCESS).toString().replace('200 OK', '500 Oops'));
    expect((await sendTo(always(bytes))).reply).toEqual({ kind: 'status', httpStatus: 500, retryAfterMs: undefined });
  });

  test.each<[string, Answer]>([
    ['is cut off', (socket) => void socket.end('HTTP/1.1 503 Later\r\nContent-Length: 100\r\n\r\nhalf')],
    [
      'is reset',
      (socket) =>
        void socket.write('HTTP/1.1 503 Later\r\nContent-Length: 100\r\n\r\nhalf', () => socket.resetAndDestroy()),
    ],
    [
      'is over 1 MiB',
      (socket) => void socket.write(`HTTP/1.1 503 Later\r\nContent-Length: ${2 * MIB}\r\n\r\n${'x'.repeat(2 * MIB)}`),
    ],
    [
      'breaks the protocol',
      (socket) => void socket.write('HTTP/1.1 503 Later\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
    ],
  ])('it stands when its body %s', async (_, answer) => {
    expect((await sendTo(answer)).reply).toEqual({ kind: 'status', httpStatus: 503, retryAfterMs: undefined });
  });

  test('it stands when its body never ends, and little of that is read', async () => {
    const server = await startHttp((socket) => {
      socket.write('HTTP/1.1 502 Bad\r\nRetry-After: 7\r\n\r\n');
      const more = (): void => {
        if (!socket.destroyed) socket.write(Buffer.alloc(MIB, 'x'), more);
      };
      more();
    });
    expect((await send(open(server.url))).reply).toEqual({ kind: 'status', httpStatus: 502, retryAfterMs: 7000 });
    await expect.poll(() => server.counts.open).toBe(0);
  });

  test('it stands when its body drips past the deadline', async () => {
    const server = await startHttp(always('HTTP/1.1 503 Later\r\nContent-Length: 100\r\nRetry-After: 2\r\n\r\nhalf'));
    const attempt = send(open(server.url));
    await expect.poll(() => server.requests.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    clock.ring();
    expect((await attempt).reply).toEqual({ kind: 'status', httpStatus: 503, retryAfterMs: 2000 });
  });

  test.each([
    ['Retry-After: 120', 120_000],
    ['Retry-After: 0', 0],
    ['Retry-After: Sat, 31 Jan 2026 12:00:30 GMT', 30_000],
    ['Retry-After: Sat, 31 Jan 2026 11:00:00 GMT', 0],
    ['Retry-After: soon', undefined],
    ['Retry-After: 5\r\nRetry-After: 9', 5000],
    ['X-Other: 5', undefined],
  ])('%s', async (header, retryAfterMs) => {
    clock.now = () => Date.UTC(2026, 0, 31, 12);
    const { reply: got } = await sendTo(always(status('429 Slow', header)));
    expect(got).toEqual({ kind: 'status', httpStatus: 429, retryAfterMs });
  });
});

describe('connections', () => {
  test('there are never more than may send at once, and they are used again', async () => {
    const held: Socket[] = [];
    const server = await startHttp((socket) => held.push(socket));
    const endpoint = open(server.url, { concurrency: 3 });
    const attempts = Array.from({ length: 12 }, () => send(endpoint));
    for (let round = 0; round < 4; round += 1) {
      await expect.poll(() => held.length).toBe(3);
      await settleDown();
      expect(held).toHaveLength(3);
      for (const socket of held.splice(0)) socket.write(reply(SUCCESS));
    }
    expect((await Promise.all(attempts)).every(({ reply: { kind } }) => kind === 'answer')).toBe(true);
    expect(server.counts.connections).toBe(3);
  });

  test('one after the other, all requests share one', async () => {
    const server = await startHttp(always(reply(SUCCESS)));
    const endpoint = open(server.url, { concurrency: 1 });
    for (let n = 0; n < 10; n += 1) await send(endpoint);
    await endpoint.checkSession(SESSION, new AbortController().signal);
    expect(server.counts.connections).toBe(1);
  });

  test('one that the server closes is not used again', async () => {
    const server = await startHttp((socket) => void socket.end(reply(SUCCESS, 'Connection: close')));
    const endpoint = open(server.url);
    for (let n = 0; n < 3; n += 1) expect((await send(endpoint)).reply.kind).toBe('answer');
    expect(server.counts.connections).toBe(3);
  });

  test('no place is lost to failures: the endpoint goes on when the server is back', async () => {
    let isBack = false;
    const server = await startHttp((socket) => {
      if (isBack) socket.write(reply(SUCCESS));
      else socket.resetAndDestroy();
    });
    const endpoint = open(server.url, { concurrency: 2 });
    for (let n = 0; n < 5; n += 1) await Promise.all([send(endpoint), send(endpoint), send(endpoint)]);
    isBack = true;
    const attempts = await Promise.all(Array.from({ length: 10 }, () => send(endpoint)));
    expect(attempts.every(({ reply: { kind } }) => kind === 'answer')).toBe(true);
  });

  test('close lets go of all of them, those that are not ready too', async () => {
    const ready = await startHttp(always(reply(SUCCESS)));
    const late = await startSilent();
    const endpoints = [open(ready.url), open(late.url)] as const;
    await send(endpoints[0]);
    const stop = new AbortController();
    const cut = send(endpoints[1], OTP, stop.signal);
    await expect.poll(() => late.counts.open).toBe(1);
    stop.abort();
    await cut;
    for (const endpoint of endpoints) await endpoint.close();
    await expect.poll(() => [ready.counts.open, late.counts.open]).toEqual([0, 0]);
  });

  test('a process ends with its run, however its connections hang', async () => {
    const late = await startSilent();
    const programs = new Programs();
    closers.push(() => {
      programs.remove();
      return undefined;
    });
    const { code } = await programs.run(`
      import { HttpClient } from './server/http-client.js';
      import { Secrets } from './server/secrets.js';
      import { systemClock } from './core/system-clock.js';
      const tls = { ca: [], cert: undefined, key: undefined };
      const client = new HttpClient(
        { origin: ${JSON.stringify(late.url)}, concurrency: 2, timeoutMs: 600_000, tls, proxy: undefined, secrets: new Secrets() },
        systemClock,
      );
      const stop = new AbortController();
      const sends = [1, 2, 3].map(() => client.exchange({ method: 'GET', path: '/' }, stop.signal));
      setTimeout(() => stop.abort(), 100);
      await Promise.all(sends);
      await client.close();
    `);
    expect(code).toBe(0);
  });
});

describe('the session check', () => {
  const check = (endpoint: Endpoint) => endpoint.checkSession(SESSION, new AbortController().signal);

  test('asks with the token in its path, and nowhere else; no other request has it there', async () => {
    const server = await startHttp(always(reply(SUCCESS)));
    const endpoint = open(server.url);
    expect(await check(endpoint)).toBe('good');
    await send(endpoint);
    const [checked, sent] = server.requests;
    expect(checked?.line).toBe(
      `GET /CentagateWS/webresources/auth/sessioncheck/root%40bank/${SESSION.cenToken} HTTP/1.1`,
    );
    expect(checked?.headers.map((header) => header.toLowerCase()).sort()).toEqual([
      'accept: application/json',
      'connection: keep-alive',
      expect.stringMatching(/^host: /),
    ]);
    expect(checked?.body).toBe('');
    expect([sent?.line, ...(sent?.headers ?? [])].join()).not.toContain(SESSION.cenToken);
  });

  test.each<[string, string, string | Buffer]>([
    ['good', 'code 0', reply('{"code":"0"}')],
    ['good', 'code 0 as a number', reply('{"code":0}')],
    ['over', 'code 10001', reply('{"code":"10001"}')],
    ['over', 'code 10002', reply('{"code":10002}')],
    ['over', 'a code that nobody lists', reply('{"code":"4711"}')],
    ['over', 'HTTP 401', status('401 Who')],
    ['over', 'HTTP 403', status('403 No')],
    ['missing', 'HTTP 404', status('404 Not Found')],
    ['missing', 'HTTP 405', status('405 Not So')],
    ['missing', 'a redirect', status('302 Login', 'Location: /login')],
    ['unclear', 'HTTP 429', status('429 Slow')],
    ['unclear', 'HTTP 500', status('500 Oops')],
    ['unclear', 'HTTP 503', status('503 Later')],
    ['unclear', 'a database that is away', reply('{"code":"10004"}')],
    ['unclear', 'an API that is away', reply('{"code":"23025"}')],
    ['unclear', 'a page of a proxy', reply('<html>')],
    ['unclear', 'an empty reply', reply('')],
    ['unclear', 'garbage', 'nonsense\r\n\r\n'],
  ])('is %s on %s', async (verdict, _, bytes) => {
    const server = await startHttp(always(bytes));
    expect(await check(open(server.url))).toBe(verdict);
  });

  test('is unclear without a server, without a reply, and when it is cut off', async () => {
    const server = await startHttp(() => undefined);
    const endpoint = open(server.url);
    const late = check(endpoint);
    await expect.poll(() => server.requests.length).toBe(1);
    clock.ring();
    expect(await late).toBe('unclear');
    expect(await endpoint.checkSession(SESSION, AbortSignal.abort())).toBe('unclear');
    expect(await check(open('http://x.invalid'))).toBe('unclear');
  });
});

describe('the list of a user', () => {
  const list = async (endpoint: Endpoint, username = 'ann') =>
    (await endpoint.listTokens(username, SESSION, new AbortController().signal)).listing;

  test('is asked for with two keys, and is what the server shows', async () => {
    const object = JSON.stringify({ tokenList: [{ type: '2' }], certList: [] });
    const server = await startHttp(always(reply(JSON.stringify({ code: '0', object }))));
    expect(await list(open(server.url))).toEqual({ types: ['2'], fingerprints: [] });
    expect(server.requests[0]?.line).toBe('PUT /CentagateWS/webresources/user/auth/list/root%40bank HTTP/1.1');
    expect(bodyOf(server.requests[0])).toEqual({ username: 'ann', cenToken: SESSION.cenToken });
  });

  test('is not asked for again at a server that has no such thing', async () => {
    const server = await startHttp(always(status('405 Not So')));
    const endpoint = open(server.url);
    expect([await list(endpoint), await list(endpoint)]).toEqual(['not_offered', 'not_offered']);
    expect(server.requests).toHaveLength(1);
  });

  test('that is not found says nothing of others, unless three in a row are not', async () => {
    const found = reply(JSON.stringify({ code: '22002' }));
    const replies = [404, 404, 404, 0, 404, 404, 404];
    const server = await startHttp((socket, number) => {
      socket.write(replies[number - 1] === 0 ? found : status('404 Not Found'));
    });
    const endpoint = open(server.url, { concurrency: 1 });
    const asked = ['ann', 'ann', 'ben', 'cid', 'dee', 'eve', 'fay', 'gus'];
    const listings: unknown[] = [];
    for (const username of asked) listings.push(await list(endpoint, username));
    const unclear = 'unclear';
    expect(listings).toEqual([unclear, unclear, unclear, 'no_user', unclear, unclear, 'not_offered', 'not_offered']);
    expect(server.requests).toHaveLength(7);
  });

  test('is unclear, this time, without a usable answer', async () => {
    const server = await startHttp(always(status('500 Oops')));
    const endpoint = open(server.url);
    expect([await list(endpoint), await list(endpoint)]).toEqual(['unclear', 'unclear']);
    expect(server.requests).toHaveLength(2);
  });
});

describe('https', () => {
  test('trusts what it is told to trust', async () => {
    const server = await startHttps(always(reply(SUCCESS)));
    const other = readPem(openssl.makeOwner('ec-p256').cert);
    const tls = { ca: [other, certificate.cert], cert: undefined, key: undefined };
    for (const origin of [server.url, server.url.replace('127.0.0.1', 'localhost')]) {
      expect((await send(open(origin, { tls }))).reply.kind).toBe('answer');
    }
    expect(server.requests).toHaveLength(2);
  });

  test('takes several certificates from one file', async () => {
    const server = await startHttps(always(reply(SUCCESS)));
    const other = readPem(openssl.makeOwner('ec-p256').cert);
    const tls = { ca: [`${other}\n${certificate.cert}`], cert: undefined, key: undefined };
    expect((await send(open(server.url, { tls }))).reply.kind).toBe('answer');
  });

  test('shows its own certificate to a server that wants one', async () => {
    const owner = openssl.makeOwner('ec-p256');
    const [cert, key] = [readPem(owner.cert), readPem(owner.key)];
    const server = await startHttps(always(reply(SUCCESS)), {
      requestCert: true,
      rejectUnauthorized: true,
      ca: [cert],
    });
    const ca = [certificate.cert];
    expect((await send(open(server.url, { tls: { ca, cert, key } }))).reply.kind).toBe('answer');
    // With TLS 1.3 the server says no after the request left, so it counts as one that may have been applied.
    const without = await send(open(server.url, { tls: { ca, cert: undefined, key: undefined } }));
    expect(without.reply.kind).toBe('unanswered');
    expect(server.requests).toHaveLength(1);
  });

  test('a key that does not belong to its certificate is wrong usage, and not shown', async () => {
    const [one, other] = [await makeCertificate(['a']), await makeCertificate(['b'])];
    const make = () => open('https://localhost', { tls: { ca: [], cert: one.cert, key: other.key } });
    expect(make).toThrow(UsageError);
    expect(make).toThrow(/^--client-cert, --client-key and --ca can't be used together \(ERR_\w+\): check the files$/);
  });
});

describe('a proxy', () => {
  interface Proxy {
    readonly url: string;
    readonly counts: Recorder['counts'];
    readonly tunnels: { readonly target: string; readonly headers: readonly string[] }[];
  }

  const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';

  async function startProxy(say: (number: number) => string = () => ESTABLISHED): Promise<Proxy> {
    const tunnels: Proxy['tunnels'] = [];
    const server = createHttpServer((_, response) => response.writeHead(400).end());
    server.on('connect', (request, socket: Socket, head) => {
      tunnels.push({ target: request.url ?? '', headers: request.rawHeaders });
      const answer = say(tunnels.length);
      if (answer === '') {
        socket.resume().on('end', () => socket.end());
        return;
      }
      socket.write(answer);
      if (!answer.includes(' 200 ')) return;
      const [host, port] = (request.url ?? '').split(':');
      const onward = connect(Number(port), host, () => {
        onward.write(head);
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
      socket.on('close', () => onward.destroy());
    });
    return { ...(await listen(server, 'http')), tunnels };
  }

  test('tunnels: the server sees what it would have seen without', async () => {
    const direct = await startHttps(always(reply(SUCCESS)));
    const server = await startHttps(always(reply(SUCCESS)));
    const proxy = await startProxy();
    await send(open(direct.url), PKI);
    const { sentAt, reply: got } = await send(open(server.url, { proxy: { https: proxy.url, no: '' } }), PKI);
    expect(got.kind).toBe('answer');
    expect(proxy.tunnels.map(({ target }) => target)).toEqual([`127.0.0.1:${server.port}`]);
    const [plain, tunnelled] = [direct.requests[0], server.requests[0]];
    const sorted = (request: Arrived | undefined) =>
      request?.headers.map((header) => header.replace(/:\d+$/, '')).sort();
    expect(sorted(tunnelled)).toEqual(sorted(plain));
    expect(tunnelled?.headers).toContain(`host: 127.0.0.1:${server.port}`);
    expect(bodyOf(tunnelled)).toMatchObject({ timestamp: String(sentAt) });
    expect(JSON.stringify(proxy.tunnels)).not.toContain(SESSION.cenToken);
  });

  test('is no reason for an old timestamp', async () => {
    const server = await startStrictServer({ ...CREDENTIALS, delayConnectMs: 1100 });
    closers.push(() => server.close());
    const proxy = await startProxy();
    const tls = { ca: [server.ca ?? ''], cert: undefined, key: undefined };
    const endpoint = open(server.url, { concurrency: 1, tls, proxy: { https: proxy.url, no: '' } });
    await Promise.all([send(endpoint, PKI), send(endpoint, PKI), send(endpoint, PKI)]);
    expect(server.complaints()).toEqual([]);
    expect(server.requests).toHaveLength(3);
  });

  test('each endpoint names its own server', async () => {
    const proxy = await startProxy();
    for (let n = 0; n < 2; n += 1) {
      const server = await startHttps(always(reply(SUCCESS)));
      await send(open(server.url, { proxy: { https: proxy.url, no: '' } }));
      expect(server.requests[0]?.headers).toContain(`host: 127.0.0.1:${server.port}`);
    }
    const plain = await startHttp(always(reply(SUCCESS)));
    await send(open(plain.url));
    expect(plain.requests[0]?.headers).toContain(`host: 127.0.0.1:${plain.port}`);
  });

  test('needs no scheme, and gets the name and password that stand in its address', async () => {
    const server = await startHttps(always(reply(SUCCESS)));
    const proxy = await startProxy();
    const address = proxy.url.replace('http://', 'me:p%40ss@');
    expect((await send(open(server.url, { proxy: { https: address, no: '' } }))).reply.kind).toBe('answer');
    expect(proxy.tunnels[0]?.headers).toContain(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    expect(server.requests[0]?.headers.join()).not.toMatch(/Basic|proxy/i);
  });

  test.each(['127.0.0.1', '*', 'example.com, 127.0.0.1:PORT', '127.0.0.0/8'])(
    'is not used for what NO_PROXY names: %s',
    async (no) => {
      const server = await startHttps(always(reply(SUCCESS)));
      const proxy = await startProxy();
      const endpoint = open(server.url, { proxy: { https: proxy.url, no: no.replace('PORT', String(server.port)) } });
      expect((await send(endpoint)).reply.kind).toBe('answer');
      expect(proxy.counts.connections).toBe(0);
    },
  );

  test.each(['example.com', '127.0.0.1:1', '', '0.0.1', '10.0.0.0/8'])(
    'is used for what NO_PROXY does not name: "%s"',
    async (no) => {
      const server = await startHttps(always(reply(SUCCESS)));
      const proxy = await startProxy();
      expect((await send(open(server.url, { proxy: { https: proxy.url, no } }))).reply.kind).toBe('answer');
      expect(proxy.tunnels).toHaveLength(1);
    },
  );

  test('that is not there, or refuses, leaves the request unsent', async () => {
    const server = await startHttps(always(reply(SUCCESS)));
    const refusing = await startProxy(() => 'HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n');
    const gone = await startProxy();
    await closers.pop()?.();
    for (const proxy of [refusing, gone]) {
      const attempt = await send(open(server.url, { proxy: { https: proxy.url, no: '' } }));
      expect(attempt).toMatchObject({ sentAt: undefined, reply: { kind: 'unsent' } });
    }
    expect(server.counts.connections).toBe(0);
  });

  test('that says nothing leaves the request unsent at its deadline, and is let go of at the end', async () => {
    const server = await startHttps(always(reply(SUCCESS)));
    const proxy = await startProxy(() => '');
    const endpoint = open(server.url, { proxy: { https: proxy.url, no: '' } });
    const attempt = send(endpoint);
    await expect.poll(() => proxy.tunnels.length).toBe(1);
    clock.ring();
    expect(await attempt).toMatchObject({ sentAt: undefined, reply: { kind: 'unsent' } });
    await endpoint.close();
    await expect.poll(() => proxy.counts.open).toBe(0);
  });

  test('that said nothing once does not hold the place of those who come later', async () => {
    const server = await startHttps(always(reply(SUCCESS)));
    const proxy = await startProxy((number) => (number === 1 ? '' : ESTABLISHED));
    const endpoint = open(server.url, { concurrency: 1, timeoutMs: 500, proxy: { https: proxy.url, no: '' } });
    const first = send(endpoint);
    await expect.poll(() => proxy.tunnels.length).toBe(1);
    clock.ring();
    expect((await first).reply.kind).toBe('unsent');
    // The next one still waits behind the silent tunnel, and ends with it.
    await send(endpoint);
    expect((await send(endpoint)).reply.kind).toBe('answer');
  });

  test('that lets the server’s certificate be seen through changes nothing in what is trusted', async () => {
    const server = await startHttps(always(reply(SUCCESS)));
    const proxy = await startProxy();
    const tls = { ca: [(await makeCertificate(['x'])).cert], cert: undefined, key: undefined };
    const attempt = await send(open(server.url, { tls, proxy: { https: proxy.url, no: '' } }));
    expect(attempt).toMatchObject({ sentAt: undefined, reply: { kind: 'unsent' } });
    expect(server.requests).toEqual([]);
  });

  test.each(['socks5://me:secret@localhost:1080', 'ftp://localhost', 'http://', 'http://me:secret@host:port'])(
    'whose address is none (%s) is wrong usage, and the address is not shown',
    (https) => {
      const make = () => open('https://localhost', { proxy: { https, no: '' } });
      expect(make).toThrow(new UsageError(['HTTPS_PROXY is no address of a proxy: write http://host:port']));
    },
  );
});
