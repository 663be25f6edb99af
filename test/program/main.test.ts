import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/report/run-report.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { makeCertificate } from '../../src/simulator/make-certificate.js';
import { hastyClock, PROGRAM, runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { startStrictServer } from '../support/strict-server.js';

const SAMPLES = join(import.meta.dirname, '../../samples');
const SESSION = {
  admin: 'root@bank/é',
  authToken: 'the-auth-token-of-the-test',
  secretCode: 'the-secret-code-of-the-test',
};

let folder: string;
const simulators: Simulator[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'main-'));
});

afterEach(async () => {
  await Promise.all(simulators.splice(0).map((simulator) => simulator.close()));
  rmSync(folder, { recursive: true });
});

describe('what leaves this machine', () => {
  it('pleases a server that was written from the seeds alone, for both token types, with a fresh stamp', async () => {
    const server = await startStrictServer({ ...SESSION, maxAgeMs: 1000 });
    try {
      const users = ['username,token_type,signature_path,status,algorithm'];
      for (let i = 0; i < 40; i += 1) users.push(`otp.${i} "é" 🦊,otp,,,`.replaceAll('"', ''));
      for (let i = 0; i < 40; i += 1)
        users.push(`pki.${i},pki,signatures/finance/aisyah.rahman.p7s,${1 + (i % 4)},${i % 2 === 0 ? '' : 'sha256'}`);
      write('users.csv', users.join('\n'));
      const ended = await run(['users.csv', '--signatures-dir', SAMPLES], server.url);
      expect(server.complaints()).toEqual([]);
      expect(server.requests).toHaveLength(80);
      expect(ended.exitCode).toBe(0);
      expect(column('users.keys.csv', 'username')).toHaveLength(40);
    } finally {
      await server.close();
    }
  });

  it('is stamped when the connection is there, however long TLS took and the row waited', async () => {
    const server = await startStrictServer({ ...SESSION, maxAgeMs: 1000, delayConnectMs: 1500 });
    try {
      write('ca.pem', server.ca ?? '');
      const rows = Array.from({ length: 6 }, (_, i) => `pki.${i},pki,signatures/finance/aisyah.rahman.p7s,2`);
      write('users.csv', ['username,token_type,signature_path,status', ...rows].join('\n'));
      const words = ['users.csv', '--signatures-dir', SAMPLES, '--ca', path('ca.pem'), '--concurrency', '3'];
      const ended = await run(words, server.url);
      expect(server.complaints()).toEqual([]);
      expect(server.requests).toHaveLength(6);
      expect(ended.exitCode).toBe(0);
    } finally {
      await server.close();
    }
  });
});

describe("the seeds' own sample clients", () => {
  const clients = [
    { client: 'otp-client.mjs', unit: 'ms' },
    { client: 'pki-client.mjs', unit: 's' },
  ] as const;
  it.each(clients)('$client is accepted by the simulator', async ({ client, unit }) => {
    const simulator = await simulate({ admin: 'admin', timestampUnit: unit });
    const { hostname, port } = new URL(simulator.url);
    const signature = readFileSync(join(SAMPLES, 'signatures/finance/aisyah.rahman.p7s')).toString('base64');
    const child = spawn(process.execPath, [join(import.meta.dirname, '../support/seed-clients', client)], {
      env: {
        SCHEME: 'http',
        HOST: hostname,
        PORT: port,
        ADMIN: 'admin',
        AUTH_TOKEN: SESSION.authToken,
        SECRET_CODE: SESSION.secretCode,
        USERNAME: 'ann',
        SIGNATURE: signature,
        ALGORITHM: '1',
        STATUS: '2',
      },
    });
    const ended = await endOf(child);
    expect(ended.stdout).toContain('Authentication Succeed');
    expect(simulator.sends.map(({ code, applied }) => ({ code, applied }))).toEqual([{ code: '0', applied: true }]);
  });
});

