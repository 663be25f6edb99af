import { Dice } from './dice.mjs';
import { makeScenario } from './scenario.mjs';
import { Stem } from './stem.mjs';

const LATENCY_MS = 20;
const ROWS = 120;
const FEWEST_ROWS_LEFT = 40;
const FLAGS = ['--concurrency', '16', '--timeout', '20'];

/**
 * One stem's life with a server that answers everything after 20 ms, killed again and again among its sends: nothing but the
 * kills leaves doubt, so it can be counted. Some users have a token from before, which doubt without a send would call lost.
 */
export async function doubtRound({ seed, round, dir, kills: most }) {
  const dice = new Dice(seed, round, 17);
  const made = makeScenario(dice, { rows: [ROWS, ROWS], faults: false, kinds: ['otp', 'already'] });
  const stem = await Stem.open({ ...made, latencyMs: LATENCY_MS }, { dir, name: `doubt-${seed}-${round}` });
  let kills = 0;
  for (let left = ROWS; left > FEWEST_ROWS_LEFT && kills < most; left = ROWS - stem.sends) {
    const plan = { at: 'send', n: dice.int(1, left - 16), ms: dice.between(0, LATENCY_MS) };
    const { met } = await stem.runAndCheck('input', { flags: FLAGS, plan });
    if (met === undefined) break;
    kills += 1;
  }
  await stem.runToTheEnd({ flags: FLAGS });
  await stem.close();
  const { violations, doubts } = stem.checker;
  return { kills: { middle: kills }, runs: stem.runs, sends: stem.sends, violations, folder: stem.folder, doubts };
}
