import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Checker } from './checker.mjs';
import { BUILD, environmentOf, Killer, start, untilQuiet } from './child.mjs';
import { FILES } from './stem-files.mjs';

const { startSimulator } = await import(join(BUILD, 'simulator/simulator.js'));

/** One stem's whole life: its folder, its server and whoever checks it. */
export class Stem {
  runs = 0;
  checker;
  folder;
  scenario;
  simulator;
  #killer;
  #log = [];
  #sendsBefore = 0;

  /** @param where the folder for all stems, and what this one is called in what is reported */
  static async open(scenario, { dir, name }) {
    const stem = new Stem();
    stem.scenario = scenario;
    mkdirSync(dir, { recursive: true });
    stem.folder = mkdtempSync(join(dir, `${name}-`));
    writeFileSync(join(stem.folder, FILES.input), scenario.csv);
    stem.simulator = await startServer(scenario, (send) => stem.#note(send));
    stem.checker = new Checker({
      scenario,
      folder: stem.folder,
      isRegistered: (tokenType, username) => hasToken(stem.simulator, tokenType, username),
    });
    return stem;
  }

  get env() {
    return environmentOf(this.scenario, this.simulator.url);
  }

  get sends() {
    return this.#sendsBefore + this.simulator.sends.length;
  }

  words(input, flags) {
    return ['run', join(this.folder, FILES[input]), ...flags];
  }

  /**
   * Runs the program once, killed by `plan` or not, and checks what it leaves. Returns how it ended: `{ met }` where it
   * was killed, or `{ exitCode, left }`.
   */
  async run(input, { flags, plan, ...how }) {
    this.runs += 1;
    const { checker } = this;
    checker.beginRun(`run ${this.runs}`);
    const words = this.words(input, flags);
    const { child, ended } = start(words, { env: this.env, ...how });
    this.#killer = plan && new Killer(plan, { child, folder: this.folder });
    const { exitCode, signal, said } = await ended;
    this.#killer?.stop();
    // A signal that can be caught, and was, ends a run in order; before anything is sent it ends like a kill.
    const isCutOff = signal !== null || said.stderr.includes('ended before anything was sent');
    const met = isCutOff ? this.#killer?.met : undefined;
    this.#killer = undefined;
    await untilQuiet(() => this.sends);
    this.#log.push({ run: this.runs, words, plan, met, exitCode, signal, sends: this.sends, ...said });
    if (isCutOff) {
      if (met === undefined && how.wrapper === undefined) checker.fail('the run hung');
      checker.afterKill(said);
      return { met: met ?? 'injected', said };
    }
    return { exitCode, said };
  }

  /** As {@link run}, and what is not killed must have ended well. */
  async runAndCheck(input, how) {
    const ended = await this.run(input, how);
    if (ended.met !== undefined) return ended;
    const { exitCode, said } = ended;
    // The first answer of an endpoint was a page, or JSON without a code: a person is to look what is there.
    const isStrange = exitCode === 6 && said.stdout.includes('This is no CENTAGATE web API');
    if (!isStrange && ![0, 1, 3, ...(how.plan?.signal === 'SIGTERM' ? [143] : [])].includes(exitCode))
      this.checker.fail(`exit ${exitCode}: ${said.stderr.trim().split('\n').at(-1)}`);
    return { exitCode, left: this.checker.afterRun(said, exitCode) };
  }

  /**
   * From now on the server answers everything as usual. With `unregister`, an operator has done what `key_lost` asks
   * for: those rows can be registered anew.
   */
  async calm({ unregister }) {
    const lost = unregister ? this.checker.unregisterLost() : [];
    const users = this.scenario.users.map(({ username }) => {
      const user = this.simulator.user(username);
      return lost.includes(username) ? { ...user, hasOtp: false } : user;
    });
    await this.simulator.close();
    this.#sendsBefore += this.simulator.sends.length;
    this.simulator = await startServer(this.scenario, (send) => this.#note(send), {
      users,
      faults: [],
      // Another one, or it would make the same keys again.
      seed: this.scenario.serverSeed + 1,
      port: Number(new URL(this.simulator.url).port),
    });
  }

  /** Runs until nothing but `fix` is left. */
  async runToTheEnd(how, chooseInput = () => 'input') {
    for (let runs = 0; runs < 3; runs += 1) {
      const { exitCode, met, left } = await this.runAndCheck(chooseInput(), how);
      if (met !== undefined) return;
      if (exitCode !== 3 && left.yes === 0) {
        this.checker.checkEnd();
        return;
      }
    }
    this.checker.fail('3 runs over a server without faults did not come to an end');
  }

  /** The folder stays when something is wrong with it. */
  async close() {
    await this.simulator.close();
    const { violations } = this.checker;
    if (violations.length === 0) {
      rmSync(this.folder, { recursive: true });
      return;
    }
    const { csv, ...scenario } = this.scenario;
    const life = { violations, log: this.#log, sends: this.checker.sends, csv, scenario };
    writeFileSync(join(this.folder, 'life.json'), `${JSON.stringify(life, undefined, 1)}\n`);
  }

  #note(send) {
    this.checker.noteSend(send);
    this.#killer?.noteSend();
  }
}

/** A server of the scenario; `users` and `faults` may be others than those that it begins with. */
export function startServer(
  scenario,
  onSend,
  { users = scenario.users, faults = scenario.faults, port = 0, seed = scenario.serverSeed } = {},
) {
  return startSimulator({
    port,
    admin: scenario.admin,
    authToken: scenario.secrets.authToken,
    secretCode: scenario.secrets.secretCode,
    users,
    faults,
    seed,
    latencyMs: scenario.latencyMs,
    onSend,
  });
}

export function hasToken(simulator, tokenType, username) {
  const user = simulator.user(username);
  return (tokenType === 'otp' ? user?.hasOtp : user?.hasCertificate) === true;
}
