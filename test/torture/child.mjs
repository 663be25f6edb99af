import { spawn } from 'node:child_process';
import { existsSync, statSync, watch } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { clearTimeout, setTimeout } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { FILES } from './stem-files.mjs';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** The program under test; the simulator and main are taken from the same build. */
export const PROGRAM = resolve(process.env.PROGRAM ?? join(REPOSITORY, 'dist/program/bin.js'));
export const BUILD = resolve(PROGRAM, '../..');
export const SAMPLES = join(REPOSITORY, 'samples');
/** A run that is not over by then hangs. */
const HANGS_AFTER_MS = 60_000;

export function environmentOf(scenario, url) {
  return {
    CENTAGATE_SERVER: url,
    CENTAGATE_ADMIN: scenario.admin,
    CENTAGATE_AUTH_TOKEN: scenario.secrets.authToken,
    CENTAGATE_SECRET_CODE: scenario.secrets.secretCode,
    CENTAGATE_SIGNATURES_DIR: SAMPLES,
  };
}

/**
 * Starts the program. `hurry` shortens its pauses between two tries to that part, `runId` is what it calls its run, `wrapper`
 * is a command before it.
 */
export function start(words, { env, hurry = 1, runId, wrapper = [] }) {
  const patches = [
    ...(hurry === 1 ? [] : [`const random = Math.random; Math.random = () => random() * ${hurry};`]),
    ...(runId === undefined ? [] : [withRunId(runId)]),
  ];
  const imports = patches.flatMap((patch) => ['--import', `data:text/javascript,${encodeURIComponent(patch)}`]);
  const [command, ...rest] = [...wrapper, process.execPath, ...imports, PROGRAM, ...words];
  const child = spawn(command, rest, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk) => (said.stderr += chunk.toString()));
  const watchdog = setTimeout(() => child.kill('SIGKILL'), HANGS_AFTER_MS);
  const ended = new Promise((settle) => {
    child.once('close', (exitCode, signal) => {
      clearTimeout(watchdog);
      settle({ exitCode, signal, said });
    });
  });
  return { child, ended, said };
}

function withRunId(runId) {
  const imports = `import crypto from 'node:crypto'; import { syncBuiltinESMExports } from 'node:module';`;
  return `${imports} crypto.randomUUID = () => '${runId}'; syncBuiltinESMExports();`;
}

/** What the program says of the flags that it knows. */
export async function runHelp() {
  const { said } = await start(['run', '--help', 'all'], { env: {} }).ended;
  return said.stdout;
}

/**
 * Kills a run as its plan says, with SIGKILL unless it names another `signal`: `{ at: 'time', ms }` after its start, `{ at: 'send', n, ms }` after its n-th send was
 * seen, `{ at: 'file', name, n, ms }` after the n-th change of a file's name. Returns where it was met, or nothing when it
 * ended first.
 */
export class Killer {
  #plan;
  #folder;
  #child;
  #changes = 0;
  #watcher;
  #timer;
  #sends = 0;
  #resultsAtFirstSend;
  #met;

  constructor(plan, { child, folder }) {
    this.#plan = plan;
    this.#folder = folder;
    this.#child = child;
    if (plan.at === 'time') this.#killIn(plan.ms);
    if (plan.at === 'file') {
      this.#watcher = watch(folder, (_, name) => {
        if (name !== plan.name) return;
        this.#changes += 1;
        if (this.#changes === plan.n) this.#killIn(plan.ms);
      });
    }
  }

  noteSend() {
    this.#sends += 1;
    if (this.#sends === 1) this.#resultsAtFirstSend = this.#resultsFile();
    if (this.#plan.at === 'send' && this.#sends === this.#plan.n) this.#killIn(this.#plan.ms);
  }

  /** `before` any send, in the `middle`, or `after` the results of what was sent were put in place. */
  get met() {
    return this.#met;
  }

  stop() {
    this.#watcher?.close();
    clearTimeout(this.#timer);
  }

  #killIn(ms) {
    if (this.#timer !== undefined) return;
    if (ms < 0.5) this.#kill();
    else this.#timer = setTimeout(() => this.#kill(), ms);
  }

  #kill() {
    const isReplaced = this.#sends > 0 && this.#resultsFile() !== this.#resultsAtFirstSend;
    if (this.#child.kill(this.#plan.signal ?? 'SIGKILL'))
      this.#met = this.#sends === 0 ? 'before' : isReplaced ? 'after' : 'middle';
  }

  #resultsFile() {
    const path = join(this.#folder, FILES.results);
    return existsSync(path) ? statSync(path).ino : undefined;
  }
}

/** What a killed client has left in its sockets still comes: waits until the server has seen it. */
export async function untilQuiet(countSends) {
  for (let quiet = 0, last = countSends(); quiet < 3;) {
    await sleep(8);
    quiet = countSends() === last ? quiet + 1 : 0;
    last = countSends();
  }
}

export function hasFile(folder, name) {
  return existsSync(join(folder, FILES[name]));
}
