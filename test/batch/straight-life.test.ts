import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eachConcurrently } from '../../src/batch/each-concurrently.js';
import { registerRow } from '../../src/batch/register-row.js';
import { registering } from '../../src/batch/straight-life.js';
import { StateError } from '../../src/core/state-error.js';
import type { Registration } from '../../src/row/registration.js';
import type { Reply } from '../../src/row/reply.js';
import type { Settlement } from '../../src/row/settlement.js';
import { anOtpRegistration, anyReply, anySettlement, aRegistration, aReply, aStatus } from '../support/builders.js';
import { aRowWorld } from '../support/row-world.js';
import type { RowWorldOptions } from '../support/row-world.js';
import { TestClock } from '../support/test-clock.js';

const OTP = anOtpRegistration();
const STOP = { kind: 'interrupted', reason: 'interrupted by SIGINT' } as const;

/** A world in which nothing holds a row back. */
function aFreeWorld(options: RowWorldOptions) {
  const world = aRowWorld(options);
  world.gate.leads.prove('otp');
  world.gate.leads.prove('pki');
  return world;
}

/** All that a row leaves behind, whichever way it goes through its life. */
async function lived(
  life: 'straight' | 'in steps',
  {
    registration,
    past,
    options,
  }: { registration: Registration; past?: Settlement | undefined; options: RowWorldOptions },
) {
  const world = aFreeWorld(options);
  const register = life === 'straight' ? registering(world.edges) : undefined;
  const row = { registration, past };
  const settlement = await (register?.(row, world.slot) ?? registerRow(row, world.edges, world.slot));
  const { entries, sent, notes, stop, log } = world;
  const sends = sent.map(({ at, session }) => ({ at, session }));
  return { settlement, entries, sends, notes, stop: stop.reason, log };
}

/** What the disk refuses from the so-manieth time on. */
function failingFrom(most: number): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (count > most) throw new StateError('users.journal', Object.assign(new Error('full'), { code: 'ENOSPC' }));
  };
}

