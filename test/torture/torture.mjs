// Kills, races and breaks the program while the simulator watches, and checks what is left. How: --help.
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { runHelp } from './child.mjs';
import { FaultPlan, hasStrace } from './faults.mjs';
import { cutJournal, makeKilledStem } from './cuts.mjs';
import { doubtRound } from './doubt.mjs';
import { killRound } from './kills.mjs';
import { raceRound } from './races.mjs';
import { undoRound } from './undo-kills.mjs';

const HELP = `node test/torture/torture.mjs <part> [options]; PROGRAM=<bin.js> is the program, else dist/program/bin.js

  kills   random jobs, killed with SIGKILL at random moments and repeated      --count kills (100)
  undo    jobs whose registrations are taken back, killed as above              --count kills (100)
  doubt   jobs at 16 at once and 20 ms, killed, and their doubt counted          --count kills (100)
  races   two copies started at once over one stem                             --count races (20)
  faults  SIGKILL, ENOSPC and EIO at every call on the files (Linux, strace)   --step each how many calls (1), --only regex
  cuts    journals of killed runs, cut at every byte, rerun                    --count journals (4), --step bytes (1)

  --seed 1    chooses everything but the moments
  --round N   of kills: this round alone
  --rows N    at most so many rows (kills: 200)
  --jobs 2    at the same time
  --dir path  for the folders; those with violations stay
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string' },
    seed: { type: 'string', default: '1' },
    round: { type: 'string' },
    rows: { type: 'string' },
    step: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
    dir: { type: 'string', default: join(tmpdir(), 'centagate-torture') },
    help: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const jobs = Number(values.jobs);
const { dir } = values;
const RACES_PER_STEM = 8;

/** What all rounds came to. */
const total = { kills: 0, runs: 0, sends: 0, violations: 0, before: 0, middle: 0, after: 0 };

function add(name, { kills = {}, runs, sends, violations, folder }) {
  for (const [met, count] of Object.entries(kills)) {
    total[met] = (total[met] ?? 0) + count;
    total.kills += count;
  }
  total.runs += runs;
  total.sends += sends;
  total.violations += violations.length;
  for (const violation of violations.slice(0, 3)) console.log(`VIOLATION seed ${seed} ${name}: ${violation}`);
  if (violations.length > 3) console.log(`VIOLATION seed ${seed} ${name}: and ${violations.length - 3} more`);
  if (violations.length > 0) console.log(`  kept: ${folder}`);
}

/** Runs `work` for 0, 1, 2 … until it says that it is enough. */
async function inJobs(work, isEnough) {
  let next = 0;
  const worker = async () => {
    while (!isEnough(next)) await work(next++);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

const PARTS = {
  async kills() {
    const count = Number(values.count ?? 100);
    const maxRows = Number(values.rows ?? 200);
    const one = async (round) => add(`round ${round}`, await killRound({ seed, round, dir, maxRows }));
    if (values.round !== undefined) await one(Number(values.round));
    else await inJobs(one, () => total.kills >= count);
    console.log(
      `kills before the first send ${total.before}, in the middle ${total.middle}, after the results ${total.after}`,
    );
  },

  async undo() {
    const count = Number(values.count ?? 100);
    const maxRows = Number(values.rows ?? 80);
    const calls = { seen: 0, applied: 0, twice: 0 };
    const one = async (round) => {
      const ended = await undoRound({ seed, round, dir, maxRows });
      for (const [what, number] of Object.entries(ended.calls)) calls[what] += number;
      add(`round ${round}`, ended);
    };
    if (values.round !== undefined) await one(Number(values.round));
    else await inJobs(one, () => total.kills >= count);
    console.log(
      `kills before the first call ${total.before}, in the middle ${total.middle}, after the results ${total.after}`,
    );
    console.log(
      `calls that take back ${calls.seen}, applied ${calls.applied}, of them to somebody once more ${calls.twice}`,
    );
  },

  async doubt() {
    let left = Number(values.count ?? 100);
    const doubts = { open: 0, unseen: 0, ahead: 0 };
    const one = async (round) => {
      const ended = await doubtRound({ seed, round, dir, kills: left });
      left -= ended.kills.middle;
      for (const [what, count] of Object.entries(ended.doubts)) doubts[what] += count;
      add(`stem ${round}`, ended);
    };
    await inJobs(one, () => left <= 0);
    const { open, unseen, ahead } = doubts;
    console.log(`rows in doubt ${open}, never seen by the server ${unseen}; intents that had not left ${ahead}`);
  },

  async races() {
    if (!(await runHelp()).includes('--take-lock')) {
      console.log('SKIPPED: this program knows no lock (no --take-lock in run --help)');
      return;
    }
    let left = Number(values.count ?? 20);
    let races = 0;
    const one = async (round) => {
      // Taken before the round begins: two jobs must not run the same ones.
      const share = Math.min(left, RACES_PER_STEM);
      left -= share;
      const ended = await raceRound({ seed, round, dir, races: share });
      left += share - ended.races;
      races += ended.races;
      add(`stem ${round}`, ended);
    };
    await inJobs(one, () => left <= 0);
    console.log(`races ${races}`);
  },

  async faults() {
    if (process.platform !== 'linux' || !hasStrace()) {
      console.log('SKIPPED: this part needs Linux and strace');
      return;
    }
    const plan = new FaultPlan({ seed, dir });
    for (const afterKill of [false, true]) add(`order ${afterKill}`, await plan.orderRound(afterKill));
    const only = new RegExp(values.only);
    const injections = (await plan.list(Number(values.step))).filter(({ call }) => only.test(call));
    console.log(`injections ${injections.length}`);
    const one = async (at) => {
      const injection = injections[at];
      add(Object.values(injection).join(' '), await plan.round(injection));
    };
    await inJobs(one, (next) => next >= injections.length);
  },

  async cuts() {
    const count = Number(values.count ?? 4);
    // No real disk is needed.
    const shared = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/centagate-torture-') : dir;
    let cuts = 0;
    const one = async (round) => {
      const life = await makeKilledStem({ seed, round, dir: shared });
      add(`journal ${round}`, { ...life, kills: { middle: 1 }, runs: 1, sends: life.after.sends.length });
      const ended = await cutJournal(life, { step: Number(values.step) });
      cuts += ended.cuts;
      add(`journal ${round}`, ended);
    };
    await inJobs(one, (next) => next >= count);
    if (shared !== dir && readdirSync(shared).length === 0) rmdirSync(shared);
    console.log(`cuts ${cuts}`);
  },
};

const [part = ''] = positionals;
if (values.help || !Object.hasOwn(PARTS, part)) {
  process.stdout.write(HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  console.log(`${part}: seed ${seed}`);
  const startedAt = Date.now();
  await PARTS[part]();
  const { kills, runs, sends, violations } = total;
  console.log(`kills ${kills}, runs ${runs}, sends ${sends}, violations ${violations}`);
  console.error(
    `${((Date.now() - startedAt) / 1000).toFixed(1)} s, ${(process.cpuUsage().user / 1e6).toFixed(1)} s of them our own`,
  );
  if (violations > 0) process.exitCode = 1;
}
