// Costs that grow: what a row costs in a small and in a large input, and whether odd inputs have a quadratic step.
import { appendFileSync, createReadStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse';
import { clear, ours } from './contender.mjs';
import { otpLine, writeRows } from './input.mjs';
import { startServer } from './neutral-server.mjs';
import { measure } from './process.mjs';

const CONCURRENCY = 16;
const COLUMNS = Array.from({ length: 95 }, (_, column) => `extra_${column}`);
const CELLS = COLUMNS.map((name) => `${name} of a row`).join(',');
const STALLED_ROW = 5;

/** Each is run at `rows`, twice and four times as many: a quadratic step makes the second addition cost twice the first. */
const SHAPES = {
  plain: {},
  '100 columns': {
    rows: 5000,
    header: `username,token_type,signature_path,status,department,${COLUMNS.join(',')}`,
    toLine: (row) => `${otpLine(row)},${CELLS}`,
  },
  duplicates: { rows: 20_000, toLine: (row) => otpLine(row % 10) },
  // From beyond the window on: to fill it costs something once.
  'a stalled row': {
    stalled: `user${STALLED_ROW}@example.org`,
    more: ['--timeout', '5', '--attempts', '1'],
    code: 3,
  },
  carried: { rows: 20_000, isRerun: true, added: 1 },
  unchanged: { rows: 20_000, isRerun: true },
};

export const parts = [
  ...Object.entries(SHAPES).map(([name, shape]) => ({
    name: `growth ${name}`,
    run: (context) => grow({ rows: 20_000, stalled: '', more: [], code: 0, ...shape }, context),
  })),
  { name: 'growth early and late rows', run: earlyAndLate },
];

async function grow(shape, { folder, say }) {
  const server = await startServer(join(folder, 'server'), { stalled: shape.stalled });
  const used = [];
  const counts = [shape.rows, shape.rows * 2, shape.rows * 4];
  try {
    for (const rows of counts) {
      used.push(await runOnce(shape, { folder, rows, server }));
      say(`${rows} rows`);
    }
  } finally {
    await server.stop();
  }
  const [one, two, four] = used.map(({ cpuSeconds }) => cpuSeconds);
  const slopes = [two - one, (four - two) / 2].map((seconds) => (seconds / shape.rows) * 1e6);
  return counts.map((rows, at) => ({
    rows,
    'CPU s': used[at].cpuSeconds,
    s: used[at].seconds,
    'CPU µs for a row more': slopes[at - 1],
    'to the step before': at === 2 ? slopes[1] / slopes[0] : undefined,
  }));
}

async function runOnce({ header, toLine, more, code, isRerun = false, added = 0 }, { folder, rows, server }) {
  const input = writeRows(join(folder, `grow-${rows}.csv`), rows, {
    ...(header && { header }),
    ...(toLine && { toLine }),
  });
  const out = join(folder, 'out');
  mkdirSync(out, { recursive: true });
  clear(out, `grow-${rows}`);
  const command = ours({ input, out, origin: server.origin('http'), ca: server.ca, concurrency: CONCURRENCY, more });
  const log = join(out, 'log');
  if (isRerun) await measure({ ...command, log });
  for (let row = 1; row <= added; row += 1) appendFileSync(input, `${otpLine(rows + row)}\n`);
  const used = await measure({ ...command, log });
  if (used.code !== code) throw new Error(`a run ended with ${used.code}: see ${log}`);
  return used;
}

/** One long run, by when each row was sent: the second tenth of its rows beside the last one. */
async function earlyAndLate({ folder, longRows }) {
  const server = await startServer(join(folder, 'server'));
  try {
    await runOnce({ more: [], code: 0 }, { folder, rows: longRows, server });
  } finally {
    await server.stop();
  }
  const tenth = Math.floor(longRows / 10);
  const marks = new Map();
  let row = 0;
  for await (const { sent_at } of createReadStream(join(folder, 'out', `grow-${longRows}.results.csv`)).pipe(
    parse({ columns: true }),
  )) {
    if (row % tenth === 0) marks.set(row / tenth, Date.parse(sent_at));
    row += 1;
  }
  const rate = (at) => tenth / ((marks.get(at + 1) - marks.get(at)) / 1000);
  return [1, 4, 8].map((at) => ({
    'rows from': at * tenth,
    'rows/s': rate(at),
    'time a row, to the first of these': rate(1) / rate(at),
  }));
}
