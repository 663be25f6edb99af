import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ping, pingProblem } from '../../src/monitor/ping.js';
import type { Clock } from '../../src/core/clock.js';
import { systemClock } from '../../src/core/system-clock.js';
import { makeCertificate } from '../../src/simulator/make-certificate.js';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** @returns the port */
async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Answers with these statuses, the last of them again and again; 0 answers nothing and hangs up. */
async function serve(statuses: readonly number[], tls?: { readonly key: string; readonly cert: string }) {
  const seen: { readonly line: string; readonly body: string }[] = [];
  const answer: RequestListener = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const status = statuses[Math.min(seen.length, statuses.length - 1)] ?? 200;
      seen.push({ line: `${request.method} ${request.url}`, body });
      if (status === 0) request.socket.destroy();
      else response.writeHead(status).end();
    });
  };
  const port = await listen(tls === undefined ? createServer(answer) : createSecureServer(tls, answer));
  return { seen, port, url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/secret-token` };
}

/** Makes tunnels to wherever it is asked, to this port, and notes what it was asked. */
async function startProxy(to: number, ...allowed: readonly string[]) {
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket: Socket) => {
    asked.push(request.url ?? '');
    socket.on('error', () => undefined);
    if (allowed.length > 0 && !allowed.includes(request.headers['proxy-authorization'] ?? '')) {
      socket.end('HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const onward = connect(to, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    closers.push(() => onward.destroy());
  });
  return { asked, name: `127.0.0.1:${await listen(proxy)}` };
}

/** Nobody waits between two tries, nor is anything cut off: a machine may be busy. */
const clock: Clock = {
  ...systemClock,
  after: (delayMs, ring) => (delayMs <= 1000 ? systemClock.after(0, ring) : () => undefined),
};
const world = () => ({ clock, env: {}, ca: [] });

describe('a ping', () => {
  it('only says so when there is no way to open: nothing is thrown, and no password of a proxy is repeated', async () => {
    const env = { HTTPS_PROXY: 'http://user:hunter2@[nowhere' };
    const problem = await ping('https://127.0.0.1:1/abc', { word: 'start', body: '' }, { ...world(), env });
    expect(problem).toContain("the way there can't be opened");
    expect(problem).not.toContain('hunter2');
  });

  it('tells by the end of the address what it is about', async () => {
    const { seen, url } = await serve([200]);
    expect(await ping(url, { word: 'start', body: '' }, world())).toBeUndefined();
    expect(await ping(`${url}/?create=1`, { word: '3', body: 'report' }, world())).toBeUndefined();
    expect(seen).toEqual([
      { line: 'POST /secret-token/start', body: '' },
      { line: 'POST /secret-token/3?create=1', body: 'report' },
    ]);
  });

  it('is tried twice', async () => {
    const { seen, url } = await serve([503, 200]);
    expect(await ping(url, { word: '0', body: '' }, world())).toBeUndefined();
    expect(seen).toHaveLength(2);
  });

  it.each([
    [404, 'HTTP status 404'],
    [302, 'HTTP status 302'],
    [0, 'UND_ERR_SOCKET'],
  ])('says why it failed, and nothing of the address: %i', async (status, problem) => {
    const { url } = await serve([status]);
    expect(await ping(url, { word: '0', body: '' }, world())).toBe(problem);
  });
});

describe('a ping over https', () => {
  const start = { word: 'start', body: '' };
  const sees = [{ line: 'POST /secret-token/start', body: '' }];

  it('trusts the authorities that it is given, and no others beside the usual ones', async () => {
    const tls = await makeCertificate(['127.0.0.1']);
    const { seen, url } = await serve([200], tls);
    expect(await ping(url, start, world())).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(seen).toEqual([]);
    expect(await ping(url, start, { ...world(), ca: [tls.cert] })).toBeUndefined();
    expect(seen).toEqual(sees);
  });

  it('goes through the proxy of HTTPS_PROXY to a name that only that one knows, and trusts as before', async () => {
    const tls = await makeCertificate(['monitor.example']);
    const { seen, port } = await serve([200], tls);
    const proxy = await startProxy(port, `Basic ${Buffer.from('me:pr0xy').toString('base64')}`);
    const env = { HTTPS_PROXY: `http://me:pr0xy@${proxy.name}` };
    const url = 'https://monitor.example/secret-token';
    expect(await ping(url, start, { ...world(), env, ca: [tls.cert] })).toBeUndefined();
    expect([proxy.asked, seen]).toEqual([['monitor.example:443'], sees]);
    expect(await ping(url, start, { ...world(), env })).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    const wrong = { HTTPS_PROXY: `http://me:wr0ng@${proxy.name}` };
    const problem = await ping(url, start, { ...world(), env: wrong, ca: [tls.cert] });
    expect(problem).toBeDefined();
    expect(problem).not.toMatch(/wr0ng|secret-token/);
    expect(seen).toEqual(sees);
  });

  it('goes past the proxy where NO_PROXY says so', async () => {
    const tls = await makeCertificate(['127.0.0.1']);
    const { seen, port, url } = await serve([200], tls);
    const proxy = await startProxy(port);
    const env = { HTTPS_PROXY: `http://${proxy.name}`, NO_PROXY: '127.0.0.1' };
    expect(await ping(url, start, { ...world(), env, ca: [tls.cert] })).toBeUndefined();
    expect([proxy.asked, seen]).toEqual([[], sees]);
  });
});

it('goes to no address that others on the way could read', () => {
  expect(pingProblem('https://hc.example/abc')).toBeUndefined();
  expect(pingProblem('http://127.0.0.1:8000/abc')).toBeUndefined();
  expect(pingProblem('http://hc.example/abc')).toMatch(/needs https:\/\//);
  expect(pingProblem('hc.example/abc')).toMatch(/holds no address/);
  for (const address of ['http://hc.example/abc', 'hc.example/abc'])
    expect(pingProblem(address)).not.toContain('hc.example');
});