describe('https', () => {
  it('is trusted through --ca and refused without it, before anything leaves', async () => {
    const tls = await makeCertificate(['127.0.0.1']);
    const simulator = await simulate({ tls });
    write('ca.pem', tls.cert);
    write('users.csv', 'username,token_type\nann,otp\n');
    expect((await run(['users.csv'], simulator.url)).exitCode).toBe(2);
    const refused = await run(['users.csv', '--attempts', '1', '--no-preflight'], simulator.url);
    expect(refused.exitCode).toBe(6);
    expect(column('users.results.csv', 'outcome')).toEqual(['unavailable']);
    expect(column('users.results.csv', 'detail').join()).toContain('--ca');
    expect(simulator.sends).toHaveLength(0);
    const trusted = await run(['users.csv', '--ca', path('ca.pem')], simulator.url);
    expect(trusted.exitCode).toBe(0);
    expect(column('users.results.csv', 'attempts')).toEqual(['1']);
  });
});

describe('a server that quotes the request back', () => {
  it('brings no credential into a result', async () => {
    const server = createServer((request, response) => {
      void text(request).then((body) => response.end(JSON.stringify({ code: '10002', message: body })));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    write('users.csv', 'username,token_type\nann,otp\n');
    await run(['users.csv'], `http://127.0.0.1:${port}`);
    server.close();
    server.closeAllConnections();
    expect(column('users.results.csv', 'message')[0]).toContain('[secret]');
    expect(read('users.results.csv')).not.toMatch(/[0-9a-f]{64}/);
  });
});

describe('a row with too few cells', () => {
  it('is not sent by a rerun of the failed file as it is, but once somebody has looked at it', async () => {
    const simulator = await simulate({});
    write('users.csv', 'username,token_type,note\nann,otp\n');
    expect((await run(['users.csv'], simulator.url)).exitCode).toBe(1);
    expect((await run(['users.failed.csv'], simulator.url)).exitCode).toBe(1);
    expect(simulator.sends).toHaveLength(0);
    write('users.failed.csv', read('users.failed.csv').replace('ann,otp,', 'ann,otp,,'));
    expect((await run(['users.failed.csv'], simulator.url)).exitCode).toBe(0);
    expect(simulator.sends).toHaveLength(1);
  });
});

describe('a failed file that was corrected and saved by a spreadsheet', () => {
  it('is taken: the results have the history, and a row without its line is a problem by itself', async () => {
    const simulator = await simulate({ script: { ann: ['500'], ben: ['22002'] } });
    write('users.csv', 'username,token_type\nann,otp\nben,otp\n');
    expect((await run(['users.csv', '--attempts', '1'], simulator.url)).exitCode).toBe(3);
    const resaved = read('users.failed.csv').replaceAll(/\d{4}-\d\d-\d\dT[^,]*/g, '28.11.2026 20:37:43');
    write('users.failed.csv', resaved.replace('ben,otp', 'benno,otp'));
    const ended = await run(['users.failed.csv'], simulator.url);
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('warnings of added cells: 1');
    expect(column('users.results.csv', 'attempts')).toEqual(['2', '2']);
    expect(read('users.results.csv')).not.toContain('28.11.2026');
  });

  const padded = (text: string, width: number): string =>
    text.replaceAll(/.+/g, (line) => line + ','.repeat(Math.max(0, width - line.split(',').length)));

  it.each([
    ['all lines as long as the longest', (text: string) => padded(text, 14)],
    ['the rows as long as the longest', (text: string) => text.replace(/\n[^]*/, (rows) => padded(rows, 14))],
    ['the short row as long as the header', (text: string) => text.replace(/\n[^]*/, (rows) => padded(rows, 13))],
  ])('and that has rows with too few and too many cells keeps all of them: %s', async (_, save) => {
    const simulator = await simulate({});
    write('users.csv', 'username,token_type,dept\na,otp,Sales, North\nb,ott,x\nc,otp\n');
    expect((await run(['users.csv'], simulator.url)).exitCode).toBe(1);
    const plain = read('users.failed.csv').replaceAll(/"[^"]*"/g, 'why');
    write('users.failed.csv', save(plain.replace('b,ott', 'b,otp')));
    expect((await run(['users.failed.csv'], simulator.url)).exitCode).toBe(1);
    expect(simulator.sends.map(({ username }) => username)).toEqual(['b']);
    const [header, ...rows] = read('users.results.csv').split('\n');
    expect(header).toMatch(/^username,token_type,dept,line,/);
    expect(rows[0]).toMatch(/^a,otp,Sales, North,2,invalid,fix,/);
    expect(rows[1]).toMatch(/^b,otp,x,3,registered,no,/);
    expect(rows[2]).toMatch(/^c,otp,4,invalid,fix,/);
    expect(rows.slice(3)).toEqual(['']);
  });

  it('keeps what somebody noted behind its columns', async () => {
    const simulator = await simulate({ script: { ann: ['22002'] } });
    write('users.csv', 'username,token_type\nann,otp\nben,otp\ncid,ott\n');
    await run(['users.csv'], simulator.url);
    const [header, ann, cid] = read('users.failed.csv')
      .replaceAll(/"[^"]*"/g, 'why')
      .trim()
      .split('\n');
    write('users.failed.csv', `${header},\n${ann},ask her\n${cid},\n`);
    await run(['users.failed.csv'], simulator.url);
    expect(read('users.results.csv')).toMatch(/^username,token_type,,line.*\nann,otp,ask her,2,/);
  });
});

describe('after a group that is done', () => {
  it('the next command sends what was corrected outside of it', async () => {
    const simulator = await simulate({});
    write('users.csv', 'username,token_type,dept\nq1,otp,IT\nq2,ott,HR\n');
    const pilot = await run(['users.csv', '--where', 'dept=IT'], simulator.url);
    expect(pilot.stdout).toMatch(/1 row to correct.* Next: centagate-provision run \S+users\.failed\.csv$/m);
    write('users.failed.csv', read('users.failed.csv').replace('ott', 'otp'));
    expect((await run(['users.failed.csv'], simulator.url)).exitCode).toBe(0);
  });
});

describe('the files', () => {
  it('are readable by their owner alone, and nothing temporary stays', async () => {
    const simulator = await simulate({});
    write('users.csv', 'username,token_type\nann,otp\n');
    await run(['users.csv'], simulator.url);
    const kinds = ['failed.csv', 'keys.csv', 'results.csv', 'summary.json', 'manifest.json', 'SHA256SUMS'];
    const made = kinds.map((kind) => `users.${kind}`);
    expect(readdirSync(folder).sort()).toEqual(['users.csv', ...made].sort());
    for (const name of made) expect(statSync(path(name)).mode & 0o777).toBe(0o600);
  });

  it('never hold a secret, nor do the terminal and the log', async () => {
    const simulator = await simulate({ script: { ann: ['10004', 'ok'], ben: ['10001'] } });
    write('users.csv', 'username,token_type\nann,otp\nben,otp\n');
    const ended = await runChild(['run', path('users.csv'), '--json'], simulator.url);
    const key = simulator.sends.find(({ key }) => key !== undefined)?.key ?? 'none';
    const texts = readdirSync(folder)
      .filter((name) => name !== 'users.keys.csv')
      .map(read);
    for (const text of [...texts, ended.stdout, ended.stderr]) {
      for (const secret of [SESSION.authToken, SESSION.secretCode, key]) expect(text).not.toContain(secret);
    }
    expect(read('users.keys.csv')).toContain(key);
  });

  it('go where --out-dir and --name say, and a failed file is known there', async () => {
    const simulator = await simulate({ script: { ann: ['500'] } });
    write('export.csv', 'username,token_type\nann,otp\n');
    await run(['export.csv', '--name', 'users', '--attempts', '1'], simulator.url);
    expect(column('users.failed.csv', 'outcome')).toEqual(['unknown']);
    const again = await run(['users.failed.csv'], simulator.url);
    expect(again.exitCode).toBe(0);
    expect(column('users.results.csv', 'attempts')).toEqual(['2']);
  });

  it('of standard input stand beside the results, so that it can be rerun', async () => {
    const simulator = await simulate({});
    const words = ['run', '-', '--name', 'users', '--out-dir', folder];
    const ended = await runProgram(words, environment(simulator.url), { stdin: 'username,token_type\nann,otp\n' });
    expect(ended.exitCode).toBe(0);
    expect((await run(['users.csv'], simulator.url)).exitCode).toBe(0);
    expect(simulator.sends).toHaveLength(1);
  });

  it('are kept as numbered .bak by --fresh, and the keys stay where they are', async () => {
    const simulator = await simulate({ script: { ben: ['500'] } });
    write('users.csv', 'username,token_type\nann,otp\nben,otp\n');
    await run(['users.csv', '--attempts', '1'], simulator.url);
    const [before, keys] = [read('users.results.csv'), read('users.keys.csv')];
    await run(['users.csv', '--fresh'], simulator.url);
    expect(read('users.results.csv.1.bak')).toBe(before);
    expect(read('users.keys.csv').startsWith(keys)).toBe(true);
    expect(column('users.results.csv', 'outcome')).toEqual(['already_registered', 'registered']);
    const refused = await run(['users.failed.csv', '--fresh'], simulator.url);
    expect(refused.exitCode).toBe(2);
  });

  it('that can not be written end the command before anything is sent', async () => {
    const simulator = await simulate({});
    write('users.csv', 'username,token_type\nann,otp\n');
    symlinkSync('/proc/no-such-folder/keys', path('users.keys.csv'));
    const ended = await run(['users.csv'], simulator.url);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('users.keys.csv');
    expect(simulator.sends).toHaveLength(0);
  });

  it('of one server are not taken for those of another: a rehearsal is no registration', async () => {
    const [rehearsal, real] = [await simulate({}), await simulate({})];
    write('users.csv', 'username,token_type\nann,otp\n');
    await run(['users.csv'], rehearsal.url);
    const refused = await run(['users.csv'], real.url);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain(rehearsal.url);
    expect((await run(['users.csv', '--fresh'], real.url)).exitCode).toBe(0);
    expect(real.sends).toHaveLength(1);
  });

  it('tell of earlier runs and keep the signature folder', async () => {
    const simulator = await simulate({ script: { ann: ['500'] } });
    write('users.csv', 'username,token_type,signature_path,status\nann,pki,signatures/finance/aisyah.rahman.p7s,2\n');
    await run(['users.csv', '--signatures-dir', SAMPLES, '--attempts', '1'], simulator.url);
    await run(['users.failed.csv'], simulator.url);
    const report = JSON.parse(read('users.summary.json')) as RunReport;
    expect(report.signatures_dir).toBe(SAMPLES);
    expect(report.exit_code).toBe(0);
    expect(report.runs.map(({ exit_code, sends }) => ({ exit_code, sends }))).toEqual([{ exit_code: 3, sends: 1 }]);
  });
});

describe('a signal', () => {
  it('takes no new rows, lets what is in flight end, and leaves complete files', async () => {
    const simulator = await simulate({ latencyMs: 300 });
    write('users.csv', ['username,token_type', ...Array.from({ length: 300 }, (_, i) => `u${i},otp`)].join('\n'));
    const child = startChild(['run', path('users.csv'), '--concurrency', '4'], simulator.url);
    const ending = endOf(child);
    await until(() => simulator.sends.length >= 4);
    child.kill('SIGTERM');
    const ended = await ending;
    expect(ended.exitCode).toBe(143);
    const outcomes = column('users.results.csv', 'outcome');
    expect(outcomes).toHaveLength(300);
    expect(outcomes.filter((outcome) => outcome === 'registered')).toHaveLength(simulator.sends.length);
    expect(new Set(outcomes)).toEqual(new Set(['registered', 'not_sent']));
    expect(existsSync(path('users.journal'))).toBe(false);
  });

  it('before anything is sent ends the run at once and frees its lock, by itself: the kernel spares process 1', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      // A TCP listener's address has a port.
      const { port } = silent.address() as AddressInfo;
      write('users.csv', 'username,token_type\nann,otp\n');
      const child = startChild(['run', path('users.csv')], `http://127.0.0.1:${port}`);
      const ending = endOf(child);
      await once(silent, 'request');
      expect(existsSync(path('users.lock'))).toBe(true);
      child.kill('SIGTERM');
      const ended = await ending;
      expect(ended.exitCode).toBe(143);
      expect(ended.stderr).toContain('SIGTERM: ended before anything was sent');
      expect(readdirSync(folder)).toEqual(['users.csv']);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });

  it('that comes twice cuts off what is in flight, and says that it is unknown', async () => {
    const simulator = await simulate({ script: { ann: ['no-reply'] } });
    write('users.csv', 'username,token_type\nann,otp\nben,otp\n');
    const child = startChild(['run', path('users.csv'), '--concurrency', '1'], simulator.url);
    const ending = endOf(child);
    await until(() => simulator.sends.length === 1);
    child.kill('SIGINT');
    await until(() => ending.text().includes('SIGINT'));
    child.kill('SIGINT');
    expect((await ending).exitCode).toBe(130);
    expect(column('users.results.csv', 'outcome')).toEqual(['unknown', 'not_sent']);
    expect(column('users.results.csv', 'attempts')).toEqual(['1', '0']);
  });
});

describe('a second run of the same stem', () => {
  it('ends with 5 at once and says who holds it, also for the failed file; afterwards the way is free', async () => {
    const simulator = await simulate({ script: { ann: ['no-reply'] } });
    write('users.csv', 'username,token_type\nann,otp\n');
    write('users.failed.csv', 'username,token_type\nann,otp\n');
    const child = startChild(['run', path('users.csv')], simulator.url);
    const ending = endOf(child);
    await until(() => simulator.sends.length === 1);
    for (const input of ['users.csv', 'users.failed.csv']) {
      const second = await runChild(['run', path(input)], simulator.url);
      expect(second.exitCode).toBe(5);
      expect(second.stderr).toContain(`process ${child.pid ?? 0} on`);
    }
    child.kill('SIGTERM');
    await until(() => ending.text().includes('SIGTERM'));
    child.kill('SIGTERM');
    expect((await ending).exitCode).toBe(143);
    expect((await run(['users.csv'], simulator.url)).exitCode).toBe(0);
    expect(simulator.sends).toHaveLength(2);
  });
});

describe('a lock that another machine has just renewed', () => {
  it('holds the stem, until --take-lock says that its holder is dead', async () => {
    const simulator = await simulate({});
    write('users.csv', 'username,token_type\nann,otp\n');
    const holder = { runId: 'other', host: 'elsewhere', pid: 1, bootId: '', pidNamespace: '', startTime: '' };
    write('users.lock', JSON.stringify({ ...holder, since: '2026-01-31T12:00:00.000Z' }));
    const held = await run(['users.csv'], simulator.url);
    expect(held.exitCode).toBe(5);
    expect(held.stderr).toContain('process 1 on elsewhere, since 2026-01-31T12:00:00.000Z');
    expect(simulator.sends).toEqual([]);
    const taken = await runChild(['run', path('users.csv'), '--take-lock'], simulator.url);
    expect(taken.exitCode).toBe(0);
    expect(taken.stderr).toContain('the lock of process 1 on elsewhere');
    expect(existsSync(path('users.lock'))).toBe(false);
  });
});

describe('a killed run', () => {
  it('is completed by the same command: what was done stays done, what was under way is in doubt', async () => {
    const simulator = await simulate({ script: { u3: ['lost'] } });
    write('users.csv', ['username,token_type', ...Array.from({ length: 6 }, (_, i) => `u${i},otp`)].join('\n'));
    const child = startChild(['run', path('users.csv'), '--concurrency', '1'], simulator.url);
    // The next send leaves in the turn that the key before it is written in: a kill between the two loses that.
    await until(() => simulator.sends.length === 4 && readFileSync(path('users.keys.csv'), 'utf8').includes('\nu2,'));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(path('users.results.csv'))).toBe(false);
    const ended = await run(['users.csv'], simulator.url);
    expect(ended.exitCode).toBe(1);
    const outcomes = column('users.results.csv', 'outcome');
    expect(outcomes).toEqual(['registered', 'registered', 'registered', 'key_lost', 'registered', 'registered']);
    expect(Number(column('users.results.csv', 'attempts')[3])).toBe(2);
    const perUser = new Map<string, number>();
    for (const { username } of simulator.sends) perUser.set(username, (perUser.get(username) ?? 0) + 1);
    expect([...perUser.values()]).toEqual([1, 1, 1, 2, 1, 1]);
  });
});

