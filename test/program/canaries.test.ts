/** Secrets that are planted, and servers that give them back: they come to stand in no byte but those of the keys file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENCODERS } from '../support/encoders.js';
import { Lab } from '../support/lab.js';
import { PROGRAM, runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { every } from '../support/suite.js';

const ACCOUNT = { password: 'Zq7!Kp/wü2-Vx', integrationKey: 'jW4tRb9cMz1h', integrationSecret: 'nX8+vLd3Gs=yT5f0' };
const SESSION = { authToken: 'pB6kHc2qWm9rJt4x', secretCode: 'dN3zFy7sLv8gQe1k' };
const KEY = 'XJ4K-9QWZ-TR2M-7VBN';
/** All but the cenToken, which is made of them. */
const SECRETS = { ...ACCOUNT, ...SESSION };
const LOGIN_ENV = {
  CENTAGATE_PASSWORD: ACCOUNT.password,
  CENTAGATE_INTEGRATION_KEY: ACCOUNT.integrationKey,
  CENTAGATE_INTEGRATION_SECRET: ACCOUNT.integrationSecret,
};
const GIVEN_ENV = { CENTAGATE_AUTH_TOKEN: SESSION.authToken, CENTAGATE_SECRET_CODE: SESSION.secretCode };

/** What came of one request. */
interface Said {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}
type Answer = (asked: Readonly<Record<string, string>>) => Said;

let lab: Lab;
let server: Server;
beforeEach(() => (lab = new Lab()));
afterEach(() => {
  server.closeAllConnections();
  server.close();
  lab.remove();
});

const spellings = Object.entries(ENCODERS);

describe('a server that quotes our secrets', () => {
  it('in a row, in whatever spelling, gets them into no file but the keys, no log and no terminal', async () => {
    const cenTokens = new Set<string>();
    const rows = spellings.flatMap(([, encode]) => [
      ...Object.values(SECRETS).map((secret) => () => refusal(`no: ${encode(secret)}`)),
      () => refusal(`no: ${encode([...cenTokens][0] ?? '')}`),
      () => ({ body: answer('0', `is ${encode(KEY)}`, { key: KEY }) }),
      () => ({ body: answer(encode(SECRETS.password), '') }),
    ]);
    await serve(({ username = '', cenToken = '' }) => {
      if (cenToken !== '') cenTokens.add(cenToken);
      return rows[Number(username.slice(1))]?.() ?? refusal('');
    });
    lab.file('users.csv', users(rows.length));
    const ended = await runChild('--json', '--max-failures', '100%');
    // What is no word is no code, and its row in doubt.
    expect(ended.exitCode).toBe(3);
    expect(column('outcome').filter((outcome) => outcome === 'registered')).toHaveLength(spellings.length);
    expect(column('message').filter((message) => message === 'no: [secret]').length).toBeGreaterThan(5);
    expect(readFileSync(lab.path('users.keys.csv'), 'utf8').split(KEY)).toHaveLength(spellings.length + 1);
    expectNone([ended.stdout, ended.stderr, ...filesButKeys()], [...Object.values(SECRETS), KEY, ...cenTokens]);
    expect(cenTokens.size).toBe(1);
  });

  it.each(every(4, spellings))('at the login, as %s, gets them nowhere', async (_, encode) => {
    for (const secret of Object.values(ACCOUNT)) {
      await serve(({ password }) => (password === undefined ? refusal('') : refusal(`no: ${encode(secret)}`, '23001')));
      lab.file('users.csv', users(1));
      const ended = await run(LOGIN_ENV, '--fresh');
      expect(ended.exitCode).toBe(6);
      expectNone([ended.stdout, ended.stderr, ...filesButKeys()], Object.values(ACCOUNT));
      server.close();
    }
  });

  it.each(every(6, spellings))(
    'in the title of a page or the type of its content, as %s, gets them nowhere',
    async (_, encode) => {
      for (const secret of Object.values(SECRETS)) {
        const type = `text/html-${encode(secret).replaceAll(/[^ -~]/g, '?')}`;
        const body = `<html><title>no: ${encode(secret)}</title>`;
        const headers = { 'content-type': type };
        await serve(() => ({ status: 404, headers, body }));
        lab.file('users.csv', users(1));
        const ended = await run({ ...GIVEN_ENV, ...LOGIN_ENV }, '--fresh', '--no-preflight');
        expect(ended.exitCode).toBe(6);
        expectNone([ended.stdout, ended.stderr, ...filesButKeys()], Object.values(SECRETS));
        server.close();
      }
    },
  );
});

