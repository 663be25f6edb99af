import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { UsageError } from '../../src/core/usage-error.js';
import { describeSelf } from '../../src/record/process-identity.js';
import { resolveSettings } from '../../src/settings/settings.js';
import { enterRound } from '../../src/shards/enter-round.js';
import { locateJob } from '../../src/wiring/job.js';
import { environmentOf, SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { QuickClock } from '../support/quick-clock.js';

let lab: Lab;
let clock: Clock;
beforeEach(() => {
  lab = new Lab();
  clock = new QuickClock(1000);
  lab.file('users.csv', 'username,token_type\nann,otp\nben,otp\n');
});
afterEach(() => lab.remove());

/** @param isRunning whether the process of a lock that is met is there */
async function enter(shard: string, isRunning: () => boolean = () => false): Promise<void> {
  const env = environmentOf('https://centagate.example', SESSION);
  const settings = await resolveSettings({ flags: { shard }, env });
  const { part, ...job } = locateJob(lab.path('users.csv'), settings);
  if (part === undefined) throw new Error('a shard is a part');
  await enterRound({ ...job, part }, { settings, clock, holder: { self: describeSelf('shard', clock), isRunning } });
}

describe('a shard that meets the merge of its round', () => {
  beforeEach(async () => {
    await enter('0/2');
    const merge = { ...describeSelf('merge', clock), pid: process.ppid };
    writeFileSync(lab.path('users.lock'), JSON.stringify(merge));
  });

  const endMerge = (): void => {
    rmSync(lab.path('users.shards.json'));
    rmSync(lab.path('users.lock'));
  };

  it.each([1, 3])('begins no other one alone when it has ended, by look %i', async (last) => {
    let looks = 0;
    const entering = enter('1/2', () => {
      looks += 1;
      if (looks === last) endMerge();
      return looks < last;
    });
    await expect(entering).rejects.toThrow(UsageError);
    await expect(entering).rejects.toThrow(
      /the shards were merged meanwhile; run what is left \(.*users\.failed\.csv\)/,
    );
    expect(existsSync(lab.path('users.shards.json'))).toBe(false);
  });

  it('goes on when it has refused', async () => {
    let looks = 0;
    await enter('1/2', () => {
      looks += 1;
      if (looks === 2) rmSync(lab.path('users.lock'));
      return true;
    });
    expect(looks).toBe(2);
  });
});
