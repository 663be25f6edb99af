import { setTimeout as sleep } from 'node:timers/promises';
import { start } from './child.mjs';
import { Dice } from './dice.mjs';
import { makeScenario } from './scenario.mjs';
import { Stem } from './stem.mjs';

/** Long enough that the second of two copies surely meets the first. */
const LATENCY_MS = 60;
const FEWEST_ROWS_LEFT = 25;

/**
 * Starts two copies at once over one stem, again and again: one must run and the other exit 5, over a free stem and over
 * one whose last holder was killed. The winner is killed as soon as the loser has gone, so the next race is over its lock.
 */
export async function raceRound({ seed, round, dir, races }) {
  const dice = new Dice(seed, round, 7);
  const made = makeScenario(dice, { rows: [40, 60], faults: false, kinds: ['otp', 'pki', 'twice'] });
  const scenario = { ...made, latencyMs: LATENCY_MS };
  const stem = await Stem.open(scenario, { dir, name: `races-${seed}-${round}` });
  const flags = ['--concurrency', '1', '--timeout', '5'];
  let done = 0;
  let kills = 0;
  while (done < races && scenario.rows.length - stem.sends >= FEWEST_ROWS_LEFT) {
    done += 1;
    stem.checker.beginRun(`race ${done}`);
    kills += await race(stem, {
      words: stem.words('input', flags),
      startGapMs: dice.pick([0, 0, dice.between(0, 30)]),
    });
  }
  stem.checker.beginRun('the run after the races');
  await stem.calm({ unregister: true });
  await stem.runToTheEnd({ flags: ['--timeout', '5'] });
  await stem.close();
  const { violations } = stem.checker;
  return {
    races: done,
    kills: { middle: kills },
    runs: stem.runs + 2 * done,
    sends: stem.sends,
    violations,
    folder: stem.folder,
  };
}

/** Returns how many were killed. */
async function race(stem, { words, startGapMs }) {
  const { checker } = stem;
  const how = { env: stem.env };
  const first = start(words, how);
  if (startGapMs > 0) await sleep(startGapMs);
  const copies = [first, start(words, how)];
  const endings = copies.map(({ ended }, at) => ended.then((end) => ({ ...end, other: copies[1 - at] })));
  const loser = await Promise.race(endings);
  if (loser.exitCode !== 5) checker.fail(`the first of two to end exits ${loser.exitCode} ${loser.said.stderr}`);
  // The winner goes on, until it has sent something more or ends by itself.
  const sends = stem.sends;
  const winner = loser.other;
  let winnerHasEnded = false;
  void winner.ended.then(() => (winnerHasEnded = true));
  while (!winnerHasEnded && stem.sends <= sends + 1) await sleep(10);
  winner.child.kill('SIGKILL');
  const { signal, exitCode, said } = await winner.ended;
  if (signal !== 'SIGKILL') checker.fail(`one of two exits ${loser.exitCode}, the other ${exitCode} ${said.stderr}`);
  await sleep(20);
  checker.afterKill({ stdout: said.stdout + loser.said.stdout, stderr: said.stderr + loser.said.stderr });
  return signal === 'SIGKILL' ? 1 : 0;
}
