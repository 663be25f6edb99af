import { afterAll, expect, test } from 'vitest';
import { listenForSignals } from '../../src/wiring/signals.js';
import { Programs } from '../support/programs.js';

const programs = new Programs();
afterAll(() => programs.remove());

test('each SIGINT and SIGTERM is told with how many came, over both', async () => {
  const { code, stdout } = await programs.run(`
    import { listenForSignals } from './wiring/signals.js';
    const stay = setInterval(() => undefined, 1000);
    listenForSignals((signal, count) => {
      console.log(signal, count);
      if (count === 3) clearInterval(stay);
      else process.kill(process.pid, 'SIGTERM');
    });
    process.kill(process.pid, 'SIGINT');
  `);
  expect(stdout).toBe('SIGINT 1\nSIGTERM 2\nSIGTERM 3\n');
  expect(code).toBe(0);
});

test('once nobody listens any more, a signal ends the process again', async () => {
  const { code, signal, stdout } = await programs.run(`
    import { listenForSignals } from './wiring/signals.js';
    setInterval(() => undefined, 1000);
    const ignore = listenForSignals((signal) => {
      console.log(signal);
      ignore();
      process.kill(process.pid, 'SIGINT');
    });
    process.kill(process.pid, 'SIGTERM');
  `);
  expect({ code, signal, stdout }).toEqual({ code: null, signal: 'SIGINT', stdout: 'SIGTERM\n' });
});

test('listening keeps no process alive', async () => {
  const { code } = await programs.run(`
    import { listenForSignals } from './wiring/signals.js';
    listenForSignals(() => undefined);
  `);
  expect(code).toBe(0);
});

test('only the listeners that were added are taken away', () => {
  const counts = () => [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')];
  const before = counts();
  const ignore = listenForSignals(() => undefined);
  expect(counts()).toEqual(before.map((count) => count + 1));
  ignore();
  ignore();
  expect(counts()).toEqual(before);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('a process that is to end on %s ends with %i, after what it has to do', async (name, expected) => {
  const { code, signal, stdout } = await programs.run(`
    import { endOnSignals } from './wiring/signals.js';
    setInterval(() => undefined, 1000);
    endOnSignals((signal) => console.log(signal));
    process.kill(process.pid, '${name}');
  `);
  expect({ code, signal, stdout }).toEqual({ code: expected, signal: null, stdout: `${name}\n` });
});

const WINDOWS = `Object.defineProperty(process, 'platform', { value: 'win32' });`;

test('on Windows Ctrl-Break and a console that is closed ask a process to end, too', async () => {
  const { code, stdout } = await programs.run(`
    ${WINDOWS}
    const { listenForSignals, stopBy } = await import('./wiring/signals.js');
    listenForSignals((signal, count) => console.log(stopBy(signal).kind, stopBy(signal).reason, count));
    process.emit('SIGBREAK');
    process.emit('SIGHUP');
  `);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'interrupted interrupted by SIGBREAK 1\nterminated interrupted by SIGHUP 2\n',
  });
});

test.skipIf(process.platform === 'win32')('elsewhere a terminal that goes away is not listened for', () => {
  const before = process.listenerCount('SIGHUP');
  const ignore = listenForSignals(() => undefined);
  expect(process.listenerCount('SIGHUP')).toBe(before);
  ignore();
});