describe('a bug', () => {
  it('ends with 70, asks to be reported, and every row is accounted for', async () => {
    const simulator = await simulate({ script: { ann: ['10004'] } });
    write('users.csv', 'username,token_type\nann,otp\nben,otp\n');
    let draws = 0;
    const clock = {
      ...hastyClock,
      // The run draws two seeds before its rows, for how it counts people.
      random: () => {
        draws += 1;
        if (draws <= 2) return 0.5;
        throw new TypeError('no dice');
      },
    };
    const ended = await runProgram(['run', path('users.csv'), '--concurrency', '1'], environment(simulator.url), {
      clock,
    });
    expect(ended.exitCode).toBe(70);
    expect(ended.stdout).toContain('no dice');
    const [ann, ben] = column('users.results.csv', 'outcome');
    expect(ann).toBe('unknown');
    // Whether it left before the run stopped is a race, and either word is the truth.
    expect(['unknown', 'not_sent']).toContain(ben);
  });
});

describe('help', () => {
  it('is what --help, help and a command alone show; nothing to do is no success', async () => {
    const [asked, named, bare] = await Promise.all([['--help'], ['help'], []].map((words) => runProgram(words)));
    expect(asked).toMatchObject({ exitCode: 0, stderr: '' });
    expect(asked?.stdout).toContain('Usage: centagate-provision run <input> [settings]');
    expect(named).toEqual(asked);
    expect(bare).toMatchObject({ exitCode: 2, stdout: '', stderr: asked?.stdout });
  });

  it('prints the completion script of a shell, and answers what that asks', async () => {
    const script = await runProgram(['completion', 'fish']);
    expect(script).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('complete -c centagate-provision') as string,
    });
    expect(await runProgram(['completion', 'csh'])).toMatchObject({ exitCode: 2 });
    expect(await runProgram(['--complete', 'fish', 'vali'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^files\nvalidate\t/) as string,
    });
    const asBefore = await runProgram(['--get-yargs-completions', 'centagate-provision', 'vali']);
    expect(asBefore).toMatchObject({ exitCode: 0, stdout: 'validate\n' });
  });
});

