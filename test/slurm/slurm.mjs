// The sample of Slurm, run for real on this machine: an array of 8 over 100,000 rows that share a session, two tasks killed and
// put back, merge, then 5 shards for what is left; judged by what the server saw. By hand, as root, after npm run build, with
// Debian's slurmctld, slurmd, slurm-client and munge: npm run test:slurm -- [--rows N] [--latency ms] [--end-session] [--keep]
// --end-session: nobody is killed; half-way another login ends the session, so that all tasks stop with 6, and the next round goes on.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startSimulator } from '../../dist/simulator/simulator.js';
import { Cluster } from './cluster.mjs';
import { judge } from './judge.mjs';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    latency: { type: 'string', default: '5' },
    'end-session': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const ROWS = Number(values.rows);
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = join(REPOSITORY, 'dist/program/bin.js');
const SECRETS = {
  password: 'the-password-of-the-array',
  integrationKey: 'the-integration-key-of-the-array',
  integrationSecret: 'the-integration-secret-of-the-array',
};
const LONGEST_MS = 30 * 60_000;

const folder = mkdtempSync(join(tmpdir(), 'slurm-'));
const at = (...names) => join(folder, ...names);
for (const name of ['cluster', 'data', 'jobs', 'secrets', 'bin']) mkdirSync(at(name), { mode: 0o700 });

const users = Array.from({ length: ROWS }, (_, index) => `u${String(index).padStart(6, '0')}`);
writeFileSync(
  at('data/users.csv'),
  ['username,token_type,department', ...users.map((name, index) => `${name},otp,D${index % 7}`), ''].join('\n'),
);
// Every hundredth is not known at first, and is when the next round comes.
const script = Object.fromEntries(users.filter((_, index) => index % 100 === 7).map((name) => [name, ['22002', 'ok']]));

/** By the formula that is promised: the first four bytes of the SHA-256 of the username, modulo the shards. */
const shardOf = (name, count) => createHash('sha256').update(name).digest().readUInt32BE(0) % count;
/** Task by its index, killed when the server has seen so many sends of it. */
const kills = new Map([
  [2, Math.floor(ROWS / 8 / 4)],
  [5, Math.floor((ROWS / 8) * 0.7)],
]);
const seen = new Map();
const killed = [];
const sends = [];
let shards = 8;

const simulator = await startSimulator({
  admin: 'admin',
  authToken: 'a-session-of-before',
  secretCode: 'and-its-code',
  login: SECRETS,
  script,
  seed: 1,
  faults: [
    { kind: '10004', share: 0.005 },
    { kind: 'reset-before', share: 0.002 },
    { kind: 'reset-after', share: 0.0003 },
  ],
  latencyMs: Number(values.latency),
  onSend: (send) => {
    sends.push(send);
    const shard = shardOf(send.username, shards);
    const count = (seen.get(shard) ?? 0) + 1;
    seen.set(shard, count);
    if (values['end-session'] && sends.length === ROWS / 2) simulator.endSession();
    if (!values['end-session'] && shards === 8 && kills.get(shard) === count) killTask(shard);
  },
});

/** The process of a task, as its lock names it. */
function killTask(shard) {
  const { pid } = JSON.parse(readFileSync(at(`data/users.shard-${shard}-of-8.lock`), 'utf8'));
  process.kill(pid, 'SIGKILL');
  killed.push(shard);
}

