// Peak memory of a long run, of the resume of a killed one, and of the rerun that carries all.
import { appendFileSync, copyFileSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { clear, ours } from './contender.mjs';
import { otpLine, writeRows } from './input.mjs';
import { startServer } from './neutral-server.mjs';
import { measure } from './process.mjs';

const CONCURRENCY = 32;
/** How much of the results a run has written when it is killed. */
const KILLED_AT = 0.95;

export const parts = [{ name: 'memory fresh, resumed, rerun', run: longRuns }];

async function longRuns({ folder, longRows, say }) {
  const server = await startServer(join(folder, 'server'));
  const out = join(folder, 'out');
  mkdirSync(out, { recursive: true });
  const table = [];
  const run = async (what, input, { rows, onStart, code = 0 }) => {
    const target = { input, out, origin: server.origin('http'), ca: server.ca, concurrency: CONCURRENCY };
    const used = await measure({ ...ours(target), log: join(out, 'log'), onStart });
    if (used.code !== code) throw new Error(`${what} ended with ${used.code}: see ${join(out, 'log')}`);
    const { seconds, cpuSeconds, peakMb } = used;
    table.push({
      what,
      rows,
      'peak MB': peakMb,
      'rows/s': rows / seconds,
      'CPU s per 1,000': (cpuSeconds / rows) * 1000,
    });
    say(what);
  };
  try {
    const tenth = Math.round(longRows / 10);
    await run('fresh', writeRows(join(folder, 'tenth.csv'), tenth), { rows: tenth });
    const input = writeRows(join(folder, 'long.csv'), longRows);
    await run('fresh', input, { rows: longRows });
    await run('rerun, nothing changed', input, { rows: longRows });
    appendFileSync(input, `${otpLine(longRows + 1)}\n`);
    await run('rerun, one row new', input, { rows: longRows });
    const results = join(out, 'long.results.csv');
    const size = statSync(results).size;
    copyFileSync(results, join(folder, 'before.csv'));
    clear(out, 'long');
    rmSync(join(out, 'long.results.csv.tmp'), { force: true });
    const kill = (child) => killAt(child, { path: `${results}.tmp`, bytes: size * KILLED_AT });
    await run('killed near its end', input, { rows: longRows, onStart: kill, code: 'SIGKILL' });
    await run('resumed', input, { rows: longRows });
    return table;
  } finally {
    await server.stop();
  }
}

function killAt(child, { path, bytes }) {
  const look = setInterval(() => {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < bytes) return;
    child.kill('SIGKILL');
    clearInterval(look);
  }, 20);
  child.on('exit', () => clearInterval(look));
}