describe.skipIf(process.platform === 'win32')('a pipe that nobody writes to', () => {
  it.each([
    ['SSL_CERT_FILE', ['run', 'users.csv'], '--server'],
    ['SSL_CERT_FILE', ['doctor'], '--server'],
    ['--users', ['simulate'], '--users'],
    ['--cert', ['simulate', '--https', '--key', 'key.pem'], '--cert'],
  ])('is not waited for: %s of %j', (name, words, flag) => {
    write('users.csv', 'username,token_type\nann,otp\n');
    execFileSync('mkfifo', [path('pipe')]);
    const isVariable = flag === '--server';
    const session = { CENTAGATE_ADMIN: 'root', CENTAGATE_AUTH_TOKEN: 'token', CENTAGATE_SECRET_CODE: 'code' };
    const env = { PATH: process.env['PATH'], ...session, ...(isVariable && { [name]: path('pipe') }) };
    const typed = [...words, flag, isVariable ? 'https://127.0.0.1:9' : path('pipe')];
    const how = { cwd: folder, env, encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' } as const;
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...typed], how);
    expect([status, stderr]).toEqual([2, expect.stringContaining('is not a regular file')]);
    expect(stderr).toContain(name);
    expect(readdirSync(folder).sort()).toEqual(['pipe', 'users.csv']);
  });
});

