/** Keys that don't come as they are documented: none is dropped and none altered, whatever its shape and its bytes. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GIVEN, SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { PROGRAM, runProgram } from '../support/program.js';

/** What the `object` of a reply is, in bytes, and what of it is taken for the key. */
const SHAPES: readonly { readonly object: string | Buffer; readonly key: string; readonly isOdd?: true }[] = [
  { object: '"{\\"key\\":\\"PLAIN-1\\"}"', key: 'PLAIN-1' },
  { object: '{"key":"PLAIN-2","serial":"S1"}', key: 'PLAIN-2' },
  { object: '{"Key":"ODD-1"}', key: 'ODD-1', isOdd: true },
  { object: '{"token":{"key":"ODD-2"}}', key: 'ODD-2', isOdd: true },
  { object: '{"key":["ODD-3"]}', key: 'ODD-3', isOdd: true },
  { object: '"{\\"activationKey\\":\\"ODD-4\\"}"', key: 'ODD-4', isOdd: true },
  { object: '{"key":90071992547409931234}', key: '90071992547409931234' },
  { object: '{"Key":90071992547409931234}', key: '90071992547409931234', isOdd: true },
  { object: Buffer.from('{"key":"B\xc3\x28\xff"}', 'latin1'), key: 'QsMo/w==', isOdd: true },
  { object: '{"key":"L\\udc00S"}', key: '"L\\udc00S"', isOdd: true },
  { object: '{\r\n "Key": "ODD-5"\r\n}', key: 'ODD-5', isOdd: true },
  { object: '{"key":"ODD-6","key":"ODD-7"}', key: 'ODD-7', isOdd: true },
  { object: '{"key":0}', key: '0', isOdd: true },
  { object: '{"qr":"otpauth://totp/ann?secret=ABC"}', key: 'otpauth://totp/ann?secret=ABC', isOdd: true },
];

let lab: Lab;
const closers: (() => unknown)[] = [];
beforeEach(() => {
  lab = new Lab();
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  lab.remove();
});

/** Gives each user's first send the object of its number, and each other send 29008. */
async function serve(objects: readonly (string | Buffer)[], code = '"0"'): Promise<string> {
  const known = new Set<string>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.method === 'GET') return response.writeHead(405).end();
      if (request.url?.includes('/user/auth/list/')) return response.writeHead(501).end();
      // Its sender is our own client.
      const { username, cenToken } = JSON.parse(body) as { username: string; cenToken: string };
      if (known.has(username)) return response.end('{"code":"29008","message":"there"}');
      known.add(username);
      const object = objects[Number(username.slice(1)) % objects.length] ?? '""';
      const text = Buffer.from(object).toString('latin1').replace('THE-TOKEN', cenToken);
      return response.end(Buffer.from(`{"code":${code},"message":"Success","object":${text}}`, 'latin1'));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function run(url: string, count: number) {
  const users = Array.from({ length: count }, (_, at) => `u${at},otp`);
  const input = lab.file('users.csv', ['username,token_type', ...users].join('\n'));
  const ended = await runProgram(['run', input], { ...GIVEN, CENTAGATE_SERVER: url, CENTAGATE_ADMIN: SESSION.admin });
  return { ...ended, rows: read('users.results.csv'), keys: read('users.keys.csv') };
}

function read(name: string): Record<string, string>[] {
  return parse(readFileSync(lab.path(name)), { columns: true });
}

it('each key is in the keys file with all that came, which comes back to the byte', async () => {
  const count = SHAPES.length * 20;
  const { exitCode, rows, keys } = await run(await serve(SHAPES.map(({ object }) => object)), count);
  expect(exitCode).toBe(0);
  expect(keys).toHaveLength(count);
  for (const { username = '', key, written = '', object = '' } of keys) {
    const shape = SHAPES[Number(username.slice(1)) % SHAPES.length];
    expect([username, key]).toEqual([username, shape?.key]);
    const bytes = Buffer.from(object, written.includes('object in base64') ? 'base64' : 'utf8');
    if (object !== '') expect(bytes).toEqual(Buffer.from(shape?.object ?? ''));
    else expect([written, shape?.isOdd]).toEqual(['', undefined]);
    const row = rows.find((found) => found['username'] === username);
    expect(row).toMatchObject({ outcome: 'registered', retry: 'no' });
    expect(row?.['detail'] !== '').toBe(shape?.isOdd === true);
  }
});

it.each(['{"Key":"ODD-1"}', '"ODD-1"', '901', '"T0RELTE="', '{"key":"A","key":"ODD-1"}', '{"key":0}'])(
  'the first odd one is warned of, and no other: %s',
  async (object) => {
    const url = await serve([object]);
    const input = lab.file('users.csv', 'username,token_type\nu0,otp\nu1,otp\nu2,otp\n');
    const env = { ...GIVEN, CENTAGATE_SERVER: url, CENTAGATE_ADMIN: SESSION.admin };
    const { stderr } = await promisify(execFile)(process.execPath, [PROGRAM, 'run', input], { env });
    expect(stderr.match(/the key of u0 came in another shape than documented/g)).toHaveLength(1);
    expect(stderr).not.toMatch(/ODD-1|901|T0RE|the key of u[12]/);
  },
);

it('what does not look like a key is kept, its row is for a person, and a key that is put in its place settles it', async () => {
  const url = await serve(['{"x":"ODD-6"}']);
  const { exitCode, rows, keys } = await run(url, 1);
  expect(exitCode).toBe(1);
  expect(rows[0]).toMatchObject({ outcome: 'key_lost', retry: 'fix' });
  expect(rows[0]?.['detail']).toContain('Look there before you unregister the token');
  expect(keys[0]).toMatchObject({ username: 'u0', key: '', written: 'object as JSON', object: '{"x":"ODD-6"}' });
  expect((await run(url, 1)).rows[0]).toMatchObject({ outcome: 'key_lost', retry: 'fix', return_code: '29008' });

  const text = readFileSync(lab.path('users.keys.csv'), 'utf8').replace(
    /(u0),,[^,]*/,
    '$1,ODD-6,2099-01-01T00:00:00.000Z',
  );
  writeFileSync(lab.path('users.keys.csv'), text);
  expect((await run(url, 1)).rows[0]).toMatchObject({ outcome: 'registered', retry: 'no' });
});

it('our own credential, sent back with a key, does not come into the file: the key does', async () => {
  const { exitCode, keys } = await run(await serve(['{"Key":"ODD-7","sent":"THE-TOKEN"}']), 1);
  expect(exitCode).toBe(0);
  expect(keys[0]).toMatchObject({ key: 'ODD-7', written: 'object left out: it quotes a secret', object: '' });
});

it('a key that comes with no return code is kept, and its row is never called registered', async () => {
  const url = await serve(['"{\\"key\\":\\"UNCLAIMED\\"}"'], '"0\\u200b"');
  const { rows } = await run(url, 1);
  expect(rows[0]).toMatchObject({ outcome: 'unknown' });
  const { rows: after, keys } = await run(url, 1);
  expect(after[0]).toMatchObject({ outcome: 'key_lost', retry: 'fix' });
  expect(keys).toMatchObject([
    { username: 'u0', key: 'UNCLAIMED', registered_at: expect.stringMatching(/^20/) as string },
    { username: 'u0', key: 'UNCLAIMED', registered_at: expect.stringMatching(/^taken back 20/) as string },
  ]);
});
