// npm run bench -- [--only REGEX] [--rows 20000] [--rounds 5] [--long-rows 1000000] [--json bench.json]
//   [--before BIN]: another build's dist/program/bin.js, in the same rounds of throughput and start
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { toTable } from './figures.mjs';
import { parts as cost } from './cost.mjs';
import { parts as growth } from './growth.mjs';
import { parts as hostile } from './hostile.mjs';
import { parts as memory } from './memory.mjs';
import { parts as shards } from './shards.mjs';
import { parts as shares } from './shares.mjs';
import { parts as start } from './start.mjs';
import { parts as throughput } from './throughput.mjs';
import { parts as validate } from './validate.mjs';

const { values: given } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rows: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '5' },
    'long-rows': { type: 'string', default: '1000000' },
    json: { type: 'string', default: 'bench.json' },
    before: { type: 'string' },
  },
});

const wanted = [
  ...throughput,
  ...cost,
  ...shards,
  ...shares,
  ...start,
  ...memory,
  ...hostile,
  ...growth,
  ...validate,
].filter(({ name }) => new RegExp(given.only).test(name));
const machine = `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}`;
const scratch = mkdtempSync(join(tmpdir(), 'bench-'));
const results = {};
process.stdout.write(`${machine}\n`);
try {
  for (const { name, run } of wanted) {
    const folder = join(scratch, name.replaceAll(/\W+/g, '-'));
    mkdirSync(folder);
    results[name] = await run({
      folder,
      rows: Number(given.rows),
      rounds: Number(given.rounds),
      longRows: Number(given['long-rows']),
      before: given.before,
      say: (text) => process.stderr.write(`  ${name}: ${text}\n`),
    });
    process.stdout.write(`\n${name}\n${toTable(results[name])}\n`);
    rmSync(folder, { recursive: true });
  }
  writeFileSync(given.json, `${JSON.stringify({ machine, at: new Date().toISOString(), results }, undefined, 2)}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
