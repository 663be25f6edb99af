// What the journal costs: the same run against the simulator with it and without it, in turn.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { clear, nodePath, ours, productScript } from './contender.mjs';
import { median, medianRatio } from './figures.mjs';
import { writeRows } from './input.mjs';
import { measure } from './process.mjs';
import { SESSION } from './reply.mjs';

/** Into both, so that both start alike. */
const PRELOAD = { NODE_OPTIONS: `--import ${new URL('./without-journal.mjs', import.meta.url).href}` };
const WAYS = { 'with its journal': {}, without: { WITHOUT_JOURNAL: '1' } };

export const parts = [16, 64].map((concurrency) => ({
  name: `journal ${concurrency} at once`,
  run: (context) => compare(concurrency, context),
}));

async function compare(concurrency, { folder, rows, rounds, say }) {
  const input = writeRows(join(folder, 'rows.csv'), rows);
  const out = join(folder, 'out');
  mkdirSync(out);
  const figures = Object.fromEntries(Object.keys(WAYS).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(WAYS)) {
      clear(out, 'rows');
      const used = await runOnce({ input, out, concurrency }, way);
      figures[name].push({ rate: rows / used.seconds, cpuPer1000: (used.cpuSeconds / rows) * 1000 });
    }
    say(`round ${round + 1} of ${rounds}`);
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

/** Each against a simulator that has no token yet. */
async function runOnce(target, way) {
  const env = { CENTAGATE_AUTH_TOKEN: SESSION.authToken, CENTAGATE_SECRET_CODE: SESSION.secretCode };
  const simulator = spawn(nodePath, [productScript, 'simulate', '--admin', SESSION.admin], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [said] = await once(simulator.stdout, 'data');
    const [, origin] = /CENTAGATE_SERVER='(.*?)'/.exec(String(said)) ?? [];
    const command = ours({ ...target, origin });
    const log = join(target.out, 'log');
    const used = await measure({ ...command, env: { ...command.env, ...PRELOAD, ...way }, log });
    if (used.code !== 0) throw new Error(`a run ended with ${used.code}: see ${log}`);
    return used;
  } finally {
    simulator.kill('SIGTERM');
    await once(simulator, 'exit');
  }
}
