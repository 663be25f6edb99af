import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer, request as startRequest } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/core/system-clock.js';
import { AdministratorLock } from '../../src/record/administrator-lock.js';
import { meetingFolder } from '../../src/disk/private-folder.js';
import { describeSelf } from '../../src/record/process-identity.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { ACCOUNT, GIVEN, LOGIN, SESSION } from '../support/account.js';
import { defer } from '../support/defer.js';
import type { Deferred } from '../support/defer.js';
import { Lab } from '../support/lab.js';
import { PROGRAM } from '../support/program.js';

/* Two processes that would log in as the same administrator. The server allows one session, as a policy may. */

const ROWS = 'username,token_type\nann,otp\n';
let lab: Lab;
let simulator: Simulator;
let front: Server;
let children: ChildProcess[];
/** The first registration has come, and waits for its release. */
let arrival: Deferred<void>;
let release: Deferred<void>;
let isFirst: boolean;

beforeEach(async () => {
  lab = new Lab();
  children = [];
  [arrival, release, isFirst] = [defer(), defer(), true];
  simulator = await startSimulator({ ...SESSION, login: LOGIN });
  front = createServer((incoming, response) => {
    const { method, headers, url = '' } = incoming;
    const onward = startRequest(`${simulator.url}${url}`, { method, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(response);
    });
    onward.on('error', () => response.destroy());
    if (method !== 'PUT' || !isFirst) {
      incoming.pipe(onward);
      return;
    }
    isFirst = false;
    arrival.resolve();
    void release.promise.then(() => incoming.pipe(onward));
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  front.closeAllConnections();
  front.close();
  await simulator.close();
  lab.remove();
});

function address(): string {
  // It listens, at a port.
  return `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
}

/** Starts the program; its runs meet in a folder of this test's own. */
function start(words: readonly string[], session: Readonly<Record<string, string>> = ACCOUNT) {
  const server = { CENTAGATE_SERVER: address(), CENTAGATE_ADMIN: SESSION.admin };
  const env = { PATH: process.env['PATH'], TMPDIR: lab.folder, ...server, ...session };
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    cwd: lab.folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const ended = Promise.all([
    new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code))),
    text(child.stdout),
    text(child.stderr),
  ]).then(([exitCode, stdout, stderr]) => ({ exitCode, stdout, stderr }));
  return { child, ended };
}

/** A run that has logged in, and whose first rows are on their way. */
async function startFirst() {
  const first = start(['run', lab.file('first.csv', ROWS)]);
  await arrival.promise;
  return first;
}

it('the second is refused with the name of the first: it sends nothing, and leaves nothing', async () => {
  const first = await startFirst();
  lab.file('second.csv', ROWS);
  const second = await start(['run', 'second.csv']).ended;
  expect(second.exitCode).toBe(5);
  expect(second.stderr).toContain(`another run holds the session of ${SESSION.admin} at http://127.0.0.1:`);
  expect(second.stderr).toContain(`process ${first.child.pid ?? ''} on `);
  expect(second.stderr).toContain('Nothing was sent.');
  expect(simulator.logins).toBe(1);
  expect(readdirSync(lab.folder).filter((name) => name.startsWith('second'))).toEqual(['second.csv']);
  release.resolve();
  expect((await first.ended).exitCode).toBe(0);
  // The first has logged out, and its lock is gone.
  expect((await start(['run', 'second.csv']).ended).exitCode).toBe(0);
  expect([simulator.logins, simulator.logouts]).toEqual([2, 2]);
});

it('doctor and verify log in no more than it does', async () => {
  isFirst = false;
  expect((await start(['run', lab.file('done.csv', ROWS)]).ended).exitCode).toBe(0);
  isFirst = true;
  await startFirst();
  const doctor = await start(['doctor']).ended;
  expect(doctor.exitCode).toBe(5);
  expect(doctor.stdout).toMatch(/^BAD +session .* another run holds the session of root .*when that run has ended$/m);
  const verify = await start(['verify', 'done.results.csv']).ended;
  expect([verify.exitCode, verify.stdout]).toEqual([5, '']);
  expect(simulator.logins).toBe(2);
});

it('one that was given a session shares it, and logs in only when that is over: then it is refused', async () => {
  const self = describeSelf('other', systemClock);
  const folder = join(lab.folder, basename(meetingFolder()));
  const warn = (text: string): void => expect.unreachable(text);
  const held = new AdministratorLock({
    folder,
    server: address(),
    admin: SESSION.admin,
    self,
    clock: systemClock,
    warn,
  });
  await held.take();
  isFirst = false;
  const given = { ...GIVEN, ...ACCOUNT };
  expect((await start(['run', lab.file('shard.csv', ROWS)], given).ended).exitCode).toBe(0);
  simulator.endSession();
  const late = await start(['run', lab.file('late.csv', ROWS)], given).ended;
  held.release();
  expect([late.exitCode, simulator.logins]).toEqual([5, 0]);
  expect(late.stdout).toContain('Stopped early: another run holds the session of root');
  expect(late.stdout).toContain('Next: centagate-provision run ');
  expect(readdirSync(lab.folder)).toContain('late.results.csv');
});

it('one that was killed keeps nobody', async () => {
  const first = await startFirst();
  first.child.kill('SIGKILL');
  await first.ended;
  expect((await start(['run', lab.file('second.csv', ROWS)]).ended).exitCode).toBe(0);
});
