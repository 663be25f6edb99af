import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/core/system-clock.js';
import { settleUnsent } from '../../src/row/settlement.js';
import { SummaryCounter } from '../../src/report/summary.js';
import { openTerminalReporter } from '../../src/cli/terminal-reporter.js';
import { main } from '../../src/main.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { readUsers } from '../../src/simulator/users-csv.js';
import { expectBlock, REPOSITORY } from '../support/document.js';
import { hastyClock } from '../support/program.js';
import { Screen } from '../support/screen.js';

const SAMPLES = join(REPOSITORY, 'samples');
const SESSION = { admin: 'admin', authToken: 'auth-token', secretCode: 'secret-code' };

afterEach(() => {
  vi.useRealTimers();
});

it('a run of the samples looks like this on a terminal', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'picture-'));
  cpSync(SAMPLES, folder, { recursive: true });
  // What `simulate --users samples/users.csv --fault 10004=0.02` serves: one fault, at the second send.
  const simulator = await startSimulator({
    ...SESSION,
    users: readUsers(join(SAMPLES, 'users.csv')),
    faults: [{ kind: '10004', share: 0.02 }],
    latencyMs: 50,
  });
  try {
    const screen = new Screen(120);
    const exitCode = await main(
      {
        argv: ['node', 'centagate-provision', 'run', join(folder, 'department.csv')],
        env: {
          CENTAGATE_SERVER: simulator.url,
          CENTAGATE_ADMIN: SESSION.admin,
          CENTAGATE_AUTH_TOKEN: SESSION.authToken,
          CENTAGATE_SECRET_CODE: SESSION.secretCode,
          NO_COLOR: '1',
        },
        // The program reads no more of its streams than these have.
        stdin: Readable.from([]) as unknown as NodeJS.ReadStream & { fd: 0 },
        stdout: screen as unknown as NodeJS.WriteStream & { fd: 1 },
        stderr: screen as unknown as NodeJS.WriteStream & { fd: 2 },
      },
      hastyClock,
    );
    expect(exitCode).toBe(1);
    const shown = screen.lines.map((line) => line.replaceAll(`${folder}/`, './'));
    const lines = ['```text', '$ centagate-provision run department.csv', ...shorten(shown), '```'];
    expectBlock('README.md', 'a run', { lines, normalise });
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true });
  }
});

it('the line of a run that is under way looks like this', () => {
  vi.useFakeTimers({ now: 0 });
  const screen = new Screen(120);
  const reporter = openTerminalReporter(1200, screen as unknown as NodeJS.WriteStream, systemClock);
  const counter = new SummaryCounter();
  for (let row = 1; row <= 504; row += 1) {
    counter.add({ settlement: settleUnsent('registered', ''), carried: false, sends: 1, withoutKey: false });
  }
  vi.advanceTimersByTime(6_800);
  reporter.progress(counter);
  vi.advanceTimersByTime(200);
  expectBlock('docs/pace.md', 'progress', { lines: ['```text', ...screen.lines, '```'] });
  reporter.end();
});

/** Of the warnings, and of the counts below the table, one says what the others are like. */
function shorten(lines: readonly string[]): readonly string[] {
  const isMore = (line: string): boolean => /^(?:warning: line 4|22004|22027|29008|warnings of )/.test(line);
  const table = lines.findIndex((line) => line.startsWith('┌'));
  const end = lines.findLastIndex(isMore);
  const kept = [...lines.slice(0, table), '…', ...lines.slice(table, end), '…', ...lines.slice(end + 1)];
  return kept.filter((line) => line !== '' && !isMore(line));
}

/** Seconds vary, and so may which of the lines above the table comes first. */
function normalise(text: string): string {
  const lines = text.replace(/\d+\.\d s$/m, '# s').split('\n');
  const table = lines.findIndex((line) => line.startsWith('┌'));
  return [...lines.slice(0, table).sort(), ...lines.slice(table)].join('\n');
}
