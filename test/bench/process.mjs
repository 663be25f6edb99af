// One process, measured from outside: wall time, CPU time, peak memory.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { clearInterval, setInterval } from 'node:timers';

/** Often enough that a process without a report of its own is seen near its end. */
const LOOK_EVERY_MS = 10;
const TICKS_PER_SECOND = 100;
const REPORT = new URL('./report-usage.mjs', import.meta.url).href;

/**
 * Runs a command to its end. A Node script reports its own usage as it exits; of anything else /proc tells what it had
 * used some ms before. Standard output and error go to a file, as a container's do.
 */
export async function measure({ script, command, args, env = {}, log, onStart = () => undefined }) {
  const output = openSync(log, 'a');
  const [file, words] = script ? [process.execPath, ['--import', REPORT, script, ...args]] : [command, args];
  const startedAt = performance.now();
  const child = spawn(file, words, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', output, output, 'pipe'],
  });
  onStart(child);
  let report = '';
  child.stdio[3].on('data', (chunk) => (report += String(chunk)));
  let seen = {};
  const look = setInterval(() => (seen = usageOf(child.pid) ?? seen), LOOK_EVERY_MS);
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...end) => resolve(end));
  });
  clearInterval(look);
  closeSync(output);
  const usage = report === '' ? seen : JSON.parse(report);
  return { code: code ?? signal, seconds: (performance.now() - startedAt) / 1000, ...usage };
}

/** CPU seconds and peak MB so far; nothing where there is no /proc, or no process any more. */
function usageOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const peakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
    if (Number.isNaN(peakKb)) return undefined;
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND, peakMb: peakKb / 1024 };
  } catch {
    return undefined;
  }
}
