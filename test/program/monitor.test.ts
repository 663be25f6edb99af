/** What machines are told of a run of the whole program. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/system-clock.js';
import { describeSelf } from '../../src/record/process-identity.js';
import { SESSION, environmentOf } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import { expectSchema } from '../support/schemas.js';

const TOKEN = 'vQ8x-ping-token';

let lab: Lab;
let servers: Server[] = [];
beforeEach(() => (lab = new Lab()));
afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  servers = [];
  lab.remove();
});

async function listen(answer: (path: string, body: string) => string): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.method === 'GET') response.writeHead(405);
      response.end(request.method === 'GET' ? '' : answer(request.url ?? '', body));
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Registers all but those whose names begin with x. */
function centagate(): Promise<string> {
  return listen((_, body) => {
    // It is our own client that wrote it.
    const { username } = JSON.parse(body) as { username: string };
    if (username.startsWith('x')) return '{"code":"22002","message":"User not found","object":""}';
    return JSON.stringify({ code: '0', message: 'Success', object: JSON.stringify({ key: `KEY-${username}` }) });
  });
}

function users(...names: readonly string[]): string {
  return lab.file('users.csv', ['username,token_type', ...names.map((name) => `${name},otp`)].join('\n'));
}

it('metrics, last words, pings and a log file tell of a run, and of no secret', async () => {
  const pings: { readonly path: string; readonly body: string }[] = [];
  const env = environmentOf(await centagate(), SESSION);
  const monitor = await listen((path, body) => {
    pings.push({ path, body });
    return '';
  });
  const paths = { metrics: lab.path('x.prom'), words: lab.path('words'), log: lab.path('run.log') };
  const flags = ['--metrics-file', paths.metrics, '--termination-log', paths.words, '--log-file', paths.log];
  const pinged = ['--ping-file', lab.file('ping', `${monitor}/${TOKEN}\n`)];
  const input = users('ann', 'ben', 'xan');
  // A column that may be misspelt gives the log a line.
  lab.file(
    'users.csv',
    readFileSync(input, 'utf8').replace('token_type', 'token_type,algoritm').replaceAll(',otp', ',otp,'),
  );
  expect(await runProgram(['run', input, ...flags, ...pinged], env)).toMatchObject({ exitCode: 1 });
  const metrics = readFileSync(paths.metrics, 'utf8');
  for (const line of [
    'rows{stem="users",outcome="registered"} 2',
    'rows{stem="users",outcome="unknown"} 0',
    'rows_left{stem="users",retry="fix"} 1',
    'run_in_progress{stem="users"} 0',
    'last_exit_code{stem="users"} 1',
    'keys_waiting{stem="users"} 2',
  ]) {
    expect(metrics).toContain(`\ncentagate_provision_${line}\n`);
  }
  expect(metrics).toMatch(/clock_offset_seconds\{stem="users"\} -?\d/);
  expect(metrics).not.toContain('last_success');
  expect(JSON.parse(readFileSync(paths.words, 'utf8'))).toMatchObject({ exit_code: 1, rows: 3, retry: { fix: 1 } });
  expect(pings.map(({ path }) => path)).toEqual([`/${TOKEN}/start`, `/${TOKEN}/1`]);
  expect(pings[1]?.body).toContain('1 row to correct');
  const lines = readFileSync(paths.log, 'utf8').trimEnd().split('\n');
  for (const line of lines) expectSchema('log-line.schema.json', JSON.parse(line));
  const written = [metrics, lines.join(), readFileSync(paths.words, 'utf8'), pings.map(({ body }) => body).join()];
  for (const secret of [TOKEN, 'KEY-', SESSION.authToken, SESSION.secretCode]) {
    for (const text of [...written, readFileSync(lab.path('users.summary.json'), 'utf8')])
      expect(text).not.toContain(secret);
  }
});

