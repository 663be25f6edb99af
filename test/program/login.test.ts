/** A session that is made for others, and ended: the whole program against a strict server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse as parseCsv } from 'csv-parse/sync';
import { parse as parseYaml } from 'yaml';
import type { Process } from '../../src/core/process.js';
import { main } from '../../src/main.js';
import { describeSelf } from '../../src/record/process-identity.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { ACCOUNT, LOGIN, SESSION } from '../support/account.js';
import { defer } from '../support/defer.js';
import { Lab } from '../support/lab.js';
import { hastyClock, PROGRAM, runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';

let lab: Lab;
let simulator: Simulator;
beforeEach(() => (lab = new Lab()));
afterEach(async () => {
  await simulator.close();
  lab.remove();
});

async function simulate(options: Partial<SimulatorOptions> = {}): Promise<void> {
  simulator = await startSimulator({ ...SESSION, login: LOGIN, ...options });
}

function environment(changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { CENTAGATE_SERVER: simulator.url, CENTAGATE_ADMIN: SESSION.admin, ...ACCOUNT, ...changes };
}

const folder = (): string => lab.path('session');
const logIn = (changes?: Readonly<Record<string, string>>): Promise<Ended> =>
  runProgram(['login', '--out', folder()], environment(changes));
const logOut = (changes?: Readonly<Record<string, string>>): Promise<Ended> =>
  runProgram(['logout', '--session', folder()], environment(changes));
const filesLeft = (): string[] => (existsSync(folder()) ? readdirSync(folder()).sort() : []);
const tokensIn = (): string[] =>
  ['auth-token', 'secret-code'].map((name) => readFileSync(join(folder(), name), 'utf8').trim());

function runWithSession(...flags: readonly string[]): Promise<Ended> {
  const session = {
    CENTAGATE_AUTH_TOKEN_FILE: join(folder(), 'auth-token'),
    CENTAGATE_SECRET_CODE_FILE: join(folder(), 'secret-code'),
  };
  const where = { CENTAGATE_SERVER: simulator.url, CENTAGATE_ADMIN: SESSION.admin };
  return runProgram(['run', lab.path('users.csv'), ...flags], { ...where, ...session });
}

function writeUsers(count: number): void {
  const rows = Array.from({ length: count }, (_, index) => `u${index},otp`);
  lab.file('users.csv', ['username,token_type', ...rows].join('\n'));
}

describe('login --out', () => {
  it('makes one session that a run takes, says where it is, and tells nothing of it', async () => {
    await simulate();
    const ended = await logIn();
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.stdout).toContain(`--auth-token-file ${join(folder(), 'auth-token')}`);
    expect(ended.stdout).toContain(`logout --session ${folder()}`);
    expect(filesLeft()).toEqual(['auth-token', 'secret-code']);
    for (const token of tokensIn()) expect(ended.stdout).not.toContain(token);
    writeUsers(3);
    expect((await runWithSession()).exitCode).toBe(0);
    expect([simulator.logins, simulator.logouts]).toEqual([1, 0]);
  });

  it('logs in nowhere when a session is there already, or the folder is no good', async () => {
    await simulate();
    await logIn();
    const before = tokensIn();
    const again = await logIn();
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain('is there already');
    expect(tokensIn()).toEqual(before);
    const nowhere = await runProgram(['login', '--out', lab.path('no/such')], environment());
    expect(nowhere).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("can't be made") as string });
    lab.file('file', '');
    const ofFile = await runProgram(['login', '--out', lab.path('file')], environment());
    expect(ofFile.exitCode).toBe(2);
    expect(ofFile.stderr).toContain('choose another --out\n');
    expect(simulator.logins).toBe(1);
  });

  it.skipIf(process.platform === 'win32')('writes to no folder that others may write to, unless it may', async () => {
    await simulate();
    chmodSync(lab.folder, 0o777);
    const refused = await logIn();
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('every user') as string });
    expect(simulator.logins).toBe(0);
    expect((await logIn({ CENTAGATE_ALLOW: 'shared-folder' })).exitCode).toBe(0);
  });

  it('ends with 6 when the login is refused, after one try, and leaves no file', async () => {
    await simulate();
    const ended = await logIn({ CENTAGATE_PASSWORD: 'a-wrong-password' });
    expect(ended.exitCode).toBe(6);
    expect(ended.stderr).toContain('23001');
    expect(ended.stderr).not.toContain('a-wrong-password');
    expect([simulator.logins, filesLeft()]).toEqual([1, []]);
  });

  it('ends with 4 when the server is away for longer than it may', async () => {
    await simulate();
    await simulator.close();
    const ended = await logIn({ CENTAGATE_MAX_OUTAGE: '0' });
    expect(ended.exitCode).toBe(4);
    expect(filesLeft()).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('leaves nothing when a signal ends it, at whatever it is', async () => {
    await simulate();
    for (const until of ['look', 'login'] as const) {
      const arrival = defer();
      const server = createServer((request, response) => {
        const kind = request.method === 'GET' ? 'look' : 'login';
        if (kind === until) arrival.resolve();
        else response.writeHead(405).end();
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const env = { ...environment({ CENTAGATE_SERVER: url }), TMPDIR: lab.folder };
      const child = spawn(process.execPath, [PROGRAM, 'login', '--out', folder()], { env, stdio: 'ignore' });
      const ended = once(child, 'exit');
      await arrival.promise;
      child.kill('SIGTERM');
      expect(await ended).toEqual([143, null]);
      expect(filesLeft()).toEqual([]);
      server.closeAllConnections();
      server.close();
    }
  });

  it('needs a login, and looks at no session that is set as well, which is still to be made', async () => {
    await simulate();
    const before = { CENTAGATE_AUTH_TOKEN_FILE: join(folder(), 'auth-token'), CENTAGATE_PASSWORD: '' };
    const ended = await logIn(before);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('a login needs --password-file');
    expect(ended.stderr).not.toContain('auth-token');
    expect((await logIn({ ...before, CENTAGATE_PASSWORD: LOGIN.password })).exitCode).toBe(0);
  });

  it('needs to know where the session is to go, and one place', async () => {
    await simulate();
    for (const flags of [[], ['--out', folder(), '--kubernetes-secret', 'x']]) {
      const ended = await runProgram(['login', ...flags], environment());
      expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('where is the session') as string });
    }
    expect(simulator.logins).toBe(0);
  });
});

describe('login --kubernetes-secret', () => {
  it('prints the manifest of a Secret and nothing else', async () => {
    await simulate();
    const ended = await runProgram(['login', '--kubernetes-secret', 'tokens'], environment());
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    const secret = parseYaml(ended.stdout) as { kind: string; data: Record<string, string> };
    expect(secret).toMatchObject({ kind: 'Secret', metadata: { name: 'tokens' } });
    expect(Object.keys(secret.data)).toEqual(['auth-token', 'secret-code']);
    expect(simulator.logins).toBe(1);
  });

  it('keeps the session off a terminal, and out of nowhere: one that nobody reads is logged out of', async () => {
    await simulate();
    const words = ['node', 'centagate-provision', 'login', '--kubernetes-secret', 'tokens'];
    const start = async (stdout: Writable): Promise<readonly [number, string]> => {
      const stderr = new PassThrough();
      const streams = { stdin: new PassThrough(), stdout, stderr } as unknown as Pick<
        Process,
        'stdin' | 'stdout' | 'stderr'
      >;
      const exitCode = await main({ argv: words, env: environment(), ...streams }, hastyClock);
      return [exitCode, (stderr.read() as Buffer).toString()];
    };
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    expect(await start(terminal)).toEqual([2, expect.stringContaining('is a terminal')]);
    expect(simulator.logins).toBe(0);
    const closed = new Writable({
      write: (_, __, done) => done(Object.assign(new Error('closed'), { code: 'EPIPE' })),
    });
    // As the program outlives its reader.
    closed.on('error', () => undefined);
    expect(await start(closed)).toEqual([4, expect.stringContaining('EPIPE')]);
    expect([simulator.logins, simulator.logouts]).toEqual([1, 1]);
  });

  it('takes no name that Kubernetes would refuse', async () => {
    await simulate();
    const ended = await runProgram(['login', '--kubernetes-secret', 'My_Tokens'], environment());
    expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('small letters') as string });
  });
});

describe('logout --session', () => {
  it('ends the session at the server, and removes its files', async () => {
    await simulate();
    await logIn();
    const ended = await logOut({ CENTAGATE_PASSWORD: '' });
    expect(ended).toMatchObject({ exitCode: 0, stderr: '', stdout: `the session of ${SESSION.admin} is ended\n` });
    expect([simulator.logouts, filesLeft()]).toEqual([1, []]);
  });

  it('removes them too when the session was over', async () => {
    await simulate();
    await logIn();
    await runProgram(['login', '--out', lab.path('another')], environment());
    expect(await logOut()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('was over') as string });
    expect([simulator.logouts, filesLeft()]).toEqual([0, []]);
  });

  it('ends what a killed login left of one: its auth-token alone', async () => {
    await simulate();
    await logIn();
    rmSync(join(folder(), 'secret-code'));
    expect((await logOut()).exitCode).toBe(0);
    expect([simulator.logouts, filesLeft()]).toEqual([1, []]);
  });

  it('ends what one left that had not put its files in their places', async () => {
    await simulate();
    await logIn();
    for (const name of filesLeft()) renameSync(join(folder(), name), join(folder(), `${name}.tmp`));
    expect(await logOut()).toMatchObject({ exitCode: 0, stdout: `the session of ${SESSION.admin} is ended\n` });
    expect([simulator.logouts, filesLeft()]).toEqual([1, []]);
  });

  it('takes away what one left that had not written its session, and nothing of one that is under way', async () => {
    await simulate();
    mkdirSync(folder());
    lab.file('session/auth-token.tmp', 'half a tok');
    lab.file('session/secret-code.tmp', '');
    const lock = lab.file(
      'session/session.lock',
      JSON.stringify({ ...describeSelf('login', hastyClock), host: 'far' }),
    );
    const underWay = await logOut();
    expect(underWay).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('holds the session in') as string });
    expect(filesLeft()).toHaveLength(3);
    rmSync(lock);
    expect(await logOut()).toMatchObject({ exitCode: 0, stdout: `there is no session in ${folder()}\n` });
    expect([simulator.logouts, filesLeft()]).toEqual([0, []]);
  });

  it('keeps them when the server refuses (6) or is away (4)', async () => {
    await simulate();
    await logIn();
    const refused = await logOut({ CENTAGATE_INTEGRATION_SECRET: 'another' });
    expect(refused).toMatchObject({ exitCode: 6, stdout: '', stderr: expect.stringContaining('23022') as string });
    await simulator.close();
    const away = await logOut();
    expect(away.exitCode).toBe(4);
    expect(filesLeft()).toEqual(['auth-token', 'secret-code']);
    for (const { stderr } of [refused, away]) for (const token of tokensIn()) expect(stderr).not.toContain(token);
  });

  it('asks nobody where there is no session: repeated it is done, and a folder that is not there is a mistake', async () => {
    await simulate();
    await logIn();
    await logOut();
    const again = await logOut();
    expect(again).toMatchObject({ exitCode: 0, stdout: `there is no session in ${folder()}\n` });
    rmSync(folder(), { recursive: true });
    expect(await logOut()).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`there is no folder ${folder()}: name the one that`) as string,
    });
    const without = await runProgram(['logout'], environment());
    expect(without).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--session') as string });
    expect(simulator.logouts).toBe(1);
  });

  it('ends one that came by a file of its own, and leaves that', async () => {
    await simulate();
    const path = lab.file('mounted', SESSION.authToken);
    const ended = await runProgram(['logout', '--auth-token-file', path], environment());
    expect(ended.exitCode).toBe(0);
    expect([simulator.logouts, existsSync(path)]).toEqual([1, true]);
  });
});

describe('a run whose session is over', () => {
  it.each([
    { concurrency: 1, shard: [], results: 'users.results.csv' },
    { concurrency: 8, shard: [], results: 'users.results.csv' },
    { concurrency: 8, shard: ['--shard', '0/1'], results: 'users.shard-0-of-1.results.csv' },
  ])('stops with 6, and goes on with a new one: no row is sent twice (%o)', async ({ concurrency, shard, results }) => {
    const rows = (): Record<string, string>[] => parseCsv(readFileSync(lab.path(results)), { columns: true });
    await simulate({ sessionLimits: { requests: 40 } });
    await logIn();
    writeUsers(50);
    const flags = ['--concurrency', String(concurrency), ...shard];
    const stopped = await runWithSession(...flags);
    expect(stopped.exitCode).toBe(6);
    expect(stopped.stdout).toContain('refuses this administrator');
    const outcomes = new Set(rows().map(({ outcome }) => outcome));
    expect([...outcomes].sort()).toEqual(['not_sent', 'registered', 'unavailable']);
    expect(rows()).toHaveLength(50);
    await logOut();
    await logIn();
    expect((await runWithSession(...flags)).exitCode).toBe(0);
    expect(new Set(rows().map(({ outcome }) => outcome))).toEqual(new Set(['registered']));
    const applied = simulator.sends.filter((send) => send.applied).map(({ username }) => username);
    expect(new Set(applied).size).toBe(applied.length);
    expect(rows().reduce((sum, { attempts }) => sum + Number(attempts), 0)).toBe(simulator.sends.length);
  });
});
