import { expect, it } from 'vitest';
import { METRICS_EVERY_MS, RunMonitor } from '../../src/monitor/run-monitor.js';
import type { MonitorEdges } from '../../src/monitor/run-monitor.js';
import { toRunReport } from '../../src/report/run-report.js';
import { SummaryCounter } from '../../src/report/summary.js';
import { aSettlement, anEndedRun, HandClock } from '../support/builders.js';

function monitored(changes: Partial<MonitorEdges> = {}) {
  const clock = new HandClock();
  const told = { metrics: [] as string[], words: [] as string[], pings: [] as string[], warnings: [] as string[] };
  const monitor = new RunMonitor({
    clock,
    stem: 'users',
    metrics: { read: () => told.metrics.at(-1) ?? '', write: (text) => void told.metrics.push(text) },
    writeLastWords: (line) => void told.words.push(line),
    ping: ({ word, body }) => {
      told.pings.push(`${word}: ${body}`);
      return Promise.resolve(undefined);
    },
    warn: (text) => void told.warnings.push(text),
    ...changes,
  });
  return { clock, monitor, told };
}

it('writes metrics at once, each 15 s of the run, and at its end, then no more', async () => {
  const { clock, monitor, told } = monitored();
  monitor.begin();
  const counter = new SummaryCounter();
  const reporter = monitor.watch({
    note: () => undefined,
    warn: () => undefined,
    progress: () => undefined,
    end: () => undefined,
  });
  monitor.watchClock(() => 250);
  counter.add({ settlement: aSettlement(), carried: false, sends: 1, withoutKey: false });
  reporter.progress(counter);
  expect(told.metrics).toHaveLength(1);
  clock.move(METRICS_EVERY_MS);
  expect(told.metrics).toHaveLength(2);
  expect(told.metrics[1]).toContain('rows{stem="users",outcome="registered"} 1\n');
  expect(told.metrics[1]).toContain('clock_offset_seconds{stem="users"} 0.250\n');
  clock.move(METRICS_EVERY_MS * 3);
  expect(told.metrics).toHaveLength(5);
  await monitor.end({ exitCode: 0, report: toRunReport(anEndedRun()), keysWaiting: 1 }, 'all done');
  expect(told.metrics[5]).toContain('keys_waiting{stem="users"} 1\n');
  expect([clock.waiting, told.metrics.length, told.words.length]).toEqual([0, 6, 1]);
});

it('pings the start, then the end with its report', async () => {
  const { monitor, told } = monitored();
  monitor.begin();
  await monitor.end({ exitCode: 3 }, 'some left');
  await monitor.end({ exitCode: 70 }, 'told already');
  expect(told.pings).toEqual(['start: ', '3: some left']);
});

it('leaves files, and waits for no ping, where the process ends at once', () => {
  const { monitor, told, clock } = monitored();
  monitor.begin();
  monitor.leave(130);
  expect([told.pings, told.words.length, clock.waiting]).toEqual([['start: '], 1, 0]);
  expect(told.metrics.at(-1)).toContain('last_exit_code{stem="users"} 130\n');
});

it('leaves metrics and pings to the run that has the lock', async () => {
  const endings: readonly ((monitor: RunMonitor) => unknown)[] = [
    (monitor) => monitor.end({ exitCode: 5, problem: 'another run holds this input' }, ''),
    (monitor) => monitor.leave(143),
  ];
  for (const end of endings) {
    const { monitor, told, clock } = monitored();
    await end(monitor);
    expect([told.metrics, told.pings, told.words.length, clock.waiting]).toEqual([[], [], 1, 0]);
  }
});

it.each([5, 143] as const)('tells of exit code %i where the input was its own', async (exitCode) => {
  const { monitor, told } = monitored();
  monitor.begin();
  await monitor.end({ exitCode }, '');
  expect(told.metrics.at(-1)).toContain(`last_exit_code{stem="users"} ${exitCode}\n`);
  expect(told.pings).toEqual(['start: ', `${exitCode}: `]);
});

it('tells of a lock that can not be made: nobody else does', async () => {
  const { monitor, told } = monitored();
  await monitor.end({ exitCode: 2 }, 'the disk is full');
  expect(told.metrics.at(-1)).toContain('last_exit_code{stem="users"} 2\n');
  expect(told.pings).toEqual(['2: the disk is full']);
});

it('warns of what it can not tell, and lets the run be', async () => {
  const fail = (): never => {
    throw new Error('no room');
  };
  const { monitor, told } = monitored({
    metrics: { read: fail, write: fail },
    writeLastWords: fail,
    ping: () => Promise.resolve('HTTP status 404'),
  });
  monitor.begin();
  await monitor.end({ exitCode: 0 }, '');
  expect([...new Set(told.warnings)]).toEqual([
    "the metrics can't be written or read: no room",
    "the termination log can't be written or read: no room",
    'the ping of the start failed: HTTP status 404',
    'the ping of the end failed: HTTP status 404',
  ]);
});
