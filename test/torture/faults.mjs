import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Dice } from './dice.mjs';
import { makeScenario } from './scenario.mjs';
import { hasFile } from './child.mjs';
import { findUnsynced } from './order.mjs';
import { FILES } from './stem-files.mjs';
import { Stem } from './stem.mjs';

const CALLS = [
  'write',
  'pwrite64',
  'fdatasync',
  'fsync',
  'rename',
  'openat',
  'unlink',
  'ftruncate',
  'fchmod',
  'link',
  'utimensat',
];
/** What each call is made to do; `+`: from then on every one of them. */
const ERRORS = {
  write: ['ENOSPC', 'ENOSPC+', 'EIO'],
  pwrite64: ['ENOSPC', 'EIO'],
  fdatasync: ['EIO', 'ENOSPC'],
  fsync: ['EIO', 'ENOSPC'],
  rename: ['EIO', 'ENOSPC'],
  openat: ['ENOSPC', 'EIO', 'EMFILE'],
  unlink: ['EIO'],
  ftruncate: ['EIO'],
  fchmod: ['EPERM'],
  link: ['EIO'],
  utimensat: ['EIO'],
};
const STRACE = 'strace';
/** Of the run that meets it: the lock's temporary files are named after it. */
const RUN_ID = '1b671a64-40d5-491e-99b0-da01ff1f3341';
const SUFFIXES = ['', '.tmp', '.guard', `.${RUN_ID}`, `.guard.${RUN_ID}`];

/** One 30-row run for each call on the stem's files and each way to break it. */
export class FaultPlan {
  #seed;
  #dir;

  constructor({ seed, dir }) {
    this.#seed = seed;
    this.#dir = dir;
  }

  /** Every injection there is, as `{ call, what, n }`; counted over a run without any, with and without a killed one before. */
  async list(step) {
    const injections = [];
    for (const afterKill of [false, true]) {
      const counts = await this.#count(afterKill);
      for (const [call, count] of Object.entries(counts)) {
        for (const what of ['SIGKILL', ...ERRORS[call]]) {
          for (let n = 1; n <= count; n += step) injections.push({ call, what, n, afterKill });
        }
      }
    }
    return injections;
  }

  async round({ call, what, n, afterKill }) {
    const stem = await this.#open(`${call}-${what}-${n}`, afterKill);
    const kills = { middle: 0 };
    const fate = what === 'SIGKILL' ? 'signal=SIGKILL' : `error=${what.replace('+', '')}`;
    const inject = ['-e', `inject=${call}:${fate}:when=${n}${what.endsWith('+') ? '+' : ''}`];
    const { met, exitCode, said } = await stem.run('input', {
      ...HOW,
      runId: RUN_ID,
      wrapper: strace(stem, { inject }),
    });
    if (met !== undefined) kills.middle += 1;
    else checkBroken(stem, { exitCode, said });
    // An operator does what is asked for, so a key that was called lost has to stay out of use.
    await stem.calm({ unregister: true });
    await stem.runToTheEnd(HOW);
    await stem.close();
    const { violations } = stem.checker;
    return { kills, runs: stem.runs, sends: stem.sends, violations, folder: stem.folder };
  }

