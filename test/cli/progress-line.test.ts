import { beforeEach, expect, it, test } from 'vitest';
import { ProgressLine, toProgressText, toRate } from '../../src/cli/progress-line.js';
import { HandClock } from '../support/builders.js';

let clock: HandClock;
let written: string[];
let line: ProgressLine;

beforeEach(() => {
  clock = new HandClock();
  written = [];
  const stream = { columns: 10, write: (text: string) => written.push(text) > 0 };
  line = new ProgressLine(stream, clock);
});

test('nothing is drawn of what is soon over', () => {
  clock.move(299);
  line.show(() => 'text');
  line.clear();
  expect(written).toEqual([]);
});

test('it is drawn over some times a second, and never wraps', () => {
  clock.move(300);
  line.show(() => '123456789012345');
  line.show(() => 'too soon');
  clock.move(125);
  line.show(() => 'again');
  expect(written).toEqual(['\r\u001b[K123456789', '\r\u001b[Kagain']);
});

test('it is shown where a terminal does not tell its width', () => {
  line = new ProgressLine({ columns: 0, write: (text: string) => written.push(text) > 0 }, clock);
  clock.move(300);
  line.show(() => 'x'.repeat(100));
  expect(written).toEqual([`\r\u001b[K${'x'.repeat(79)}`]);
});

test('it makes room for what stays, once, and is there again below it', () => {
  clock.move(300);
  line.show(() => 'text');
  line.clear();
  line.clear();
  line.show(() => 'below');
  expect(written.slice(1)).toEqual(['\r\u001b[K', '\r\u001b[Kbelow']);
});

it('says how far something is, and when it ends where the total is known', () => {
  const at = (elapsedMs: number) => ({ elapsedMs, done: 'checked' });
  expect(toProgressText(10, 100, at(2000))).toBe('10 of 100 rows checked, 5/s, 18 s left');
  expect(toProgressText(100, 100, at(2000))).toBe('100 rows checked, 50/s');
  expect(toProgressText(7, 0, at(0))).toBe('7 rows checked, 7000/s');
});

it('goes by the rows that were work: those that were done before tell nothing of the rest', () => {
  expect(toRate({ rows: 1010, carried: 1000 }, 1200, 2000)).toEqual({ rate: '5.0', left: '38 s left' });
  expect(toRate({ rows: 10, carried: 0 }, 1210, 1000)).toEqual({ rate: '10', left: '2 min left' });
  expect(toRate({ rows: 1000, carried: 1000 }, 1200, 2000)).toEqual({ rate: '0.0', left: '-' });
});

it('can be there at once', () => {
  const written: string[] = [];
  const line = new ProgressLine(
    { columns: 80, write: (text) => written.push(String(text)) > 0 },
    { monotonic: () => 0 },
    { firstMs: 0 },
  );
  line.show(() => 'looking');
  expect(written.join('')).toContain('looking');
});
