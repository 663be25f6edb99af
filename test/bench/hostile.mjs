// Peak memory with a server that says too much, beside one that says as little as it should.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { clear, ours } from './contender.mjs';
import { median } from './figures.mjs';
import { writeRows } from './input.mjs';
import { startServer } from './neutral-server.mjs';
import { measure } from './process.mjs';
import { HOSTILE_WAYS } from './reply.mjs';

const CONCURRENCY = 32;
/** Enough that more of them make no difference. */
const ROWS = 1000;

export const parts = ['http', 'https'].map((scheme) => ({
  name: `memory hostile ${scheme}`,
  run: (context) => compare(scheme, context),
}));

async function compare(scheme, { folder, rounds, say }) {
  const input = writeRows(join(folder, 'rows.csv'), ROWS);
  const table = [];
  for (const way of Object.keys(HOSTILE_WAYS)) {
    const used = await runs({ way, scheme, input, folder, rounds });
    const peakMb = median(used.map((each) => each.peakMb));
    table.push({
      'the server sends': way,
      'peak MB': peakMb,
      highest: Math.max(...used.map((each) => each.peakMb)),
      added: peakMb - (table[0]?.['peak MB'] ?? peakMb),
      'rows/s': median(used.map((each) => ROWS / each.seconds)),
      'CPU s per 1,000': median(used.map((each) => (each.cpuSeconds / ROWS) * 1000)),
    });
    say(way);
  }
  return table;
}

async function runs({ way, scheme, input, folder, rounds }) {
  const out = join(folder, 'out');
  mkdirSync(out, { recursive: true });
  const server = await startServer(join(folder, 'server'), { hostile: way });
  const more = ['--attempts', '1', '--max-failures', '100%'];
  const target = { input, out, origin: server.origin(scheme), ca: server.ca, concurrency: CONCURRENCY, more };
  const used = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      clear(out, 'rows');
      const log = join(out, 'log');
      const each = await measure({ ...ours(target), log });
      // Refused, or in doubt: nothing else, and none left out.
      if (each.code !== 1 && each.code !== 3) throw new Error(`a run ended with ${each.code}: see ${log}`);
      used.push(each);
    }
  } finally {
    await server.stop();
  }
  return used;
}
