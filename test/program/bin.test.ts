/** What a command does not need is not loaded: libraries take most of the time until the first request. */
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import { environmentOf } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { PROGRAM, runProgram } from '../support/program.js';
import { aKey, anOtpRow, leaveStem } from '../support/stem-files.js';

const SESSION = { admin: 'admin', authToken: 'auth', secretCode: 'code' };
const REPOSITORY = join(import.meta.dirname, '../..');
const HOOK = `export const load = (url, context, next) => { process._rawDebug('loads ' + url); return next(url, context); };`;
/** What is required, and not imported, comes past no hook. */
const PRELOAD = `import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
register(${JSON.stringify(dataUrl(HOOK))});
const { cache } = createRequire('file:///');
process.on('exit', () => Object.keys(cache).forEach((path) => process._rawDebug('loads ' + pathToFileURL(path))));`;

/** Of a run that is to send. */
let session: Readonly<Record<string, string>> = {};

function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** The files that a command loads. */
async function filesOf(...words: string[]): Promise<readonly string[]> {
  const text = await new Promise<string>((resolve) => {
    const env = { PATH: process.env['PATH'], ...session };
    execFile(process.execPath, ['--import', dataUrl(PRELOAD), PROGRAM, ...words], { env }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
  return [...text.matchAll(/^loads (file:.+)$/gm)].map(([, url = '']) => fileURLToPath(url));
}

/** The modules that a command loads: each has its path before it where it is bundled. */
async function modulesOf(...words: string[]): Promise<readonly string[]> {
  const files = await filesOf(...words);
  const bundled = files.flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/^\/\/ (\S+\/\S+)$/gm)]);
  return [...files, ...bundled.map(([, path = '']) => path)];
}

