import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LockedError } from '../../src/core/locked-error.js';
import { AdministratorLock } from '../../src/record/administrator-lock.js';
import type { AdministratorLocking } from '../../src/record/administrator-lock.js';
import type { LockHolder } from '../../src/record/lock-holder.js';
import { describeSelf } from '../../src/record/process-identity.js';
import { Lab, TestClock } from '../support/lab.js';

let lab: Lab;
let clock: TestClock;
let warnings: string[];

beforeEach(() => {
  lab = new Lab();
  clock = new TestClock();
  warnings = [];
});
afterEach(() => lab.remove());

function aLock(changes: Partial<AdministratorLocking> = {}): AdministratorLock {
  return new AdministratorLock({
    folder: lab.path('runs'),
    server: 'https://centagate.example',
    admin: 'alice',
    self: describeSelf('this', clock),
    clock,
    warn: (text) => warnings.push(text),
    ...changes,
  });
}

/** As if another process of this machine, which lives, had what this one has. */
function giveAway(): LockHolder {
  const [name = ''] = readdirSync(lab.path('runs'));
  const path = lab.path(`runs/${name}`);
  const holder = JSON.parse(readFileSync(path, 'utf8')) as LockHolder;
  const parent = { ...describeSelf('other', clock), pid: process.ppid, startTime: '' };
  writeFileSync(path, JSON.stringify({ ...holder, ...parent }));
  return parent;
}

it('is this user’s alone, tells no name by its own, and is gone when it is released', async () => {
  const lock = aLock();
  await lock.take();
  await lock.take();
  const [name = ''] = readdirSync(lab.path('runs'));
  expect(name).toMatch(/^[0-9a-f]{32}\.lock$/);
  expect(statSync(lab.path(`runs/${name}`)).mode & 0o777).toBe(0o600);
  lock.release();
  lock.release();
  expect([readdirSync(lab.path('runs')), warnings]).toEqual([[], []]);
});

it('that another run has is refused, with its name and what to do', async () => {
  await aLock().take();
  const { pid, host } = giveAway();
  const refused = aLock().take();
  await expect(refused).rejects.toThrow(LockedError);
  await expect(refused).rejects.toThrow(
    `another run holds the session of alice at https://centagate.example, which a login of this one could end: process ${pid} on ${host}, since `,
  );
  await expect(refused).rejects.toThrow('give this one another administrator, or both one session (--auth-token-file)');
});

it('is one for each administrator of each server', async () => {
  await aLock().take();
  giveAway();
  await aLock({ admin: 'bob' }).take();
  await aLock({ server: 'https://other.example' }).take();
  expect(readdirSync(lab.path('runs'))).toHaveLength(3);
});

it('of a process that is gone keeps nobody', async () => {
  await aLock({ self: { ...describeSelf('dead', clock), pid: 2 ** 22 + 1, startTime: '1' } }).take();
  await aLock().take();
  expect(warnings).toEqual([]);
});

it('that can not be had is warned of once, and the run goes on', async () => {
  const lock = aLock({ folder: lab.path('none/runs') });
  await lock.take();
  await lock.take();
  expect(warnings).toEqual([
    `nothing keeps another run on this machine from logging in as alice, which may end this one's session: ${lab.path('none/runs')}: it can't be made (ENOENT)`,
  ]);
});

it('that another run took is warned of: the session decides', async () => {
  const lock = aLock();
  await lock.take();
  giveAway();
  clock.ring();
  expect(warnings).toEqual([expect.stringContaining('another run took the lock of the session of alice')]);
  lock.release();
  expect(readdirSync(lab.path('runs'))).toHaveLength(1);
});
