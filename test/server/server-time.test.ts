import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import type { Exchange, HttpReply, HttpRequest } from '../../src/server/exchange.js';
import { plainFailure } from '../../src/network/network-error.js';
import { ServerTime } from '../../src/server/server-time.js';
import type { ClockMode } from '../../src/server/server-time.js';
import { anExchange, NOON } from '../support/builders.js';
import { defer } from '../support/defer.js';

const MINUTE = 60_000;
const NEVER = new AbortController().signal;
const SEND: HttpRequest = { method: 'PUT', path: '/send' };
const AWAY: Exchange = { kind: 'failed', ...plainFailure('the connection was refused') };

/** A machine whose clocks a test moves, and a server whose clock is `aheadMs` ahead of noon. */
function aWorld(options: { mode?: ClockMode; aheadMs?: number } = {}) {
  const world = {
    aheadMs: options.aheadMs ?? 0,
    local: NOON,
    elapsed: 0,
    changes: {} as Partial<HttpReply>,
    isAway: false,
    isSilent: false,
    seen: [] as string[],
    stamps: [] as number[],
    warnings: [] as string[],
    timers: [] as { delayMs: number; ring: () => void }[],
  };
  const machine: Clock = {
    now: () => world.local + world.elapsed,
    monotonic: () => world.elapsed,
    after: (delayMs, ring) => {
      world.timers.push({ delayMs, ring });
      return () => undefined;
    },
    random: () => 0,
  };
  const exchange = async (request: HttpRequest, signal: AbortSignal): Promise<Exchange> => {
    world.seen.push(request.path);
    await Promise.resolve();
    if (world.isAway) return AWAY;
    const leftAt = world.elapsed;
    request.onDeparture?.(0, 1);
    if (request.path === SEND.path) world.stamps.push(time.clock.now());
    if (world.isSilent) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      return { kind: 'cut', why: 'cut off' };
    }
    world.elapsed += 10;
    const date = new Date(NOON + world.elapsed + world.aheadMs).toUTCString();
    return anExchange({ dated: { date, isCached: false, leftAt, cameAt: world.elapsed }, ...world.changes });
  };
  const warn = (text: string): void => void world.warnings.push(text);
  const time = new ServerTime({ mode: options.mode ?? 'server', clock: machine, exchange, lookPath: '/look', warn });
  const server = (): number => NOON + world.elapsed + world.aheadMs;
  return { world, time, server };
}

describe('the first request', () => {
  test.each([-10 * MINUTE, 10 * MINUTE])(
    'has the right time already, with a clock that is %i ms off',
    async (aheadMs) => {
      const { world, time, server } = aWorld({ aheadMs });
      await time.exchange(SEND, NEVER);
      expect(world.seen).toEqual(['/look', '/send']);
      expect(Math.abs((world.stamps[0] ?? 0) - server())).toBeLessThan(1000);
      const side = aheadMs < 0 ? 'ahead of' : 'behind';
      expect(world.warnings).toEqual([
        `this machine's clock is 10 min 0 s ${side} the server's: stamps follow the server; set the clock`,
      ]);
    },
  );

  test('waits with all others for one look; none looks again', async () => {
    const { world, time } = aWorld();
    await Promise.all([1, 2, 3].map(() => time.exchange(SEND, NEVER)));
    await time.exchange(SEND, NEVER);
    expect(world.seen.filter((path) => path === '/look')).toHaveLength(1);
  });

  test('never departs while the server is away: it would have no time', async () => {
    const { world, time } = aWorld();
    world.isAway = true;
    expect(await time.exchange(SEND, NEVER)).toEqual(AWAY);
    expect(world.seen).toEqual(['/look']);
    world.isAway = false;
    expect((await time.exchange(SEND, NEVER)).kind).toBe('reply');
  });

  test('goes by the local clock when the server does not tell its time, which is said once', async () => {
    const { world, time } = aWorld({ aheadMs: 10 * MINUTE });
    world.changes = { dated: { date: undefined, isCached: false, leftAt: 0, cameAt: 1 } };
    await time.exchange(SEND, NEVER);
    await time.exchange(SEND, NEVER);
    expect(world.seen).toEqual(['/look', '/send', '/send']);
    expect(world.stamps[0]).toBe(NOON + 10 + 0);
    expect(world.warnings).toEqual(["the server does not tell its time: this machine's clock is taken for right"]);
  });

  test.each([-1, 1])(
    'goes by the local clock when the server’s date is more than a day off it (%i), which is said once',
    async (side) => {
      const { world, time } = aWorld({ aheadMs: side * 25 * 3_600_000 });
      await time.exchange(SEND, NEVER);
      await time.exchange(SEND, NEVER);
      expect(world.seen).toEqual(['/look', '/send', '/send']);
      expect(Math.abs((world.stamps[0] ?? 0) - NOON)).toBeLessThan(1000);
      expect(world.warnings).toEqual([
        "the server's date is more than a day off this machine's clock, and tells nothing: set the clock, or have the server's set",
        "the server does not tell its time: this machine's clock is taken for right",
      ]);
    },
  );

  test('never departs after a look that nobody answers within 5 s; the third shows a server that is too slow', async () => {
    const { world, time } = aWorld();
    world.isSilent = true;
    for (const looks of [1, 2, 3]) {
      const ready = time.ready(NEVER);
      await new Promise(setImmediate);
      expect(world.timers.map(({ delayMs }) => delayMs)).toEqual(Array(looks).fill(5000));
      world.timers[looks - 1]?.ring();
      const why = looks < 3 ? { kind: 'failed', why: 'no reply within 5 s' } : {};
      expect((await ready) ?? {}).toMatchObject(why);
    }
    expect(await time.ready(NEVER)).toBeUndefined();
    expect(world.warnings).toEqual(["the server does not tell its time: this machine's clock is taken for right"]);
  });

  test('that is cut off by the run says so', async () => {
    const { world, time } = aWorld();
    world.isSilent = true;
    const cut = new AbortController();
    const ready = time.ready(cut.signal);
    await new Promise(setImmediate);
    cut.abort();
    expect(await ready).toEqual({ kind: 'cut', why: 'cut off' });
  });
});

