import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/core/system-clock.js';
import { settleUnsent } from '../../src/row/settlement.js';
import { SummaryCounter } from '../../src/report/summary.js';
import { openTerminalReporter } from '../../src/cli/terminal-reporter.js';

/** A terminal that remembers what was written to it. */
class Terminal extends Writable {
  readonly isTTY: boolean;
  columns = 80;
  text = '';
  longest = 0;

  constructor(isTTY: boolean) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }

  override _write(text: string | Buffer, _encoding: string, done: () => void): void {
    this.text += text.toString();
    if (text.includes(' rows · ')) this.longest = Math.max(this.longest, text.length);
    done();
  }

  /** What is written from now on. */
  clear(): void {
    this.text = '';
  }

  /** What a person reads, without what moves the cursor. */
  get shown(): string {
    // eslint-disable-next-line no-control-regex
    return this.text.replaceAll(/\u001b\[[?\d;]*[A-Za-z]/g, '');
  }

  asStream(): NodeJS.WriteStream {
    // It has what a reporter needs of one.
    return this as unknown as NodeJS.WriteStream;
  }
}

let terminal: Terminal;
let counter: SummaryCounter;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  terminal = new Terminal(true);
  counter = new SummaryCounter();
});
afterEach(() => {
  vi.useRealTimers();
});

function open(totalRows: number) {
  return openTerminalReporter(totalRows, terminal.asStream(), systemClock);
}

function end(...outcomes: readonly ('registered' | 'invalid')[]): void {
  for (const outcome of outcomes) {
    counter.add({ settlement: settleUnsent(outcome, ''), carried: false, sends: 1, withoutKey: false });
  }
}

test('a line tells how many rows are done, how fast, what is left, and the outcomes', () => {
  const reporter = open(100);
  end('registered', 'registered', 'invalid', 'registered');
  vi.advanceTimersByTime(2000);
  reporter.progress(counter);
  terminal.clear();
  vi.advanceTimersByTime(200);
  expect(terminal.shown).toContain('4/100 rows · 2.0/s · 48 s left · registered 3, invalid 1');
  reporter.end();
});

test('what takes longer is told in minutes, what is fast without a fraction', () => {
  const reporter = open(10_000);
  end(...Array.from({ length: 40 }, () => 'registered' as const));
  vi.advanceTimersByTime(1000);
  reporter.progress(counter);
  vi.advanceTimersByTime(200);
  expect(terminal.shown).toContain('40/10000 rows · 40/s · 4 min left');
  reporter.end();
});

test('more rows than were thought, and none at all, are no trouble', () => {
  const reporter = open(0);
  reporter.progress(counter);
  end('registered', 'registered');
  reporter.progress(counter);
  vi.advanceTimersByTime(200);
  expect(terminal.shown).toContain('2/2 rows');
  expect(terminal.shown).toContain('0 s left');
  reporter.end();
});

test('notes and warnings stand above the line, each whole and at once', () => {
  const reporter = open(10);
  const long = `${'x'.repeat(300)}: do this`;
  reporter.note('pace', 'under way');
  reporter.warn('row', long);
  expect(terminal.shown).toContain('under way\n');
  expect(terminal.shown).toContain(`warning: ${long}\n`);
  reporter.end();
});

test('a note just before the end is not swallowed', () => {
  const reporter = open(10);
  reporter.note('pace', 'the last word');
  reporter.end();
  expect(terminal.shown).toContain('the last word\n');
});

test('the line is drawn again behind a note', () => {
  const reporter = open(10);
  reporter.note('pace', 'under way');
  terminal.clear();
  vi.advanceTimersByTime(200);
  expect(terminal.shown).toContain('0/10 rows');
  reporter.end();
});

test('the terminal goes on wrapping lines, and the bar fits on one', () => {
  terminal.columns = 40;
  const reporter = open(10);
  end(...Array.from({ length: 9 }, () => 'registered' as const), 'invalid');
  reporter.progress(counter);
  vi.advanceTimersByTime(200);
  reporter.end();
  expect(terminal.text).not.toContain('\u001b[?7l');
  expect(terminal.longest).toBe(40);
});

test('nothing in a text drives the terminal, or makes a line of its own', () => {
  const reporter = open(10);
  terminal.clear();
  reporter.warn('row', 'a\u001b]0;title\u0007b\u009b2Jc\rd\ne\u202e');
  reporter.end();
  expect(terminal.shown).toContain('warning: a\\x1b]0;title\\x07b\\x9b2Jc\\x0dd\\x0ae\\u202e\n');
  // eslint-disable-next-line no-control-regex
  expect(terminal.text).not.toMatch(/\u001b\]|\u009b|\u0007|\u202e/u);
});

test('at the end the line is gone, the cursor back, and nothing is drawn any more', () => {
  const reporter = open(10);
  reporter.progress(counter);
  vi.advanceTimersByTime(200);
  terminal.clear();
  reporter.end();
  expect(terminal.text).toContain('\u001b[?25h');
  expect(terminal.text).toContain('\u001b[0J');
  terminal.clear();
  reporter.progress(counter);
  reporter.end();
  vi.advanceTimersByTime(10_000);
  expect(terminal.text).toBe('');
  expect(vi.getTimerCount()).toBe(0);
});

test('what is said after the end is said plainly', () => {
  const reporter = open(10);
  reporter.end();
  terminal.clear();
  reporter.note('pace', 'one more thing');
  expect(terminal.text).toBe('one more thing\n');
  expect(vi.getTimerCount()).toBe(0);
});

test('a stream that is no terminal is not drawn on', () => {
  terminal = new Terminal(false);
  const reporter = open(10);
  end('registered');
  reporter.progress(counter);
  vi.advanceTimersByTime(1000);
  reporter.end();
  expect(terminal.text).not.toContain('\u001b');
  expect(terminal.text).not.toContain('rows');
});

test('signals are left to the run: its own drain must not be cut short', () => {
  const counts = () => [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')];
  const before = counts();
  const reporter = open(10);
  expect(counts()).toEqual(before);
  reporter.end();
});

test('no colour is used, so NO_COLOR has nothing to take away', () => {
  const reporter = open(10);
  end('registered', 'invalid');
  reporter.warn('row', 'look');
  reporter.progress(counter);
  vi.advanceTimersByTime(200);
  reporter.end();
  // eslint-disable-next-line no-control-regex
  expect(terminal.text).not.toMatch(/\u001b\[[\d;]*m/);
});