describe('a server that quotes the key of another row', () => {
  const QUOTES = spellings.flatMap(([, encode]): readonly Said[] => [
    refusal(`no: ${encode(KEY)}`),
    { status: 400, headers: { 'content-type': 'text/html' }, body: `<title>no: ${encode(KEY)}</title>` },
  ]);

  it('gets it into no file but the keys, no log and no terminal', async () => {
    let journal = '';
    await serve(({ password, username = '' }) => {
      if (password !== undefined) return refusal('');
      if (username === 'u0') return { body: answer('0', 'Success', { key: KEY }) };
      const quote = QUOTES[Number(username.slice(1)) - 1];
      // A logout comes when it is gone.
      if (quote !== undefined) journal = readFileSync(lab.path('users.journal'), 'utf8');
      return quote ?? refusal('');
    });
    lab.file('users.csv', users(QUOTES.length + 1));
    const ended = await runChild('--concurrency', '1', '--attempts', '1', '--max-failures', '100%');
    expect(ended.exitCode).toBe(3);
    expect(column('message').filter((message) => message === 'no: [secret]').length).toBeGreaterThan(5);
    expect(journal).toContain('no: [secret]');
    expect(readFileSync(lab.path('users.keys.csv'), 'utf8').split(KEY)).toHaveLength(2);
    expectNone([ended.stdout, ended.stderr, journal, ...filesButKeys()], [KEY]);
  });

  it('nor one that an earlier run has saved, be it a rerun or an undo', async () => {
    let message = 'not yet';
    await serve(({ password, username }) => {
      if (password !== undefined) return refusal('');
      const isGiven = username === 'u0' && message === 'not yet';
      return isGiven ? { body: answer('0', 'Success', { key: KEY }) } : refusal(message);
    });
    lab.file('users.csv', users(2));
    expect(await runChild()).toMatchObject({ exitCode: 1 });
    message = `token for u0 already has key ${KEY}.`;
    const ended = await runChild();
    expect(column('message')).toEqual(['Success', 'token for u0 already has key [secret].']);
    expect(readFileSync(lab.path('users.keys.csv'), 'utf8').split(KEY)).toHaveLength(2);
    expectNone([ended.stdout, ended.stderr, ...filesButKeys()], [KEY]);
    message = `key ${KEY} is in use`;
    const words = ['undo', lab.path('users.results.csv'), '--otp-type', '1', '--yes', '--expect-rows', '1'];
    const undone = await runProgram(words, envOf(LOGIN_ENV));
    expect(readFileSync(lab.path('users.undo.results.csv'), 'utf8')).toContain('key [secret] is in use');
    expectNone([undone.stdout, undone.stderr, ...filesButKeys()], [KEY]);
  });
});