it('keys that were handed out wait no more, and a success is kept over a failure', async () => {
  const env = environmentOf(await centagate(), SESSION);
  const metrics = lab.path('x.prom');
  const words = ['run', users('ann', 'ben'), '--metrics-file', metrics];
  await runProgram(words, env);
  const success = /last_success.*$/m.exec(readFileSync(metrics, 'utf8').replaceAll(/^#.*\n/gm, ''))?.[0];
  expect(success).toMatch(/^last_success_timestamp_seconds\{stem="users"\} \d+/);
  await runProgram(['keys', lab.path('users.results.csv')], env);
  users('ann', 'ben', 'xan', 'cy');
  expect(await runProgram(words, env)).toMatchObject({ exitCode: 1 });
  const text = readFileSync(metrics, 'utf8');
  expect(text).toContain(success);
  expect(text).toContain('keys_waiting{stem="users"} 1\n');
});

describe('a run that does not begin', () => {
  it('leaves the rows as the last one counted them', async () => {
    const env = environmentOf(await centagate(), SESSION);
    const metrics = lab.path('x.prom');
    const run = ['run', users('ann', 'xan'), '--metrics-file', metrics];
    expect(await runProgram(run, env)).toMatchObject({ exitCode: 1 });
    lab.file('users.csv', 'username\n"ann');
    expect(await runProgram(run, env)).toMatchObject({ exitCode: 2 });
    for (const line of ['rows{stem="users",outcome="registered"} 1', 'rows_left{stem="users",retry="fix"} 1'])
      expect(readFileSync(metrics, 'utf8')).toContain(`\ncentagate_provision_${line}\n`);
  });

  it('is told of as well', async () => {
    const env = environmentOf(await centagate(), SESSION);
    const [metrics, words] = [lab.path('x.prom'), lab.path('words')];
    const run = ['run', lab.path('users.csv'), '--metrics-file', metrics, '--termination-log', words];
    expect(await runProgram(run, env)).toMatchObject({ exitCode: 2 });
    expect(readFileSync(metrics, 'utf8')).toContain('last_exit_code{stem="users"} 2\n');
    expect(JSON.parse(readFileSync(words, 'utf8'))).toMatchObject({
      exit_code: 2,
      problem: expect.stringContaining('users.csv') as string,
    });
  });

  it('says so in its last words alone where another run is at work', async () => {
    const pings: string[] = [];
    const env = environmentOf(await centagate(), SESSION);
    const monitor = await listen((path) => {
      pings.push(path);
      return '';
    });
    const others = 'centagate_provision_run_in_progress{stem="users"} 1\n';
    const [metrics, words] = [lab.file('x.prom', others), lab.path('words')];
    lab.file('users.lock', JSON.stringify({ ...describeSelf('other', systemClock), host: 'elsewhere' }));
    const told = ['--metrics-file', metrics, '--termination-log', words, '--ping-file', lab.file('ping', monitor)];
    expect(await runProgram(['run', users('ann'), ...told], env)).toMatchObject({ exitCode: 5 });
    expect([readFileSync(metrics, 'utf8'), pings]).toEqual([others, []]);
    expect(JSON.parse(readFileSync(words, 'utf8'))).toMatchObject({ exit_code: 5, is_to_repeat: true });
  });

  it.each(['ftp://x/abc', 'nothing', 'http://monitor.example/abc'])(
    'has an address that can be told: not %s',
    async (address) => {
      const env = environmentOf(await centagate(), SESSION);
      const { exitCode, stderr } = await runProgram(
        ['run', users('ann'), '--ping-file', lab.file('ping', address)],
        env,
      );
      expect([exitCode, stderr.startsWith('--ping-file: ')]).toEqual([2, true]);
      expect(stderr).not.toContain(address);
      expect(existsSync(lab.path('users.results.csv'))).toBe(false);
    },
  );
});

it('the format is that of Prometheus, where its own tool is there to say so', async () => {
  const tool = process.env['PROMTOOL'];
  if (tool === undefined) return;
  const env = environmentOf(await centagate(), SESSION);
  await runProgram(['run', users('ann', 'xan'), '--metrics-file', lab.path('x.prom')], env);
  expect(execFileSync(tool, ['check', 'metrics'], { input: readFileSync(lab.path('x.prom')), encoding: 'utf8' })).toBe(
    '',
  );
});
