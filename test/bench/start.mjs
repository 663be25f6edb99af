// How long a command takes to begin, beside bare scripts that load the same libraries.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { clear, nodePath, ours, productScript } from './contender.mjs';
import { median, medianRatio, orderOf } from './figures.mjs';
import { writeRows } from './input.mjs';
import { measure } from './process.mjs';
import { REPLIES } from './reply.mjs';

/** Starts are short, and a short time needs many of them. */
const ROUNDS_PER_ROUND = 5;

export const parts = [
  { name: 'start --help', run: (context) => inTurn(context, commandPair(context, '--help', printWithYargs(context))) },
  {
    name: 'start --version',
    run: (context) => inTurn(context, commandPair(context, '--version', printWithYargs(context))),
  },
  { name: 'start first request', run: firstRequest },
];

const library = (name) => pathToFileURL(createRequire(import.meta.url).resolve(name)).href;

function writeScript({ folder }, name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function printWithYargs(context) {
  return writeScript(
    context,
    'yargs.mjs',
    `import yargs from ${JSON.stringify(library('yargs'))};
process.stdout.write(await yargs([]).scriptName('bare').option('one', { type: 'string', describe: 'one' }).help().getHelp());`,
  );
}

function commandPair({ before }, flag, bare) {
  const time = async (args, log) => {
    const { seconds, cpuSeconds } = await measure({ command: nodePath, args, log });
    return { seconds, cpuSeconds };
  };
  return {
    ours: (log) => time([productScript, flag], log),
    ...(before && { before: (log) => time([resolve(before), flag], log) }),
    'bare script with yargs': (log) => time([bare], log),
    'node -e 0': (log) => time(['-e', '0'], log),
  };
}

async function inTurn({ folder, rounds }, people) {
  const figures = new Map(Object.keys(people).map((name) => [name, []]));
  for (let round = 0; round < rounds * ROUNDS_PER_ROUND; round += 1) {
    for (const [name, run] of orderOf(Object.entries(people), round))
      figures.get(name).push((await run(join(folder, 'log'))).seconds);
  }
  return [...figures].map(([name, seconds]) => ({
    who: name,
    ms: median(seconds) * 1000,
    'ours to it': medianRatio(figures.get('ours'), seconds),
  }));
}

/** From the start of the process to the arrival of its first request. */
async function firstRequest(context) {
  const { folder } = context;
  let arrived = () => undefined;
  const server = createServer((request, response) => {
    arrived(performance.now());
    request.resume().on('end', () => response.end(REPLIES.otp));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  const input = writeRows(join(folder, 'one.csv'), 1);
  const out = join(folder, 'first');
  mkdirSync(out, { recursive: true });
  const bare = writeScript(
    context,
    'first.mjs',
    `import { parse } from ${JSON.stringify(library('csv-parse'))};
import { stringify } from ${JSON.stringify(library('csv-stringify'))};
import { request } from ${JSON.stringify(library('undici'))};
parse('a,b\\n1,2\\n').resume(); stringify([['a']]).resume();
const { body } = await request(${JSON.stringify(origin)}, { method: 'PUT', body: '{}' });
await body.text();
process.exit(0);`,
  );
  const time = async (command) => {
    const at = new Promise((resolve) => (arrived = resolve));
    const startedAt = performance.now();
    await Promise.all([at, measure({ ...command, command: nodePath, log: join(folder, 'log') })]);
    return { seconds: ((await at) - startedAt) / 1000 };
  };
  const people = {
    ours: () => {
      clear(out, 'one');
      const { script, args, env } = ours({ input, out, origin, concurrency: 16 });
      return time({ args: [script, ...args], env });
    },
    'bare script with undici': () => time({ args: [bare] }),
  };
  try {
    return await inTurn(context, people);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