describe('simulate', () => {
  it('prints the settings that a job needs, and ends on a signal', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'simulate', '--https', '--seed', '3']);
    const ending = endOf(child);
    await until(() => ending.text().includes('listens'));
    const settings = Object.fromEntries(
      [...ending.text().matchAll(/export (\w+)='(.*)'/g)].map(([, name = '', value = '']) => [name, value]),
    );
    write('users.csv', 'username,token_type\nann,otp\n');
    const ended = await runProgram(['run', path('users.csv')], settings);
    expect(ended.exitCode).toBe(0);
    write('more.csv', 'username,token_type\nben,otp\n');
    const login = { ...settings, CENTAGATE_AUTH_TOKEN: '', CENTAGATE_SECRET_CODE: '' };
    expect((await runProgram(['run', path('more.csv')], login)).exitCode).toBe(0);
    child.kill('SIGINT');
    expect((await ending).exitCode).toBe(130);
  });

  it('says what is wrong with its flags, all at once', async () => {
    const ended = await runProgram(['simulate', '--fault', 'nonsense=1', '--port', 'x', '--session-ttl', '1s']);
    expect(ended.exitCode).toBe(2);
    for (const flag of ['--fault', '--port', '--session-ttl']) expect(ended.stderr).toContain(flag);
  });
});

