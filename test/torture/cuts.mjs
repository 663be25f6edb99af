import { fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Dice } from './dice.mjs';
import { makeScenario } from './scenario.mjs';
import { FILES } from './stem-files.mjs';
import { Stem } from './stem.mjs';

const WORKER = fileURLToPath(new URL('cut-worker.mjs', import.meta.url));

/**
 * A stem at the moment a run was killed in its middle: its files, and what the server had seen before that run and in it.
 * Half of them have finished runs behind them.
 */
export async function makeKilledStem({ seed, round, dir }) {
  for (let tries = 0; ; tries += 1) {
    const dice = new Dice(seed, round, tries, 3);
    const made = makeScenario(dice, { rows: [6, 10], kinds: ['otp', 'pki', 'twice', 'gone', 'already', 'no-file'] });
    const faults = ['10004', 'reset-after', '500', 'reset', 'truncated'].map((kind) => ({ kind, share: 0.1 }));
    const stem = await Stem.open({ ...made, faults }, { dir, name: `cuts-${seed}-${round}` });
    const how = { flags: ['--concurrency', String(dice.int(1, 4)), '--attempts', '2', '--timeout', '2'], hurry: 0.05 };
    if (dice.chance(0.5)) await stem.runAndCheck('input', how);
    const before = snapshot(stem);
    const { met } = await stem.runAndCheck('input', { ...how, plan: { at: 'send', n: dice.int(2, 8), ms: 0 } });
    const after = snapshot(stem);
    const { violations } = stem.checker;
    const port = Number(new URL(stem.simulator.url).port);
    const certificates = stem.scenario.users.map(({ username }) => [
      username,
      stem.simulator.user(username).fingerprint,
    ]);
    const scenario = { ...stem.scenario, port, fingerprints: Object.fromEntries(certificates) };
    const life = { scenario, before, after, violations, folder: stem.folder };
    await stem.close();
    if (met === 'middle' || violations.length > 0) return life;
  }
}

/** Cuts the journal at every `step`-th byte and runs the job again over each, in a process of its own. */
export function cutJournal(life, { step }) {
  return new Promise((settle) => {
    // The program writes its log to the standard error of its process, which is the worker's.
    const worker = fork(WORKER, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let ended = { cuts: 0, runs: 0, sends: 0, violations: [] };
    let stderr = '';
    worker.stderr.on('data', (chunk) => (stderr = `${stderr}${chunk.toString()}`.slice(-1_000_000)));
    worker.on('message', (message) => (ended = message));
    worker.once('close', (exitCode) => {
      const violations = [...ended.violations];
      if (exitCode !== 0) violations.push(`the worker exits ${exitCode}: ${stderr.slice(-2000)}`);
      for (const [name, secret] of Object.entries(life.scenario.secrets)) {
        if (stderr.includes(secret)) violations.push(`standard error holds the ${name}`);
      }
      settle({ ...ended, violations, folder: `${life.folder}-*` });
    });
    worker.send({ life, step });
  });
}

function snapshot(stem) {
  const names = readdirSync(stem.folder).filter((name) => name !== FILES.input);
  const files = names.map((name) => [name, readFileSync(join(stem.folder, name)).toString('base64')]);
  return { files: Object.fromEntries(files), sends: stem.checker.sends.slice() };
}
