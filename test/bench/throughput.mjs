// Rows a second, CPU and memory of everybody: rounds in turn, ratios within the same round.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { clear, contenders } from './contender.mjs';
import { median, medianRatio, orderOf } from './figures.mjs';
import { otpLine, pkiLine, writeRows, writeSignatures } from './input.mjs';
import { startServer } from './neutral-server.mjs';
import { measure } from './process.mjs';

/** newman does some hundred rows a second. */
const MAX_ROWS = { newman: 1000 };
/** A row at 20 ms takes its time whoever sends it: so many for each that is under way, some 15 s. */
export const MAX_ROWS_EACH_WITH_LATENCY = 625;

const CASES = ['otp', 'pki'].flatMap((kind) =>
  ['http', 'https'].flatMap((scheme) =>
    [16, 64].flatMap((concurrency) => [0, 20].map((latencyMs) => ({ kind, scheme, concurrency, latencyMs }))),
  ),
);

export const parts = CASES.map((setting) => ({
  name: `throughput ${setting.kind} ${setting.scheme} ${setting.concurrency} at once, ${setting.latencyMs} ms`,
  run: (context) => compare(setting, context),
}));

async function compare({ kind, scheme, concurrency, latencyMs }, { folder, rows, rounds, before, say }) {
  const most = latencyMs === 0 ? rows : Math.min(rows, MAX_ROWS_EACH_WITH_LATENCY * concurrency);
  if (kind === 'pki') writeSignatures(folder);
  const inputs = new Map();
  const inputOf = (count) => {
    const path = join(folder, `rows-${count}.csv`);
    if (!inputs.has(count)) inputs.set(count, writeRows(path, count, { toLine: kind === 'otp' ? otpLine : pkiLine }));
    return path;
  };
  const server = await startServer(join(folder, 'server'), { latencyMs });
  const people = Object.entries(contenders({ kind, latencyMs, before }));
  const figures = new Map(people.map(([name]) => [name, []]));
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, prepare] of orderOf(people, round)) {
        const count = Math.min(most, MAX_ROWS[name] ?? most);
        const out = join(folder, name.replaceAll(/\W/g, ''));
        mkdirSync(out, { recursive: true });
        clear(out, `rows-${count}`);
        const target = { input: inputOf(count), out, origin: server.origin(scheme), ca: server.ca, concurrency };
        const used = await measure({ ...(await prepare(target)), log: join(out, 'log') });
        if (used.code !== 0) throw new Error(`${name} ended with ${used.code}: see ${join(out, 'log')}`);
        figures.get(name).push({ ...used, rate: count / used.seconds, cpuPer1000: (used.cpuSeconds / count) * 1000 });
      }
      say(`round ${round + 1} of ${rounds}`);
    }
  } finally {
    await server.stop();
  }
  return toRows(figures, server.name);
}

function toRows(figures, server) {
  const column = (name, figure) => figures.get(name).map((used) => used[figure]);
  return [...figures.keys()].map((name) => ({
    who: name,
    'rows/s': median(column(name, 'rate')),
    'CPU s per 1,000': median(column(name, 'cpuPer1000')),
    'peak MB': median(column(name, 'peakMb')),
    'ours to it, rows/s': medianRatio(column('ours', 'rate'), column(name, 'rate')),
    'ours to it, CPU': medianRatio(column('ours', 'cpuPer1000'), column(name, 'cpuPer1000')),
    server,
  }));
}