  /** Nothing is broken: is what each step relies on synced before it? Once over, and once behind a run killed at a key. */
  async orderRound(afterKill) {
    const stem = await this.#open('order', false);
    const log = mkdtempSync(join(this.#dir, 'strace-'));
    const inject = ['-e', 'inject=fdatasync:signal=SIGKILL:when=1'];
    const atKeys = strace(stem, { inject, paths: [join(stem.folder, FILES.keys)] });
    if (afterKill) await stem.run('input', { ...HOW, wrapper: atKeys });
    const more = ['-ttt', '-T', '-y', '-s', '4096'];
    const traced = await stem.run('input', { ...HOW, wrapper: strace(stem, { inject: more, log: join(log, 'log') }) });
    if (traced.met === undefined) stem.checker.afterRun(traced.said, traced.exitCode);
    const { folder, checker } = stem;
    const sends = checker.sends.slice(-checker.sendsOfRun);
    const text = readFileSync(join(log, 'log'), 'utf8');
    for (const problem of findUnsynced(text, { folder, sends, hadKeys: afterKill })) checker.fail(problem);
    rmSync(log, { recursive: true });
    await stem.calm({ unregister: true });
    await stem.runToTheEnd(HOW);
    await stem.close();
    const { violations } = stem.checker;
    return { runs: stem.runs, sends: stem.sends, violations, folder };
  }

  async #open(name, afterKill) {
    const dice = new Dice(this.#seed, afterKill ? 12 : 11);
    const kinds = ['otp', 'pki', 'twice', 'gone', 'bad-status'];
    const made = makeScenario(dice, { rows: [30, 30], faults: false, kinds });
    const faults = ['10004', 'reset-after', '500', 'truncated'].map((kind) => ({ kind, share: 0.08 }));
    const stem = await Stem.open({ ...made, faults, latencyMs: 1 }, { dir: this.#dir, name: `faults-${name}` });
    if (afterKill) await stem.runAndCheck('input', { ...HOW, plan: { at: 'send', n: 12, ms: 0 } });
    return stem;
  }

  /** Calls by name, of the thread that makes most of them: strace counts by thread. */
  async #count(afterKill) {
    const stem = await this.#open('count', afterKill);
    const log = mkdtempSync(join(this.#dir, 'strace-'));
    await stem.runAndCheck('input', { ...HOW, runId: RUN_ID, wrapper: strace(stem, { log: join(log, 'log') }) });
    await stem.close();
    const counts = {};
    const byThread = {};
    for (const line of readFileSync(join(log, 'log'), 'utf8').split('\n')) {
      const [, thread, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
      if (!CALLS.includes(call)) continue;
      byThread[`${thread} ${call}`] = (byThread[`${thread} ${call}`] ?? 0) + 1;
      counts[call] = Math.max(counts[call] ?? 0, byThread[`${thread} ${call}`]);
    }
    rmSync(log, { recursive: true });
    return counts;
  }
}

const HOW = { flags: ['--concurrency', '4', '--attempts', '3', '--timeout', '5'], hurry: 0.02 };

export function hasStrace() {
  try {
    execFileSync(STRACE, ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Only calls that touch the stem's files count; all the rest of node goes on as usual. */
function strace({ folder }, { inject = [], log = '/dev/null', paths = pathsOf(folder) }) {
  const traced = paths.flatMap((path) => ['-P', path]);
  // One thread of the pool, or each would count for itself.
  return [
    'env',
    'UV_THREADPOOL_SIZE=1',
    STRACE,
    '-f',
    '-qq',
    '-o',
    log,
    '-e',
    `trace=${CALLS.join()}`,
    ...traced,
    ...inject,
  ];
}

function pathsOf(folder) {
  const names = Object.entries(FILES).flatMap(([name, file]) => (name === 'input' ? [] : [file]));
  return [folder, ...names.flatMap((name) => SUFFIXES.map((suffix) => join(folder, name + suffix)))];
}

/** A run whose disk failed: 2 when nothing was sent, 4, or all is well. */
function checkBroken(stem, { exitCode, said }) {
  const { checker, folder } = stem;
  const last = said.stderr.trim().split('\n').at(-1);
  if (exitCode === 2 || exitCode === 5) {
    if (checker.sendsOfRun > 0) checker.fail(`exit ${exitCode} after ${checker.sendsOfRun} sends: ${last}`);
    checker.afterKill(said);
  } else if (exitCode === 4 && hasFile(folder, 'journal')) {
    // The files could not be completed: what is known is in the journal.
    checker.afterKill(said);
  } else if ([0, 1, 3, 4].includes(exitCode)) {
    checker.afterRun(said, exitCode, { hasBrokenDisk: true });
  } else {
    checker.fail(`exit ${exitCode}: ${said.stderr}`);
    checker.afterKill(said);
  }
}
