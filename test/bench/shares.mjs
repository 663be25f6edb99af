// What the journal costs, and what the proof that answers and requests are in step: the same run with it and without, in turn.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { clear, ours } from './contender.mjs';
import { median, medianRatio, orderOf } from './figures.mjs';
import { writeRows } from './input.mjs';
import { startServer } from './neutral-server.mjs';
import { measure } from './process.mjs';
import { MAX_ROWS_EACH_WITH_LATENCY } from './throughput.mjs';

/** Into both, so that both start alike. */
const PRELOAD = { NODE_OPTIONS: `--import ${new URL('./without.mjs', import.meta.url).href}` };

export const parts = ['journal', 'proof'].flatMap((what) =>
  [16, 64].flatMap((concurrency) =>
    [0, 20].map((latencyMs) => ({
      name: `${what} ${concurrency} at once, ${latencyMs} ms`,
      run: (context) => compare({ what, concurrency, latencyMs }, context),
    })),
  ),
);

async function compare({ what, concurrency, latencyMs }, { folder, rows: most, rounds, say }) {
  const rows = latencyMs === 0 ? most : Math.min(most, MAX_ROWS_EACH_WITH_LATENCY * concurrency);
  const ways = { [`with its ${what}`]: {}, without: { WITHOUT: what } };
  const input = writeRows(join(folder, 'rows.csv'), rows);
  const out = join(folder, 'out');
  mkdirSync(out);
  const figures = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  const server = await startServer(join(folder, 'server'), { latencyMs });
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, way] of orderOf(Object.entries(ways), round)) {
        clear(out, 'rows');
        const used = await runOnce({ input, out, concurrency, origin: server.origin('http') }, way);
        figures[name].push({ rate: rows / used.seconds, cpuPer1000: (used.cpuSeconds / rows) * 1000 });
      }
      say(`round ${round + 1} of ${rounds}`);
    }
  } finally {
    await server.stop();
  }
  const [withIt, without] = Object.values(figures);
  const column = (used, figure) => used.map((each) => each[figure]);
  return Object.entries(figures).map(([name, used]) => ({
    who: name,
    'rows/s': median(column(used, 'rate')),
    'CPU s per 1,000': median(column(used, 'cpuPer1000')),
    ...(used === withIt && {
      'to without, rows/s': medianRatio(column(withIt, 'rate'), column(without, 'rate')),
      'to without, CPU': medianRatio(column(withIt, 'cpuPer1000'), column(without, 'cpuPer1000')),
    }),
  }));
}

async function runOnce(target, way) {
  const command = ours(target);
  const log = join(target.out, 'log');
  const used = await measure({ ...command, env: { ...command.env, ...PRELOAD, ...way }, log });
  if (used.code !== 0) throw new Error(`a run ended with ${used.code}: see ${log}`);
  return used;
}
