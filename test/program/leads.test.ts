/** The row that leads finds out what is there: what is no CENTAGATE sees our credential once. Each with a server of its own. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, GIVEN, SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';

const NOT_ALLOWED = 'HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n';

let lab: Lab;
const closers: (() => void)[] = [];
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
  lab.remove();
});

function reply(status: string, body = '', type?: string): string {
  const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${Buffer.byteLength(body)}`];
  return [...lines, ...(type === undefined ? [] : [`Content-Type: ${type}`]), '', body].join('\r\n');
}

interface Served {
  readonly url: string;
  /** The first line of each request that came with a body. */
  readonly asked: string[];
}

/** Answers a request with a body by its number, from 1, and a look as told. */
async function serve(answer: (number: number) => string, look = NOT_ALLOWED): Promise<Served> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      const [line = ''] = bytes.toString('latin1').split('\r\n', 1);
      if (/^P(?:U|OS)T /.test(line)) asked.push(line);
      socket.write(line.startsWith('GET ') ? look : answer(asked.length), 'latin1');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function run(url: string, env: Readonly<Record<string, string>> = GIVEN) {
  const users = Array.from({ length: 30 }, (_, at) => `u${at},otp`);
  const input = lab.file('users.csv', ['username,token_type', ...users].join('\n'));
  const settings = { CENTAGATE_SERVER: url, CENTAGATE_ADMIN: SESSION.admin };
  const ended = await runProgram(['run', input, '--max-outage', '2'], { ...env, ...settings });
  const rows: Record<string, string>[] = parse(readFileSync(lab.path('users.results.csv')), { columns: true });
  return { ...ended, rows, outcomes: rows.map(({ outcome }) => outcome) };
}

const CODE = '{"code":"0","message":"Success","object":"{\\"key\\":\\"K1\\"}"}';

/** What is no reply: whether something took the row from it, nobody knows. */
const STRANGE: readonly [string, reply: string][] = [
  ['SSH', 'SSH-2.0-OpenSSH_9.2p1\r\n'],
  ['SMTP', '220 mail.example ESMTP\r\n'],
  ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  ['a switch of protocols to nothing', 'HTTP/1.1 101 X\r\n\r\n'],
  ['HTTP/2.0', reply('200 OK', CODE).replace('1.1', '2.0')],
  ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['a coding', `HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n${CODE}`],
  ['two lengths', `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 44\r\n\r\n${CODE}`],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;x\r\n'],
];

const PAGE = '<html><head><title>Sign in</title></head><body>Who are you?</body></html>';
const PAGES: readonly [string, reply: string, outcome: string][] = [
  ['a page with 200', reply('200 OK', PAGE, 'text/html'), 'unavailable'],
  ['a page of more than 1 MiB', reply('200 OK', PAGE + 'x'.repeat(1_100_000), 'text/html'), 'unavailable'],
  ['more than 1 MiB of JSON', reply('200 OK', JSON.stringify({ code: '0', object: 'x'.repeat(1_100_000) })), 'unknown'],
  ['a page with 201', reply('201 Created', PAGE, 'text/html'), 'unknown'],
  ['a code with 202', reply('202 Accepted', CODE), 'unknown'],
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', 'unknown'],
  ['302', reply('302 Found'), 'unavailable'],
  ['404', reply('404 Not Found'), 'unavailable'],
  ['a page with 408', reply('408 Request Timeout', PAGE, 'text/html'), 'unavailable'],
];

describe('anything but a return code, to the row that leads', () => {
  it.each(PAGES)('stops the run at once: %s', async (_, page, outcome) => {
    const { url, asked } = await serve(() => page);
    const ended = await run(url);
    expect([ended.exitCode, asked.length]).toEqual([6, 1]);
    expect(ended.stdout).toMatch(/Stopped early: HTTP status .+This is no CENTAGATE web API/s);
    if (page.includes(PAGE)) expect(ended.stdout).toContain('(text/html, "Sign in")');
    expect(ended.outcomes).toEqual([outcome, ...Array<string>(29).fill('not_sent')]);
    expect(ended.rows[0]).toMatchObject({ retry: 'yes', attempts: '1' });
  });

  it.each([
    ['nothing', reply('200 OK')],
    ['503', reply('503 Service Unavailable')],
    ['408', reply('408 Request Timeout')],
  ])('but what may heal is tried again: %s', async (_, first) => {
    const { url, asked } = await serve((number) => (number === 1 ? first : reply('200 OK', CODE)));
    expect([(await run(url)).exitCode, asked.length]).toEqual([0, 31]);
  });
});

describe('what speaks no HTTP that we know, to the row that leads', () => {
  it.each(STRANGE)('stops the run at once: %s', async (_, strange) => {
    const { url, asked } = await serve(() => strange);
    const ended = await run(url);
    expect([ended.exitCode, asked.length]).toEqual([6, 1]);
    expect(ended.stdout).toMatch(/Stopped early: the .+This is no CENTAGATE web API/s);
    expect(ended.outcomes).toEqual(['unknown', ...Array<string>(29).fill('not_sent')]);
    expect(ended.rows[0]).toMatchObject({ retry: 'yes', attempts: '1' });
  });

  it('stops it so where a look gets the same', async () => {
    const { url, asked } = await serve(() => 'SSH-2.0-OpenSSH_9.2p1\r\n', 'SSH-2.0-OpenSSH_9.2p1\r\n');
    expect([(await run(url)).exitCode, asked.length]).toEqual([6, 1]);
  });

  it('stops a login, which is made once', async () => {
    const { url, asked } = await serve(() => '220 mail.example ESMTP\r\n');
    const ended = await run(url, ACCOUNT);
    expect([ended.exitCode, asked.length]).toEqual([6, 1]);
    expect(ended.stdout).toContain('the administrator could not log in: the reply is no HTTP. Check --server');
  });

  it('is no word on the server once a row was answered with a return code: the others are tried again', async () => {
    const { url } = await serve((number) => (number === 2 ? 'SSH-2.0-OpenSSH_9.2p1\r\n' : reply('200 OK', CODE)));
    const ended = await run(url);
    expect(ended.exitCode).toBe(0);
    expect(new Set(ended.outcomes)).toEqual(new Set(['registered']));
  });
});
