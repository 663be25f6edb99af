import { execFileSync } from 'node:child_process';
import { openSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { openLogFile } from '../../src/cli/log-reporter.js';
import { expectSchema } from '../support/schemas.js';
import { Lab } from '../support/lab.js';
import { Programs } from '../support/programs.js';

const programs = new Programs();
let lab: Lab;

beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());
afterAll(() => programs.remove());

/** A program that reports; its time stands still until it says `wait(ms)`. */
function reporting(body: string): string {
  return `
    import { SummaryCounter } from './report/summary.js';
    import { settleUnsent } from './row/settlement.js';
    import { openLogReporter } from './cli/log-reporter.js';
    let time = 1000;
    const wait = (ms) => { time += ms; };
    const clock = { now: () => 0, monotonic: () => time, after: () => () => undefined, random: () => 0 };
    const reporter = openLogReporter(clock, { totalRows: 100 });
    const counter = new SummaryCounter();
    const end = (outcome, sends) =>
      counter.add({ settlement: settleUnsent(outcome, 'detail of a row'), carried: false, sends, withoutKey: false });
    ${body}
  `;
}

/** What was logged, line by line; nothing but that. */
async function logOf(body: string): Promise<readonly Record<string, unknown>[]> {
  const { code, stdout, stderr } = await programs.run(reporting(body));
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  // Each line is an object: that is what is tested.
  const lines = stderr
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of lines) expectSchema('log-line.schema.json', line);
  return lines;
}

test('notes and warnings are JSON lines on standard error: level, time, event, fields and text', async () => {
  expect(
    await logOf(
      `reporter.note('pace', 'under way'); reporter.warn('row', 'look here', { line: 3, kind: 'formula' }); reporter.end();`,
    ),
  ).toEqual([
    {
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown,
      event: 'pace',
      msg: 'under way',
    },
    { level: 40, time: expect.any(String) as unknown, event: 'row', line: 3, kind: 'formula', msg: 'look here' },
  ]);
});

test('a text is never taken for a format or another line, and drives no terminal', async () => {
  const text = '100%% %s %j %d "quoted" \\ é';
  expect(await logOf(`reporter.note('pace', ${JSON.stringify(text)});`)).toMatchObject([{ msg: text }]);
  const wild = 'a\n{"level":60}\u001b[2J\u009b2J\u202e';
  expect(await logOf(`reporter.warn('pace', ${JSON.stringify(wild)});`)).toMatchObject([
    { msg: 'a\\x0a{"level":60}\\x1b[2J\\x9b2J\\u202e' },
  ]);
});

test('progress is told every ten seconds at most, in counts, with rate and rest', async () => {
  const log = await logOf(`
    end('registered', 1);
    reporter.progress(counter);
    wait(9_999);
    reporter.progress(counter);
    wait(1);
    end('registered', 2);
    end('invalid', 0);
    reporter.progress(counter);
    reporter.progress(counter);
    wait(10_000);
    reporter.progress(counter);
  `);
  const line = { level: 30, time: expect.any(String) as string, event: 'progress' };
  const counts = { rows: 3, sends: 3, outcomes: { registered: 2, invalid: 1 } };
  expect(log).toEqual([
    { ...line, ...counts, rows_per_second: 0.3, left_s: 323, msg: '3 of 100 rows, 0.3/s, 323 s left' },
    { ...line, ...counts, rows_per_second: 0.2, left_s: 647, msg: '3 of 100 rows, 0.2/s, 647 s left' },
  ]);
});

test('nobody is told of a rest that nobody knows', async () => {
  const log = await logOf(`
    const unknown = openLogReporter(clock);
    wait(10_000);
    unknown.progress(counter);
    end('registered', 1);
    wait(10_000);
    unknown.progress(counter);
  `);
  expect(log.map(({ msg, left_s: left }) => [msg, left])).toEqual([
    ['0 rows, 0/s', undefined],
    ['1 rows, 0.1/s', undefined],
  ]);
});

test('a log file gets the same lines behind those that it has, for its owner alone', async () => {
  const path = lab.path('run.log');
  const body = `
    import { openLogFile } from './cli/log-reporter.js';
    openLogReporter(clock, { fd: openLogFile(${JSON.stringify(path)}) }).note('pace', 'in the file');
  `;
  for (const run of [1, 2]) expect(await logOf(body), String(run)).toEqual([]);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['in the file', 'in the file']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a log file that is a pipe which nobody reads is refused, and not waited for', () => {
  execFileSync('mkfifo', [lab.path('run.log')]);
  expect(() => openLogFile(lab.path('run.log'))).toThrow("run.log can't be written: it is a pipe that nobody reads");
});

test('a log goes into no file that a link leads to', () => {
  symlinkSync(lab.file('victim', 'of ours'), lab.path('run.log'));
  expect(() => openLogFile(lab.path('run.log'))).toThrow("run.log can't be written: it is a symbolic link");
  expect(readFileSync(lab.path('victim'), 'utf8')).toBe('of ours');
});

test('nothing of the environment or the process is logged', async () => {
  const [line = {}] = await logOf(`reporter.note('pace', 'x');`);
  expect(Object.keys(line).sort()).toEqual(['event', 'level', 'msg', 'time']);
});

test('each line is written at once: none is lost when the process is killed', async () => {
  const { signal, stderr } = await programs.run(
    reporting(
      `for (let n = 0; n < 100; n += 1) reporter.note('pace', 'line ' + n); process.kill(process.pid, 'SIGKILL');`,
    ),
  );
  expect(signal).toBe('SIGKILL');
  expect(stderr.split('\n')).toHaveLength(101);
});

test('a log on a full disk is no reason to stop', async () => {
  const full = openSync('/dev/full', 'w');
  const { code, stdout } = await programs.run(
    reporting(`
      for (let n = 0; n < 10; n += 1) reporter.note('pace', 'line');
      wait(20_000);
      reporter.progress(counter);
      await new Promise((resolve) => setTimeout(resolve, 10));
      reporter.end();
      console.log('went on');
    `),
    'ignore',
    'pipe',
    full,
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'went on\n' });
});

test('a log that nobody reads any more is no reason to stop', async () => {
  const child = programs.start(
    reporting(`
      process.stdin.once('data', () => {
        for (let n = 0; n < 10; n += 1) reporter.note('pace', 'line');
        console.log('went on');
        process.stdin.destroy();
      });
    `),
  );
  child.stderr?.destroy();
  child.stdin?.write('go');
  const [text, code] = await Promise.all([
    new Promise((resolve) => child.stdout?.once('data', (bytes: Buffer) => resolve(bytes.toString()))),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  expect([text, code]).toEqual(['went on\n', 0]);
});