function prepareJobs() {
  cpSync(join(REPOSITORY, 'samples/slurm'), at('jobs'), { recursive: true });
  for (const [name, secret] of Object.entries(SECRETS)) writeFileSync(at('secrets', name), secret, { mode: 0o600 });
  writeFileSync(at('bin/centagate-provision'), `#!/bin/sh\nexec ${process.execPath} ${PROGRAM} "$@"\n`);
  chmodSync(at('bin/centagate-provision'), 0o700);
  const settings = {
    PATH: `${at('bin')}:${process.env.PATH}`,
    CENTAGATE_SERVER: simulator.url,
    CENTAGATE_ADMIN: 'admin',
    CENTAGATE_PASSWORD_FILE: at('secrets/password'),
    CENTAGATE_INTEGRATION_KEY_FILE: at('secrets/integrationKey'),
    CENTAGATE_INTEGRATION_SECRET_FILE: at('secrets/integrationSecret'),
  };
  const lines = Object.entries(settings).map(([name, value]) => `export ${name}='${value}'`);
  writeFileSync(
    at('jobs/settings.sh'),
    [...lines, `INPUT='${at('data/users.csv')}'`, `SESSION='${at('session')}'`, ''].join('\n'),
  );
}

/** A task that was put back waits 2 minutes, of which nobody needs more here than Slurm takes to be done with what was killed. */
function hurry(cluster, array) {
  if (cluster.ask('squeue', '--noheader', '--states=COMPLETING').trim() !== '') return;
  for (const shard of killed) {
    try {
      cluster.ask('scontrol', 'update', `JobId=${array}_${shard}`, 'StartTime=now');
    } catch {
      // It runs already.
    }
  }
}

async function round(cluster, count) {
  shards = count;
  seen.clear();
  const began = performance.now();
  const before = sends.length;
  // The sample's array is of 8; another number is what an operator types.
  const path = at('jobs/shards.sbatch');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/--array=0-\d+/, `--array=0-${count - 1}`));
  const said = cluster.submit(at('jobs/submit.sh'));
  const [, login, array, merge] = /login (\d+), shards (\d+), merge (\d+)/.exec(said) ?? [];
  const timer = setInterval(() => hurry(cluster, array), 2000);
  await cluster.idle(LONGEST_MS).finally(() => clearInterval(timer));
  const tasks = Array.from({ length: count }, (_, index) => cluster.stateOf(`${array}_${index}`));
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `round of ${count}: login ${show(cluster.stateOf(login))}, tasks ${tasks.map(show).join(' ')}, merge ${show(cluster.stateOf(merge))}`,
  );
  console.log(
    `  ${seconds.toFixed(0)} s, ${sends.length - before} sends, logins ${simulator.logins}, logouts ${simulator.logouts}, session checks ${simulator.sessionChecks}`,
  );
  return tell(count);
}

function show({ state, code }) {
  return `${state} ${code}`;
}

function tell(count) {
  const secrets = Object.values(SECRETS);
  const { problems, figures } = judge({ folder: at('data'), stem: 'users', sends, secrets });
  console.log(`  ${JSON.stringify(figures)}`);
  if (existsSync(at('session/auth-token'))) problems.push('the session is still there');
  for (const problem of problems.slice(0, 20)) console.log(`  VIOLATION: ${problem}`);
  if (problems.length > 20) console.log(`  VIOLATION: and ${problems.length - 20} more`);
  const words = ['audit', at('data/users.results.csv')];
  try {
    execFileSync(process.execPath, [PROGRAM, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    console.log(`  audit after ${count} shards: good`);
  } catch (error) {
    problems.push('the audit');
    console.log(`  VIOLATION: audit ends with ${error.status}\n${error.stdout}${error.stderr}`);
  }
  return problems.length;
}

const cluster = new Cluster(at('cluster'));
let violations = 0;
try {
  prepareJobs();
  await cluster.start({ tasks: 8 });
  violations += await round(cluster, 8);
  if (killed.length > 0) console.log(`  killed with SIGKILL and put back: tasks ${killed.join(', ')}`);
  if (!values['end-session'] && killed.length !== kills.size) violations += 1;
  violations += await round(cluster, 5);
} catch (error) {
  violations += 1;
  console.log(error);
} finally {
  await cluster.stop();
  await simulator.close();
}
console.log(`${violations} violations`);
if (values.keep || violations > 0) console.log(`kept: ${folder}`);
else rmSync(folder, { recursive: true });
process.exitCode = violations > 0 ? 1 : 0;
