import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SendWindow } from '../../src/gate/send-window.js';

function grown(window: SendWindow, replies: number): SendWindow {
  for (let reply = 0; reply < replies; reply += 1) window.grow();
  return window;
}

describe('how many sends are under way', () => {
  test("begins with the operator's number", () => {
    expect(new SendWindow(16).size).toBe(16);
  });

  test('is halved by strain, once for all that was sent before', () => {
    const window = new SendWindow(16);
    expect(window.shrink(90, 100)).toBe(true);
    for (const sentAt of [80, 90, 100]) expect(window.shrink(sentAt, 110)).toBe(false);
    expect(window.size).toBe(8);
    expect(window.shrink(101, 120)).toBe(true);
    expect(window.size).toBe(4);
  });

  test('is never less than one', () => {
    const window = new SendWindow(2);
    expect([1, 2, 3].map((round) => window.shrink(round * 10 - 5, round * 10))).toEqual([true, false, false]);
    expect(window.size).toBe(1);
  });

  test('grows by one with each round trip, and says when it is whole again', () => {
    const window = new SendWindow(16);
    window.shrink(0, 1);
    grown(window, 9);
    expect(window.size).toBe(9);
    const wholes = Array.from({ length: 200 }, () => window.grow());
    expect(wholes.filter((isWhole) => isWhole)).toHaveLength(1);
    expect(window.size).toBe(16);
  });

  test('is one after an outage, and grows by one with each reply', () => {
    const window = new SendWindow(16);
    window.restart();
    expect(window.size).toBe(1);
    expect(grown(window, 5).size).toBe(6);
    expect(grown(window, 50).size).toBe(16);
  });

  test('a slow start ends with the first strain', () => {
    const window = new SendWindow(64);
    window.restart();
    grown(window, 15);
    window.shrink(0, 1);
    expect(grown(window, 8).size).toBe(8);
  });

  test('one silence says nothing, the third of the last twenty replies does', () => {
    const window = new SendWindow(16);
    const isStrained = (isSilent: boolean): boolean => (isSilent ? window.noteSilence() : window.grow());
    expect([true, false, true].map(isStrained)).toEqual([false, false, false]);
    expect(window.noteSilence()).toBe(true);
    grown(window, 19);
    expect(window.noteSilence()).toBe(false);
  });

  test('stays between one and the number of the operator, whatever happens', () => {
    const event = fc.constantFrom('grow', 'shrink', 'silence', 'restart');
    const property = fc.property(
      fc.integer({ min: 1, max: 1024 }),
      fc.array(event, { maxLength: 300 }),
      (most, events) => {
        const window = new SendWindow(most);
        events.forEach((what, now) => {
          if (what === 'grow') window.grow();
          else if (what === 'silence') window.noteSilence();
          else if (what === 'restart') window.restart();
          else window.shrink(now - 1, now);
          expect(window.size).toBeGreaterThanOrEqual(1);
          expect(window.size).toBeLessThanOrEqual(most);
        });
      },
    );
    fc.assert(property);
  });
});
