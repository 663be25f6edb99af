import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ping, pingProblem } from '../../src/monitor/ping.js';
import type { Clock } from '../../src/core/clock.js';
import { systemClock } from '../../src/core/system-clock.js';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** Answers with these statuses, the last of them again and again; 0 answers nothing and hangs up. */
async function serve(...statuses: readonly number[]) {
  const seen: { readonly line: string; readonly body: string }[] = [];
  const listening = (server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const status = statuses[Math.min(seen.length, statuses.length - 1)] ?? 200;
      seen.push({ line: `${request.method} ${request.url}`, body });
      if (status === 0) request.socket.destroy();
      else response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1'));
  await once(listening, 'listening');
  return { seen, url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/secret-token` };
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
    const { seen, url } = await serve(200);
    expect(await ping(url, { word: 'start', body: '' }, world())).toBeUndefined();
    expect(await ping(`${url}/?create=1`, { word: '3', body: 'report' }, world())).toBeUndefined();
    expect(seen).toEqual([
      { line: 'POST /secret-token/start', body: '' },
      { line: 'POST /secret-token/3?create=1', body: 'report' },
    ]);
  });

  it('is tried twice', async () => {
    const { seen, url } = await serve(503, 200);
    expect(await ping(url, { word: '0', body: '' }, world())).toBeUndefined();
    expect(seen).toHaveLength(2);
  });

  it.each([
    [404, 'HTTP status 404'],
    [302, 'HTTP status 302'],
    [0, 'UND_ERR_SOCKET'],
  ])('says why it failed, and nothing of the address: %i', async (status, problem) => {
    const { url } = await serve(status);
    expect(await ping(url, { word: '0', body: '' }, world())).toBe(problem);
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