function path(name: string): string {
  return join(folder, name);
}

function write(name: string, text: string): void {
  writeFileSync(path(name), text);
}

function read(name: string): string {
  return readFileSync(path(name), 'utf8');
}

function column(file: string, name: string): string[] {
  const rows: Record<string, string>[] = parse(read(file), { columns: true });
  return rows.map((row) => row[name] ?? '');
}

async function simulate(options: Partial<SimulatorOptions>): Promise<Simulator> {
  const simulator = await startSimulator({ ...SESSION, ...options });
  simulators.push(simulator);
  return simulator;
}

function environment(url: string): Record<string, string> {
  return {
    CENTAGATE_SERVER: url,
    CENTAGATE_ADMIN: SESSION.admin,
    CENTAGATE_AUTH_TOKEN: SESSION.authToken,
    CENTAGATE_SECRET_CODE: SESSION.secretCode,
  };
}

function run([input = '', ...flags]: readonly string[], url: string): Promise<Ended> {
  return runProgram(['run', path(input), ...flags], environment(url));
}

function startChild(words: readonly string[], url: string): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...words], { env: { PATH: process.env['PATH'], ...environment(url) } });
}

function runChild(words: readonly string[], url: string): Promise<Ended> {
  return endOf(startChild(words, url));
}

/** The end of a child, and meanwhile what it has said so far. */
function endOf(child: ChildProcess): Promise<Ended> & { text: () => string } {
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ exitCode: code as number, ...said }));
  return Object.assign(ended, { text: () => said.stdout + said.stderr });
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries += 1) {
    if (tries > 1000) throw new Error('it never came true');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
