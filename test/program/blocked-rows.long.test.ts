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

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

/** Registers all, but for the users that it is told to block with a status; with whom it was asked for. */
async function serve(blocked: Map<string, number | number[] | Answer>) {
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
      if (typeof said === 'object' && 'body' in said) {
        return response.writeHead(said.status, said.headers).end(said.body);
      }
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

const HTML = { 'content-type': 'text/html' };
const OTHERS: readonly [string, Answer, shown: string][] = [
  ...[404, 500, 501, 503].map((status): [string, Answer, string] => [
    `a page with ${status}`,
    { status, headers: HTML, body: PAGE },
    `HTTP status ${status} (text/html, "Request Rejected", support ID 8123456789)`,
  ]),
  ['a redirect', { status: 302, headers: { location: '/blocked' }, body: '' }, 'HTTP status 302'],
  ['a page without a type', { status: 200, body: PAGE }, 'HTTP status 200 ("Request Rejected", support ID 8123456789)'],
  [
    'a text',
    { status: 200, headers: { 'content-type': 'text/plain' }, body: 'Blocked. Incident ID: ABC-99887' },
    'HTTP status 200 (text/plain, Incident ID ABC-99887)',
  ],
  [
    'JSON of a filter',
    {
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: '{"error":"blocked","supportId":"ABC-99887","title":"Request Rejected"}',
    },
    'HTTP status 400 (application/json, "Request Rejected", supportId ABC-99887)',
  ],
];

describe.each(OTHERS)('a row that is blocked by %s, others being answered', (_, answer, shown) => {
  it('is for a person from the second run on, in which it leads', async () => {
    writeUsers(20);
    const { url, asked } = await serve(new Map([['u3', answer]]));
    const first = await run(url, '--concurrency', '2');
    expect(first.exitCode).toBe(3);
    expect(first.rowOf('u3')).toMatchObject({ outcome: 'unknown', retry: 'yes', attempts: '4' });
    expect(first.rowOf('u3')['detail']).toContain(`${shown} for this row, while others are answered`);
    expect(first.outcomes.filter((outcome) => outcome === 'registered')).toHaveLength(19);
    asked.length = 0;
    for (const attempts of ['5', '6']) {
      const again = await run(url);
      expect(again.exitCode).toBe(1);
      expect(again.rowOf('u3')).toMatchObject({ outcome: 'unknown', retry: 'fix', attempts });
    }
    expect(asked).toEqual(['u3', 'u3']);
  });
});

const STRANGERS: readonly [string, Answer][] = [
  ['a page', { status: 200, headers: HTML, body: PAGE }],
  ['431', { status: 431, body: '' }],
];

describe.each(STRANGERS)('a row that is blocked by %s as it leads', (_, answer) => {
  it('stops the run once; from then on others lead, and it is for a person when it is blocked twice more', async () => {
    writeUsers(10);
    const { url, asked } = await serve(new Map([['u0', answer]]));
    const first = await run(url);
    expect([first.exitCode, asked]).toEqual([6, ['u0']]);
    expect(first.stdout).toContain('or what stands before it blocks this row');
    expect(first.rowOf('u0')).toMatchObject({ outcome: 'unavailable', retry: 'yes', attempts: '1' });

    asked.length = 0;
    const second = await run(url);
    expect([second.exitCode, asked[0]]).toEqual([3, 'u1']);
    expect(second.outcomes.filter((outcome) => outcome === 'registered')).toHaveLength(9);
    expect(second.rowOf('u0')).toMatchObject({ outcome: 'unknown', retry: 'yes', attempts: '5' });

    const third = await run(url);
    expect(third.exitCode).toBe(1);
    expect(third.rowOf('u0')).toMatchObject({ outcome: 'unknown', retry: 'fix', attempts: '6' });
  });
});

it('one send goes out in each run, where rows that were blocked are all that is left and nobody was ever answered', async () => {
  writeUsers(2);
  const page = { status: 200, headers: HTML, body: PAGE };
  const { url, asked } = await serve(new Map(['u0', 'u1'].map((user) => [user, page])));
  for (let runs = 1; runs <= 4; runs += 1) expect([(await run(url)).exitCode, asked.length]).toEqual([6, runs]);
});

it('a filter that says another status in the next run is the same filter', async () => {
  writeUsers(20);
  const blocked = new Map([['u3', 413]]);
  const { url } = await serve(blocked);
  expect((await run(url)).exitCode).toBe(3);
  for (const status of [400, 413, 431]) {
    blocked.set('u3', status);
    const again = await run(url);
    expect(again.exitCode).toBe(1);
    expect(again.rowOf('u3')).toMatchObject({ outcome: 'unknown', retry: 'fix', http_status: String(status) });
  }
});

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