test('a straight life and one in steps leave the same behind, whatever comes back', async () => {
  const success = fc.constantFrom<Reply>(aReply(), aReply({ code: '22002' }), aReply({ code: '22027' }));
  const aLife = fc.record({
    registration: fc.constantFrom<Registration>(OTP, aRegistration()),
    past: fc.option(anySettlement, { nil: undefined }),
    sends: fc.array(fc.oneof(success, anyReply), { minLength: 12, maxLength: 12 }),
    session: fc.array(fc.constantFrom('good' as const, 'over' as const, 'unclear' as const), { maxLength: 4 }),
    writes: fc.option(fc.nat(5), { nil: Infinity }),
    syncs: fc.option(fc.nat(3), { nil: Infinity }),
    maxAttempts: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(aLife, async ({ registration, past, writes, syncs, ...given }) => {
      const options = (): RowWorldOptions => {
        const sync = failingFrom(syncs);
        return { ...given, append: failingFrom(writes), sync: () => Promise.resolve().then(sync) };
      };
      const [straight, inSteps] = [
        await lived('straight', { registration, past, options: options() }),
        await lived('in steps', { registration, past, options: options() }),
      ];
      expect(straight).toEqual(inSteps);
    }),
    { numRuns: 300 },
  );
});

describe('a row whose way is straight', () => {
  test('has its turn to the end of its send, and another one of its user the next', async () => {
    const world = aFreeWorld({ sends: [aReply(), aReply()] });
    const register = registering(world.edges);
    const rows = [1, 2].map(() => register({ registration: OTP, past: undefined }, world.slot));
    for (const row of rows) await row;
    expect(world.log.filter((event) => /^(?:send|slot)/.test(event))).toEqual([
      ...['slot taken', 'send', 'slot freed'],
      ...['slot taken', 'send', 'slot freed'],
    ]);
  });

  test('frees its slot when it waits for another try', async () => {
    const world = aFreeWorld({ sends: [aStatus(503), aReply()] });
    await registering(world.edges)({ registration: OTP, past: undefined }, world.slot);
    expect(world.log.filter((event) => /^(?:send|slot|try)/.test(event))).toEqual([
      ...['slot taken', 'send', 'slot freed', 'try'],
      ...['slot taken', 'send', 'slot freed'],
    ]);
  });

  test('ends in doubt by a bug, and the run stops', async () => {
    const world = aFreeWorld({});
    const settlement = await registering(world.edges)({ registration: OTP, past: undefined }, world.slot);
    expect(settlement).toMatchObject({ outcome: 'unknown', attempts: 1 });
    expect(world.stop.reason?.kind).toBe('bug');
    expect(world.log.at(-1)).toBe('slot freed');
  });

  test('does not leave once the run has stopped', async () => {
    const world = aFreeWorld({
      sync: () => {
        world.stop.stop(STOP);
        return Promise.resolve();
      },
    });
    const settlement = await registering(world.edges)({ registration: OTP, past: undefined }, world.slot);
    expect([settlement, world.sent]).toMatchObject([{ outcome: 'not_sent', attempts: 0 }, []]);
    const later = await registering(world.edges)({ registration: OTP, past: undefined }, world.slot);
    expect([later, world.sent]).toMatchObject([{ outcome: 'not_sent' }, []]);
  });
});

test('one user whom nobody may touch costs a login at most, and no other row, whoever waits beside it', async () => {
  const aRun = fc.record({
    concurrency: fc.integer({ min: 1, max: 8 }),
    denied: fc.integer({ min: 1, max: 12 }),
    thinkMs: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 40, maxLength: 40 }),
    isStraight: fc.boolean(),
  });
  const thinkMs = Array.from({ length: 40 }, (_, at) => (at === 3 ? 40 : 1));
  const lastToEnd = { concurrency: 2, denied: 2, thinkMs, isStraight: false };
  await fc.assert(
    fc.asyncProperty(aRun, async ({ concurrency, denied, thinkMs, isStraight }) => {
      const clock = new TestClock({ isAuto: true });
      const opened = { kind: 'opened', session: { admin: 'admin', cenToken: 'made here' } } as const;
      const world = aRowWorld({ clock, logins: [opened] });
      const senders: string[] = [];
      const send: typeof world.edges.send = async ({ registration: { username } }, session) => {
        senders.push(username);
        world.sent.push({ registration: OTP, signature: undefined, mayLeave: () => true, session, at: clock.now() });
        await new Promise<void>((resolve) => clock.after(thinkMs[world.sent.length % 40] ?? 1, resolve));
        const reply =
          username === `u${denied}` ? aReply({ code: '10001' }) : aReply({ key: { text: 'a-key', bare: false } });
        return { reply, sentAt: clock.now(), latencyMs: 1 };
      };
      const edges = { ...world.edges, send };
      const register = isStraight ? registering(edges) : undefined;
      const rows = Array.from({ length: 24 }, (_, at) => anOtpRegistration({ username: `u${at}` }));
      const source = (async function* () {
        for (const registration of rows) yield await Promise.resolve({ registration, past: undefined });
      })();
      const outcomes: string[] = [];
      for await (const ended of eachConcurrently(source, { concurrency }, async (row, slot) =>
        register === undefined ? registerRow(row, edges, slot) : register(row, slot),
      )) {
        outcomes.push(...ended.map(({ outcome }) => outcome));
      }
      // A row that was the last one to be sent is explained by no other.
      const ofDenied = senders.at(-1) === `u${denied}` ? 'unavailable' : 'refused';
      const expected = rows.map(({ username }) => (username === `u${denied}` ? ofDenied : 'registered'));
      expect(outcomes).toEqual(expected);
      expect(world.log.filter((event) => event === 'login').length).toBeLessThanOrEqual(1);
      expect(world.stop.reason).toBeUndefined();
    }),
    { numRuns: 100, examples: [[lastToEnd]] },
  );
});