describe('a clock that jumps while the run is under way', () => {
  test.each([-10 * MINUTE, 10 * MINUTE])('by %i ms is looked at anew before the next send', async (jumpMs) => {
    const { world, time, server } = aWorld();
    await time.exchange(SEND, NEVER);
    world.local += jumpMs;
    await time.exchange(SEND, NEVER);
    await time.exchange(SEND, NEVER);
    expect(world.seen).toEqual(['/look', '/send', '/look', '/send', '/send']);
    for (const stamp of world.stamps.slice(1)) expect(Math.abs(stamp - server())).toBeLessThan(1000);
    expect(world.warnings[0]).toBe(`this machine's clock jumped 600 s ${jumpMs < 0 ? 'back' : 'ahead'}`);
  });

  test('moves no stamp of a request that had passed the look', async () => {
    const { world, time, server } = aWorld();
    await time.exchange(SEND, NEVER);
    world.local += 10 * MINUTE;
    expect(Math.abs(time.clock.now() - server())).toBeLessThan(1000);
  });

  test('is taken as it is when the look tells nothing, and not looked at again', async () => {
    const { world, time } = aWorld();
    await time.exchange(SEND, NEVER);
    world.local += 10 * MINUTE;
    world.changes = { dated: { date: undefined, isCached: false, leftAt: 0, cameAt: 1 } };
    await time.exchange(SEND, NEVER);
    await time.exchange(SEND, NEVER);
    expect(world.seen.filter((path) => path === '/look')).toHaveLength(2);
  });
});

describe('a server whose clock jumps while the run is under way', () => {
  test.each([-10 * MINUTE, 10 * MINUTE])(
    'by %i ms is looked at when a reply shows it, before the next send',
    async (jumpMs) => {
      const { world, time, server } = aWorld();
      await time.exchange(SEND, NEVER);
      world.aheadMs += jumpMs;
      await time.exchange(SEND, NEVER);
      await time.exchange(SEND, NEVER);
      await time.exchange(SEND, NEVER);
      expect(world.seen).toEqual(['/look', '/send', '/send', '/look', '/send', '/send']);
      for (const stamp of world.stamps.slice(2)) expect(Math.abs(stamp - server())).toBeLessThan(1000);
    },
  );

  test('has not when the look shows the old time: one reply came from elsewhere', async () => {
    const { world, time, server } = aWorld();
    await time.exchange(SEND, NEVER);
    world.aheadMs += 10 * MINUTE;
    await time.exchange(SEND, NEVER);
    world.aheadMs -= 10 * MINUTE;
    await time.exchange(SEND, NEVER);
    await time.exchange(SEND, NEVER);
    expect(world.seen.filter((path) => path === '/look')).toHaveLength(2);
    for (const stamp of world.stamps) expect(Math.abs(stamp - server())).toBeLessThan(1000);
  });
});

describe('with --clock local', () => {
  test('nothing is looked at and nothing corrected, but the offset is told', async () => {
    const { world, time } = aWorld({ mode: 'local', aheadMs: 3 * MINUTE });
    await time.exchange(SEND, NEVER);
    expect(world.seen).toEqual(['/send']);
    expect(time.clock.now()).toBe(world.local + world.elapsed);
    expect(world.warnings).toEqual([
      "this machine's clock is 3 min 0 s behind the server's: it refuses stamps that are 5 min off; set the clock",
    ]);
  });
});

test('a look that is under way is everybody’s', async () => {
  const { time } = aWorld();
  const started = defer();
  const looks = [time.look(NEVER), time.look(NEVER)];
  started.resolve();
  const [one, other] = await Promise.all(looks);
  expect(one).toBe(other);
  expect(time.offsetMs).toBeDefined();
});
