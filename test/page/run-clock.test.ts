import { expect, it } from 'vitest';
import { RunClock } from '../../src/page/run-clock.js';

const first = { startedAt: 1000, endedAt: 5000 };
const second = { startedAt: 9000, endedAt: 9400 };

it('counts a send in the run that was at work, by the part of its time', () => {
  const clock = new RunClock([first, second]);
  for (const at of [1000, 1999, 2000, 5000, 9001]) clock.add(at);
  expect(clock.counts).toEqual([[2, 1, 0, 1], [1]]);
});

it('counts nothing of a time that no run was at work', () => {
  const clock = new RunClock([first, second]);
  for (const at of [0, 999, 5001, 8999, 9401, NaN]) clock.add(at);
  expect(clock.counts).toEqual([[0, 0, 0, 0], [0]]);
});

it('has at most 60 parts, none shorter than a second, and one for a time that can not be read', () => {
  const spans = [
    { startedAt: 0, endedAt: 3_600_000 },
    { startedAt: NaN, endedAt: NaN },
  ];
  expect(new RunClock(spans).counts.map((counts) => counts.length)).toEqual([60, 1]);
});
