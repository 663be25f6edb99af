import { beforeEach, expect, test } from 'vitest';
import { ProgressLine } from '../../src/cli/progress-line.js';
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