/** The packages and the folders of ours among them. */
async function loadedBy(...words: string[]): Promise<ReadonlySet<string>> {
  const modules = await modulesOf(...words);
  const names = modules.map((path) => /.*node_modules\/([^/]+)/.exec(path)?.[1] ?? /^src\/(\w+)\//.exec(path)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

it('answers --version with a few files of its own', async () => {
  expect([...(await loadedBy('--version'))].sort()).toEqual(['core', 'help']);
});

it.each([['--help'], ['help run'], ['--complete bash run --']])('answers %s with the tables alone', async (words) => {
  const loaded = await loadedBy(...words.split(' '));
  expect(loaded).toContain('settings');
  for (const name of ['yargs', 'undici', 'pino', 'csv-parse', 'yaml']) expect(loaded).not.toContain(name);
});

it('registers without what only a terminal, a log line, a configuration file or a rehearsal needs', async () => {
  const loaded = await loadedBy('run', 'no-such-folder/users.csv');
  expect(loaded).toContain('undici');
  for (const name of ['cli-progress', 'cli-table3', 'pino', 'yaml', 'pkijs', 'asn1js']) {
    expect(loaded).not.toContain(name);
  }
  // That one is a table.
  const simulator = (await modulesOf('run', 'no-such-folder/users.csv')).filter((path) => path.includes('/simulator/'));
  expect(simulator).toEqual(['src/simulator/fault.ts']);
});

it('has loaded the rest of what a run may need when its first reply comes', async () => {
  const lab = new Lab();
  const simulator = await startSimulator({ ...SESSION, latencyMs: 300 });
  session = environmentOf(simulator.url, SESSION);
  try {
    const input = lab.file('users.csv', 'username,token_type\nann,otp\n');
    // It had nothing to log.
    expect(await loadedBy('run', input, '--no-preflight')).toContain('pino');
    expect(simulator.sends).toHaveLength(1);
  } finally {
    session = {};
    await simulator.close();
    lab.remove();
  }
});

it('sends with what undici needs for that, and not with all that it can do', async () => {
  const modules = await modulesOf('run', 'no-such-folder/users.csv');
  const parts = modules.filter((path) => path.includes('node_modules/undici/'));
  expect(parts).toContainEqual(expect.stringMatching(/undici\/lib\/dispatcher\/client\.js$/));
  const others = ['mock', 'interceptor', 'cache', 'web/cookies', 'web/websocket', 'web/eventsource'];
  expect(others.filter((folder) => parts.some((path) => path.includes(`undici/lib/${folder}/`)))).toEqual([]);
});

it('takes a keys file whose last line was cut off as the modules do', () => {
  const lab = new Lab();
  try {
    const results = leaveStem(lab, { rows: [anOtpRow('ann')], keys: [aKey('ann')] });
    appendFileSync(lab.path('users.keys.csv'), 'ben,');
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, 'keys', results], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  } finally {
    lab.remove();
  }
});

it.skipIf(process.platform === 'win32')('opens no package.json of the folder that it is run in', () => {
  const lab = new Lab();
  try {
    // Whoever opens it waits for ever.
    execFileSync('mkfifo', [lab.path('package.json')]);
    const words = [PROGRAM, 'run', 'no-such-file.csv'];
    const { status, signal } = spawnSync(process.execPath, words, { cwd: lab.path('.'), timeout: 60_000 });
    expect([status, signal]).toEqual([2, null]);
  } finally {
    lab.remove();
  }
});

it('goes through a proxy as the modules do', async () => {
  const asked: (string | undefined)[] = [];
  const proxy = createServer().on('connect', ({ url }, socket) => {
    asked.push(url);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  // Listening to a port, it has an address of this kind.
  const { port } = proxy.address() as AddressInfo;
  const { PATH } = process.env;
  const session = { CENTAGATE_AUTH_TOKEN: 'token', CENTAGATE_SECRET_CODE: 'code' };
  const env = { PATH, ...session, HTTPS_PROXY: `http://127.0.0.1:${port}` };
  const words = ['doctor', '--server', 'https://centagate.example', '--admin', 'root'];
  const child = spawn(process.execPath, [PROGRAM, ...words], { env, stdio: 'ignore' });
  expect(await once(child, 'exit')).toEqual([4, null]);
  proxy.close();
  expect(asked).toContain('centagate.example:443');
});

it.each([
  ['a workbook', ['excel/table.xlsx']],
  ['another encoding', ['excel/cp850-semicolon-crlf.csv', '--encoding', 'cp850']],
  ['a configuration file', ['done/users.csv', '--config', join(REPOSITORY, 'samples/config.yaml')]],
])('reads %s as the modules do that it is made of', async (_, words) => {
  const [input = '', ...flags] = words;
  const command = ['validate', join(REPOSITORY, 'fixtures', input), ...flags];
  const { exitCode, stdout, stderr } = await runProgram(command);
  expect(stdout).toContain('to send');
  const { PATH } = process.env;
  expect(spawnSync(process.execPath, [PROGRAM, ...command], { env: { PATH }, encoding: 'utf8' })).toMatchObject({
    status: exitCode,
    stdout,
    stderr,
  });
});

it.skipIf(process.platform === 'win32')('opens itself to no debugger when a signal asks for that', async () => {
  const { PATH } = process.env;
  const session = { CENTAGATE_AUTH_TOKEN: 'the-auth-token', CENTAGATE_SECRET_CODE: 'the-secret-code' };
  const server = createServer((_, response) => {
    // It is at work, and waits for this.
    child.kill('SIGUSR1');
    setImmediate(() => response.writeHead(302).end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const words = ['doctor', '--server', `http://127.0.0.1:${port}`, '--admin', 'root'];
  const child = spawn(process.execPath, [PROGRAM, ...words], { env: { PATH, ...session } });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [exitCode] = (await once(child, 'close')) as [number];
  server.close();
  expect([exitCode, said]).toEqual([6, '']);
});

const LISTENS = 'process.listenerCount("SIGUSR1")';
const WATCH_LOADS = `const { Module } = require('node:module');
const load = Module._load;
Module._load = function (name, parent) {
  if (parent?.filename?.endsWith('bin.js')) process._rawDebug('listeners ' + ${LISTENS});
  return load.apply(this, arguments);
};`;

it.skipIf(process.platform === 'win32')('listens for that signal before it loads anything', () => {
  const lab = new Lab();
  try {
    const words = ['--require', lab.file('watch.cjs', WATCH_LOADS), PROGRAM, '--version'];
    const { stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    expect(stderr).toMatch(/^(listeners 1\n)+$/);
  } finally {
    lab.remove();
  }
});

it.each([
  ['an option of the command', ['--inspect=0'], ''],
  ['an option', [], '--inspect=0'],
  ['an option in quotes within', [], '--ins"pect=0"'],
  ['an option with another spelling', [], '"--ins\\pect=0"'],
])('does nothing where a debugger is let in by %s', (_, flags, options) => {
  const env = { PATH: process.env['PATH'], NODE_OPTIONS: options, CENTAGATE_PASSWORD: 'pw' };
  const words = [...flags, PROGRAM, 'doctor', '--server', 'http://127.0.0.1:9', '--admin', 'root'];
  const { status, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' });
  expect([status, stderr]).toEqual([2, expect.stringContaining('this program is open to a debugger (127.0.0.1:')]);
});

it('is what the image starts', () => {
  const dockerfile = readFileSync(join(REPOSITORY, 'Dockerfile'), 'utf8');
  const [, entryPoint = ''] = /^ENTRYPOINT (.+)$/m.exec(dockerfile) ?? [];
  expect(JSON.parse(entryPoint)).toEqual(['node', '--disable-sigusr1', PROGRAM.replace(REPOSITORY, '/app')]);
});
