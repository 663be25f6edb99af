import { Dice } from './dice.mjs';
import { hasFile } from './child.mjs';
import { makeScenario } from './scenario.mjs';
import { FILES } from './stem-files.mjs';
import { Stem } from './stem.mjs';

/** Names that appear, change or go away while the files are completed, those that matter most more than once. */
const COMPLETING = [
  `${FILES.results}.tmp`,
  FILES.results,
  FILES.results,
  FILES.failed,
  FILES.failed,
  `${FILES.summary}.tmp`,
  FILES.summary,
  FILES.journal,
  FILES.lock,
  FILES.keys,
];

/** Of one life. */
const MOST_KILLS = 24;

/** One stem's life with random kills. The seed and the round choose everything but the moment a kill really meets. */
export async function killRound({ seed, round, dir, maxRows = 200 }) {
  const dice = new Dice(seed, round);
  const scenario = makeScenario(dice, { rows: [Math.min(40, maxRows), maxRows] });
  const stem = await Stem.open(scenario, { dir, name: `kills-${seed}-${round}` });
  const hurry = dice.pick([0.02, 0.1, 0.1, 0.3]);
  const timeout = dice.between(0.1, 0.3).toFixed(3);
  const chooseFlags = () => [
    ...['--concurrency', String(dice.chance(0.2) ? 1 : dice.int(1, 32))],
    ...['--attempts', '3', '--timeout', timeout],
    ...(dice.chance(0.3) ? ['--json'] : []),
  ];
  const chooseInput = () => (hasFile(stem.folder, 'failed') && dice.chance(0.4) ? 'failed' : 'input');
  const rowsLeft = () => Math.max(5, scenario.rows.length - Math.round(stem.sends * 0.8));
  const kills = { before: 0, middle: 0, after: 0 };
  // Two chances to be killed through a whole life: before the first run ended by itself, and in the reruns.
  for (const share of [0.97, 0.85]) {
    for (let hasEnded = false; !hasEnded;) {
      const isTired = kills.before + kills.middle + kills.after >= MOST_KILLS;
      const plan = !isTired && dice.chance(share) ? choosePlan(dice, rowsLeft()) : undefined;
      const { met } = await stem.runAndCheck(chooseInput(), { flags: chooseFlags(), plan, hurry });
      if (met !== undefined) kills[met] += 1;
      hasEnded = met === undefined;
    }
  }
  const how = { flags: chooseFlags(), hurry };
  for (let reruns = dice.int(0, 2); reruns > 0; reruns -= 1) await stem.runAndCheck(chooseInput(), how);
  await stem.calm({ unregister: dice.chance(0.5) });
  await stem.runToTheEnd(how, chooseInput);
  await stem.close();
  const { violations } = stem.checker;
  return { kills, runs: stem.runs, sends: stem.sends, violations, folder: stem.folder };
}

function choosePlan(dice, rowsLeft) {
  return { ...chooseMoment(dice, rowsLeft), ...(dice.chance(0.08) && { signal: 'SIGTERM' }) };
}

function chooseMoment(dice, rowsLeft) {
  const kind = dice.next();
  // Start-up takes some 200 ms, more when the machine is busy.
  if (kind < 0.1) return { at: 'time', ms: dice.between(0, 300) };
  if (kind < 0.15) return { at: 'time', ms: dice.between(200, 1500) };
  if (kind < 0.6) return { at: 'send', n: dice.int(1, rowsLeft), ms: dice.pick([0, dice.between(0, 8)]) };
  // A name changes when it is made, put in its place and taken away, and when a killed run is completed first.
  const n = dice.pick([1, 1, 1, 2, 2, 3]);
  return { at: 'file', name: dice.pick(COMPLETING), n, ms: dice.pick([0, 0, dice.between(0, 6)]) };
}
