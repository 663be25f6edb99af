// CPU seconds a row beside the bare loop: with the start, and without it, which is what the rows of a short run cost more.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bareLoop, clear, ours } from './contender.mjs';
import { median, medianRatio, orderOf } from './figures.mjs';
import { otpLine, pkiLine, writeRows, writeSignatures } from './input.mjs';
import { startServer } from './neutral-server.mjs';
import { measure } from './process.mjs';

/** A short run warms up as a long one does: what it costs is the start. */
const SHORT = 1 / 4;
/** A row at so many ms takes its time whoever sends it: so many for each that is under way, some 15 s. */
const MAX_ROWS_EACH = { 0: Infinity, 5: 2_500, 20: 625 };

export const parts = ['otp', 'pki'].flatMap((kind) =>
  [0, 5, 20].map((latencyMs) => ({
    name: `cost ${kind} 16 at once, ${latencyMs} ms`,
    run: (context) => compare({ kind, latencyMs, concurrency: 16 }, context),
  })),
);

async function compare({ kind, latencyMs, concurrency }, { folder, rows, rounds, say }) {
  const many = Math.min(rows, MAX_ROWS_EACH[latencyMs] * concurrency);
  const few = Math.round(many * SHORT);
  if (kind === 'pki') writeSignatures(folder);
  const toLine = kind === 'otp' ? otpLine : pkiLine;
  const inputs = Object.fromEntries(
    [few, many].map((count) => [count, writeRows(join(folder, `rows-${count}.csv`), count, { toLine })]),
  );
  const server = await startServer(join(folder, 'server'), { latencyMs });
  const figures = { ours: [], 'bare loop': [] };
  const contenders = Object.entries({ ours, 'bare loop': bareLoop });
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const [who, command] of orderOf(contenders, round)) {
        const cpu = {};
        for (const count of [few, many]) {
          const out = join(folder, 'out');
          mkdirSync(out, { recursive: true });
          clear(out, `rows-${count}`);
          const target = { input: inputs[count], out, origin: server.origin('http'), ca: server.ca, concurrency };
          const used = await measure({ ...command(target), log: join(out, 'log') });
          if (used.code !== 0) throw new Error(`${who} ended with ${used.code}: see ${join(out, 'log')}`);
          cpu[count] = used.cpuSeconds;
        }
        const perRow = (cpu[many] - cpu[few]) / (many - few);
        figures[who].push({ whole: cpu[many] / many, apart: perRow, start: cpu[many] - perRow * many });
      }
      say(`round ${round + 1} of ${rounds}`);
    }
  } finally {
    await server.stop();
  }
  return toRows(figures, server.name);
}

function toRows(figures, server) {
  const column = (who, figure) => figures[who].map((used) => used[figure]);
  return Object.keys(figures).map((who) => ({
    who,
    'CPU s per 1,000': median(column(who, 'whole')) * 1000,
    'start apart': median(column(who, 'apart')) * 1000,
    'CPU s of the start': median(column(who, 'start')),
    'ours to it': medianRatio(column('ours', 'whole'), column(who, 'whole')),
    'ours to it, start apart': medianRatio(column('ours', 'apart'), column(who, 'apart')),
    server,
  }));
}