describe('a hand-out of keys', () => {
  it.each([[['--to', 'out']], [['--letters', 'out', '--qr']]])(
    'by %j puts them where it was asked to, and nothing into any other byte',
    async ([flag = '', name = '', ...more]) => {
      await serve(({ password }) => (password === undefined ? { body: answer('0', '', { key: KEY }) } : refusal('')));
      lab.file('users.csv', users(3));
      expect(await run(LOGIN_ENV)).toMatchObject({ exitCode: 0 });
      const words = ['keys', lab.path('users.results.csv'), flag, lab.path(name), ...more];
      const said = [await runProgram(words), await runProgram([...words.slice(0, 2), '--json'])];
      expect(said.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
      const handedOut = readFileSync(lab.path('out'), 'utf8');
      expect(handedOut.split(KEY)).toHaveLength(4);
      rmSync(lab.path('out'));
      const secrets = Object.values(SECRETS);
      expectNone([...said.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...filesButKeys()], [...secrets, KEY]);
      expectNone([handedOut], secrets);
    },
  );
});

describe('a hostile reply', () => {
  // Not 429, which is waited out.
  const statuses = [200, 201, 204, 301, 304, 400, 401, 403, 404, 418, 500, 502, 503, 511];
  const bodies = [
    '',
    '{',
    'null',
    '[[[[[[[[[[',
    '{"code":0}',
    '{"code":"0","object":{"key":{"key":1}}}',
    '{"code":"__proto__","message":"constructor"}',
    '{"code":"0","code":"1"}',
    '{"code":1e999}',
    '\ufeff{"code":"0"}',
    `{"code":"22002","message":"${'\\u0000\\u001b[2J\\u202e'.repeat(500)}"}`,
    '{"__proto__":{"code":"0"},"toString":1}',
    `{"code":"0","object":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    `<title>${'<'.repeat(3000)}`,
    '\0'.repeat(4096),
  ];
  const replies = statuses.flatMap((status) => bodies.map((body) => ({ status, body })));

  it('ends no run with 70, and hangs none', async () => {
    for (const reply of every(7, replies)) {
      await serve(() => reply);
      lab.file('users.csv', users(2));
      const ended = await run(GIVEN_ENV, '--fresh', '--attempts', '1', '--max-outage', '0', '--no-preflight');
      expect([0, 1, 3, 4, 6], JSON.stringify(reply).slice(0, 60)).toContain(ended.exitCode);
      expect(column('outcome')).toHaveLength(2);
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('names that are no names', () => {
  it.each(['a\u001b[2J;id.csv', 'a$(id) `id`.csv'])(
    '%j: nothing that is said of it drives a terminal or a shell',
    async (name) => {
      await serve(() => refusal(''));
      const missing = await runProgram(['run', lab.path(name)], envOf(GIVEN_ENV));
      lab.file(name, 'nothing');
      const broken = await runProgram(['run', lab.path(name)], envOf(GIVEN_ENV));
      lab.file(name, users(2));
      const ended = await runProgram(['run', lab.path(name)], envOf(GIVEN_ENV));
      expect([missing.exitCode, broken.exitCode, ended.exitCode]).toEqual([2, 2, 1]);
      for (const { stdout, stderr } of [missing, broken, ended]) {
        // Tables have their lines; nothing else is beyond text.
        expect(stdout + stderr).not.toMatch(/[^\n\P{Cc}]/u);
        const odd = (stdout + stderr).split('\n').filter((line) => line.includes('id'));
        for (const line of odd.filter((one) => one.includes(lab.folder))) expect(line).toMatch(/["']/);
      }
    },
  );
});

function answer(code: string, message: string, object: unknown = ''): string {
  return JSON.stringify({ code, message, object: JSON.stringify(object) });
}

function refusal(message: string, code = '22002'): Said {
  return { body: answer(code, message) };
}

function users(count: number): string {
  return ['username,token_type', ...Array.from({ length: count }, (_, at) => `u${at},otp`)].join('\n');
}

/** A login is granted, unless `reply` has something to say to it. */
async function serve(reply: Answer): Promise<void> {
  server = createServer((request, response) => void respond(request, response, reply));
  await once(server.listen(0, '127.0.0.1'), 'listening');
}

async function respond(request: IncomingMessage, response: ServerResponse, reply: Answer): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString();
  if (text === '') {
    response.writeHead(405).end();
    return;
  }
  // We wrote it: an object of strings.
  const { status = 200, headers = {}, body } = reply(JSON.parse(text) as Record<string, string>);
  const isLogin = request.url?.endsWith('/auth/authBasic') === true && body === answer('22002', '');
  response.writeHead(status, headers).end(isLogin ? answer('0', 'Success', SESSION) : body);
}

function envOf(more: Readonly<Record<string, string>>): Record<string, string> {
  const { port } = server.address() as AddressInfo;
  return { CENTAGATE_SERVER: `http://127.0.0.1:${port}`, CENTAGATE_ADMIN: 'root', ...more };
}

function run(env: Readonly<Record<string, string>>, ...flags: readonly string[]): Promise<Ended> {
  return runProgram(['run', lab.path('users.csv'), '--report', ...flags], envOf(env));
}

/** In a process of its own, whose log can be read. */
async function runChild(...flags: readonly string[]): Promise<Ended> {
  const words = [PROGRAM, 'run', lab.path('users.csv'), '--report', ...flags];
  const child = spawn(process.execPath, words, { env: { PATH: process.env['PATH'], ...envOf(LOGIN_ENV) } });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const [exitCode] = (await once(child, 'close')) as [number];
  return { exitCode, ...said };
}

function column(name: string): string[] {
  const rows: Record<string, string>[] = parse(readFileSync(lab.path('users.results.csv')), { columns: true });
  return rows.map((row) => row[name] ?? '');
}

function filesButKeys(): string[] {
  const names = readdirSync(lab.folder).filter((name) => !name.includes('.keys.csv'));
  return names.map((name) => readFileSync(lab.path(name), 'utf8'));
}

/** Neither as it is, nor in a spelling of the table, nor a part of it. */
function expectNone(texts: readonly string[], secrets: readonly string[]): void {
  const whole = texts.join('\n').toLowerCase();
  for (const secret of secrets) {
    for (const [name, encode] of Object.entries(ENCODERS)) {
      expect(whole.includes(encode(secret).toLowerCase()), `${secret} as ${name}`).toBe(false);
    }
    for (let at = 0; at + 6 <= secret.length; at += 1)
      expect(whole).not.toContain(secret.slice(at, at + 6).toLowerCase());
  }
}
