import { expect, test } from 'vitest';
import type { Exchange } from '../../src/server/exchange.js';
import { lastingFailure } from '../../src/network/network-error.js';
import { RunStop } from '../../src/core/run-stop.js';
import { ServerWait } from '../../src/gate/server-wait.js';
import { anExchange } from '../support/builders.js';
import { TestClock } from '../support/test-clock.js';

function aWait(find: (atMs: number) => Exchange) {
  const clock = new TestClock({ isAuto: true });
  const stop = new RunStop();
  const looks: number[] = [];
  const look = (): Promise<Exchange> => {
    looks.push(clock.elapsedMs / 1000);
    return Promise.resolve(find(clock.elapsedMs));
  };
  const wait = new ServerWait({ clock, stop, maxOutageMs: 100_000, look, note: () => undefined });
  return { wait, clock, stop, looks };
}

const AWAY: Exchange = { kind: 'cut', why: 'nothing came' };

test('pauses double to half a minute; the last look is when the time is up', async () => {
  const { wait, looks, stop } = aWait(() => AWAY);
  expect(await wait.untilAtWork('no answer')).toBe(false);
  expect(looks).toEqual([1, 3, 7, 15, 31, 61, 91, 100]);
  expect(stop.reason?.reason).toBe('no answer (waited 100 s): see that the server is there, then rerun');
});

test('pauses and the end are those of the whole wait, however often it begins to look', async () => {
  const { wait, looks } = aWait(() => anExchange({ status: 405 }));
  const found: boolean[] = [];
  for (let times = 0; times < 8; times += 1) found.push(await wait.untilAtWork('no answer'));
  expect(looks).toEqual([1, 3, 7, 15, 31, 61, 91, 100]);
  expect(found).not.toContain(false);
  expect(await wait.untilAtWork('no answer')).toBe(false);
});

test('a look that finds what no waiting heals is the last one', async () => {
  const { wait, looks, stop } = aWait(() => ({ kind: 'failed', ...lastingFailure('the proxy p:1 says no: ask it') }));
  expect(await wait.untilAtWork('no answer')).toBe(false);
  expect(looks).toEqual([1]);
  expect(stop.reason?.reason).toBe('the proxy p:1 says no: ask it. Waiting does not heal it: see to it, then rerun');
});

test.each([
  [405, true],
  [401, true],
  [500, true],
  [503, false],
  [504, false],
  [429, false],
])('HTTP status %i: at work? %s', async (status, isAtWork) => {
  const { wait } = aWait((atMs) => (atMs < 50_000 ? anExchange({ status }) : AWAY));
  expect(await wait.untilAtWork('no answer')).toBe(isAtWork);
});
