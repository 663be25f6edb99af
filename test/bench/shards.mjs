// One process, and shards of the same input side by side on the same machine: rows a second of all together, and of their merge.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { ours } from './contender.mjs';
import { median } from './figures.mjs';
import { otpLine, writeRows } from './input.mjs';
import { startServer } from './neutral-server.mjs';
import { measure } from './process.mjs';

const SHARDS = 4;
const CONCURRENCY = 16;

export const parts = [{ name: `shards otp http ${SHARDS} of them, ${CONCURRENCY} at once together, 0 ms`, run }];

async function run({ folder, rows, rounds, say }) {
  const input = writeRows(join(folder, 'rows.csv'), rows, { toLine: otpLine });
  const server = await startServer(join(folder, 'server'), { latencyMs: 0 });
  const origin = server.origin('http');
  const figures = { 'one process': [], [`${SHARDS} shards`]: [], merge: [] };
  try {
    for (let round = 0; round < rounds; round += 1) {
      const [whole, parted] = ['whole-', 'parted-'].map((name) => mkdtempSync(join(folder, name)));
      const log = join(folder, 'log');
      figures['one process'].push([await start(ours({ input, out: whole, origin, concurrency: CONCURRENCY }), log)]);
      const concurrency = CONCURRENCY / SHARDS;
      const tasks = Array.from({ length: SHARDS }, (_, index) =>
        ours({ input, out: parted, origin, concurrency, more: ['--shard', `${index}/${SHARDS}`] }),
      );
      figures[`${SHARDS} shards`].push(await side(tasks, log));
      const { script } = tasks[0];
      figures.merge.push([await start({ script, args: ['merge', input, '--out-dir', parted] }, log)]);
      for (const out of [whole, parted]) rmSync(out, { recursive: true });
      say(`round ${round + 1} of ${rounds}`);
    }
  } finally {
    await server.stop();
  }
  return Object.entries(figures).map(([name, each]) => toRow(name, each, { rows, server: server.name }));
}

async function start(command, log) {
  const used = await measure({ ...command, log });
  if (used.code !== 0) throw new Error(`${command.args[0]} ended with ${used.code}: see ${log}`);
  return used;
}

/** The time of all of them is that of the last. */
async function side(tasks, log) {
  const startedAt = performance.now();
  const used = await Promise.all(tasks.map((task) => start(task, log)));
  const seconds = (performance.now() - startedAt) / 1000;
  return used.map((one) => ({ ...one, seconds }));
}

function toRow(name, rounds, { rows, server }) {
  const cpu = rounds.map((used) => used.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0));
  const seconds = rounds.map(([{ seconds: time }]) => time);
  return {
    who: name,
    'rows/s': Math.round(rows / median(seconds)),
    'CPU s per 1000 rows': ((median(cpu) / rows) * 1000).toFixed(3),
    'peak MB of each': Math.round(median(rounds.map((used) => Math.max(...used.map(({ peakMb }) => peakMb))))),
    server,
  };
}
