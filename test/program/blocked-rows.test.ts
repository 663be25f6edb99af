/** What stands before a server blocks single rows: they end in doubt, and for a person; each with a server of its own. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GIVEN, SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';

const PAGE =
  '<html><head><title>Request Rejected</title></head><body>The requested URL was rejected.<br>Your support ID is: 8123456789<br></body></html>';

let lab: Lab;
const closers: (() => unknown)[] = [];
beforeEach(() => {
  lab = new Lab();
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  lab.remove();
});

/** Registers all, but for the users that it is told to block with a status; with whom it was asked for. */
async function serve(blocked: Map<string, number | number[]>) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.url?.includes('/sessioncheck/')) return response.end('{"code":"0"}');
      if (request.method === 'GET') return response.writeHead(405).end();
      if (request.url?.includes('/user/auth/list/')) return response.writeHead(501).end();
      // Its sender is our own client.
      const { username } = JSON.parse(body) as { username: string };
      asked.push(username);
      const said = blocked.get(username);
      const status = Array.isArray(said) ? said.shift() : said;
      if (status !== undefined) return response.writeHead(status, { 'content-type': 'text/html' }).end(PAGE);
      const object = JSON.stringify({ key: `KEY-${username}` });
      return response.end(JSON.stringify({ code: '0', message: 'Success', object }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function run(url: string, ...words: readonly string[]) {
  const input = lab.path('users.csv');
  const env = { ...GIVEN, CENTAGATE_SERVER: url, CENTAGATE_ADMIN: SESSION.admin };
  const ended = await runProgram(['run', input, ...words], env);
  const rows: Record<string, string>[] = parse(readFileSync(lab.path('users.results.csv')), { columns: true });
  const rowOf = (user: string) => rows.find(({ username }) => username === user) ?? {};
  return { ...ended, rowOf, outcomes: rows.map(({ outcome }) => outcome) };
}

function writeUsers(count: number): void {
  const users = Array.from({ length: count }, (_, at) => `u${at},otp`);
  lab.file('users.csv', ['username,token_type', ...users].join('\n'));
}

describe.each([400, 413, 414, 431, 200])(
  'a row that is blocked with HTTP status %i, others being answered',
  (status) => {
    // One in the midst, and the last.
    it.each([7, 19])('is for a person from the second run on: u%i', async (at) => {
      writeUsers(20);
      const blocked = new Map([[`u${at}`, status]]);
      const { url, asked } = await serve(blocked);
      const first = await run(url, '--concurrency', '2');
      expect(first.exitCode).toBe(3);
      const row = first.rowOf(`u${at}`);
      expect(row).toMatchObject({ outcome: 'unknown', retry: 'yes', http_status: String(status), attempts: '4' });
      expect(row['detail']).toContain('(text/html, "Request Rejected", support ID 8123456789) for this row');
      expect(first.outcomes.filter((outcome) => outcome === 'registered')).toHaveLength(19);

      for (const attempts of ['5', '6']) {
        asked.length = 0;
        const again = await run(url);
        expect(again.exitCode).toBe(1);
        expect(again.rowOf(`u${at}`)).toMatchObject({ outcome: 'unknown', retry: 'fix', attempts });
        expect(again.rowOf(`u${at}`)['detail']).toContain('support ID 8123456789) for this row');
        expect(again.stdout).toMatch(/unknown +│ +1 │ fix/);
        expect(asked).toEqual([`u${at}`]);
      }
      const scheduled = await run(url, '--only', 'yes');
      expect([scheduled.exitCode, asked.length]).toEqual([1, 1]);

      blocked.clear();
      const mended = await run(url);
      expect(mended.exitCode).toBe(0);
      expect(mended.rowOf(`u${at}`)).toMatchObject({ outcome: 'registered', retry: 'no' });
    });
  },
);

it('several rows that are blocked end together, and a new one is registered with them', async () => {
  writeUsers(20);
  const blocked = new Map(['u0', 'u3', 'u4', 'u17'].map((user) => [user, 400]));
  const { url, asked } = await serve(blocked);
  // The first row leads: what it meets says nothing of itself.
  blocked.delete('u0');
  expect((await run(url)).exitCode).toBe(3);
  writeUsers(21);
  asked.length = 0;
  const again = await run(url);
  expect(again.exitCode).toBe(1);
  expect(again.outcomes.filter((outcome) => outcome === 'unknown')).toHaveLength(3);
  expect(again.rowOf('u20')['outcome']).toBe('registered');
  expect(asked.toSorted()).toEqual(['u17', 'u20', 'u3', 'u4']);
});

it('where a filter may speak for the server, its no ends no doubt', async () => {
  writeUsers(4);
  const { url } = await serve(
    new Map<string, number | number[]>([
      ['u1', 403],
      ['u2', [500, 403]],
    ]),
  );
  const ended = await run(url);
  expect(ended.exitCode).toBe(1);
  expect(ended.rowOf('u1')).toMatchObject({ outcome: 'refused', retry: 'fix' });
  expect(ended.rowOf('u2')).toMatchObject({ outcome: 'unknown', retry: 'fix', attempts: '2' });
  for (const user of ['u1', 'u2']) {
    expect(ended.rowOf(user)['detail']).toContain(
      'HTTP status 403 (text/html, "Request Rejected", support ID 8123456789)',
    );
  }
});
