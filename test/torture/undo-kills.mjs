import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { BUILD, environmentOf, Killer, start, untilQuiet } from './child.mjs';
import { Dice } from './dice.mjs';
import { makeScenario } from './scenario.mjs';
import { FILES, listStem, readResults } from './stem-files.mjs';

const { startSimulator } = await import(join(BUILD, 'simulator/simulator.js'));

const UNDONE = 'users.undo.results.csv';
const KINDS = ['otp', 'otp', 'pki', 'twice', 'gone', 'already', 'inactive', 'no-user'];
const FAULTS = ['10004', 'reset-after', '500', 'html', 'reset', 'truncated', 'applied-500', '503'];
const COMPLETING = [
  ...[FILES.results, FILES.failed, FILES.summary, UNDONE].flatMap((name) => [name, `${name}.tmp`]),
  ...[FILES.manifest, FILES.digests, FILES.journal, FILES.lock],
];
/** Of one life. */
const MOST_KILLS = 20;
const MOST_CALM_RUNS = 4;

/** One job that is registered in peace, and then taken back by an undo that is killed and repeated. */
export async function undoRound({ seed, round, dir, maxRows }) {
  const life = await UndoneLife.open(new Dice(seed, round), { dir, name: `undo-${seed}-${round}`, maxRows });
  await life.register();
  for (const way of life.ways) await life.undo(way);
  return life.close();
}

class UndoneLife {
  runs = 0;
  violations = [];
  kills = { before: 0, middle: 0, after: 0 };
  /** Every call that was to take a token back, by user. */
  #calls = new Map();
  #applied = 0;
  #sends = [];
  #where = '';

  static async open(dice, { dir, name, maxRows }) {
    const life = new UndoneLife();
    life.dice = dice;
    life.scenario = makeScenario(dice, { rows: [Math.min(15, maxRows), maxRows], faults: false, kinds: KINDS });
    life.ways = dice.pick([['deactivate'], ['unregister'], ['deactivate', 'activate'], ['deactivate', 'unregister']]);
    mkdirSync(dir, { recursive: true });
    life.folder = mkdtempSync(join(dir, `${name}-`));
    writeFileSync(join(life.folder, FILES.input), life.scenario.csv);
    await life.#serve({ users: life.scenario.users });
    return life;
  }

  async register() {
    const { exitCode } = await this.#run(['run', this.#path('input')]);
    if (![0, 1].includes(exitCode)) this.#fail(`the registering run ended with ${exitCode}`);
    this.before = this.#results();
    this.ours = this.before.filter(({ added }) => added.outcome === 'registered').map((row) => this.#userOf(row));
    this.#sends = [];
  }

  /** Killed and repeated at a server with faults, then repeated at one without, until all have gone that way. */
  async undo(way) {
    const { dice } = this;
    await this.#serve({ faults: this.#faults() });
    for (let hasEnded = false; !hasEnded;) {
      const kills = this.kills.before + this.kills.middle + this.kills.after;
      const plan = kills < MOST_KILLS && dice.chance(0.9) ? this.#plan() : undefined;
      // A run may come between: it completes what was killed, and gives nobody back.
      const isRun = dice.chance(0.15);
      const { met } = await this.#run(isRun ? ['run', this.#path('input')] : this.#words(way), { plan });
      if (met !== undefined) this.kills[met] += 1;
      else this.#check(way);
      hasEnded = met === undefined && !isRun;
    }
    await this.#serve({});
    let exitCode = 3;
    for (let runs = 0; runs < MOST_CALM_RUNS && exitCode !== 0; runs += 1) {
      ({ exitCode } = await this.#run(this.#words(way)));
      this.#check(way);
    }
    if (exitCode !== 0) this.#fail(`${MOST_CALM_RUNS} undos at a server without faults ended with ${exitCode}`);
    for (const row of this.#results()) {
      const isOurs = this.ours.includes(this.#userOf(row)) && row.added.outcome !== 'duplicate';
      const right = isOurs ? (way === 'activate' ? 'registered' : 'undone') : undefined;
      if (right !== undefined && row.added.outcome !== right) this.#fail(`${row.text} is not ${right} in the end`);
    }
    const audited = await this.#run(['audit', join(this.folder, FILES.results)]);
    if (audited.exitCode !== 0) this.#fail(`audit ends with ${audited.exitCode}: ${audited.said.stdout}`);
  }

  async close() {
    await this.simulator.close();
    if (this.violations.length === 0) rmSync(this.folder, { recursive: true });
    const counts = [...this.#calls.values()];
    const calls = {
      seen: counts.reduce((sum, { seen }) => sum + seen, 0),
      applied: this.#applied,
      twice: counts.filter(({ seen }) => seen > this.ways.length).length,
    };
    const { kills, runs, violations, folder } = this;
    return { kills, runs, sends: calls.seen, violations, folder, calls };
  }

  /** What every completed state must be, by what the server has seen. */
  #check(way) {
    for (const problem of listStem(this.folder, { hasEnded: true }).problems)
      if (problem !== `${UNDONE} should not be there`) this.#fail(problem);
    const rows = this.#results();
    if (rows.length !== this.before.length) this.#fail(`${rows.length} rows, ${this.before.length} before`);
    const undone = new Map(this.#undoneRows().map((row) => [row.line, row]));
    for (const [at, row] of rows.entries())
      this.#checkRow(row, this.before[at], { way, undone: undone.get(row.added.line) });
    for (const username of this.#sends)
      if (this.ours.includes(username)) this.#fail(`${username} was registered anew by itself`);
  }

  #checkRow(row, before, { way, undone }) {
    const user = this.#userOf(row);
    const { outcome, retry } = row.added;
    if (row.own.join('\0') !== before.own.join('\0')) this.#fail(`the cells of ${row.text} have changed`);
    if (before.added.outcome !== 'registered') {
      // A run tries it again.
      if (['undone', 'registered'].includes(outcome)) this.#fail(`${row.text} was not ours`);
      return;
    }
    const { seen = 0 } = this.#calls.get(user) ?? {};
    if (Number(undone?.attempts ?? 0) < seen) this.#fail(`${user}: ${seen} calls seen, ${undone?.attempts} told of`);
    const state = this.#stateOf(user);
    // A token may be registered with that very status: then it tells nothing.
    const isTold = state !== 'deactivated' || !row.own.includes('3');
    const isTaken = state !== 'valid';
    if (outcome === 'registered' && isTaken && isTold) this.#fail(`${user} is called registered, and is ${state}`);
    if (outcome === 'undone' && !isTaken) this.#fail(`${user} is called undone, and is valid`);
    if (outcome === 'unknown' && retry !== 'fix') this.#fail(`${user} is in doubt, and a run may send it again`);
    if (!['registered', 'undone', 'unknown'].includes(outcome)) this.#fail(`${user} is ${outcome}`);
    for (const cell of ['attempts', 'sent_at', 'return_code'])
      if (row.added[cell] !== before.added[cell]) this.#fail(`${user}: ${cell} of its registration has changed`);
    if (undone !== undefined && !['deactivate', 'unregister', 'activate'].includes(undone.undo_how))
      this.#fail(`${user} was undone by ${undone.undo_how}, and ${way} was typed`);
  }

  async #run(words, { plan } = {}) {
    this.runs += 1;
    this.#where = `run ${this.runs} (${words[0]})`;
    const { child, ended } = start(words, { env: environmentOf(this.scenario, this.simulator.url), hurry: 0.1 });
    const killer = (this.killer = plan && new Killer(plan, { child, folder: this.folder }));
    const { exitCode, signal, said } = await ended;
    killer?.stop();
    this.killer = undefined;
    await untilQuiet(() => this.simulator.takenBack.length + this.simulator.sends.length);
    const { authToken, secretCode, cenToken } = this.scenario.secrets;
    for (const secret of [authToken, secretCode, cenToken])
      if (said.stdout.includes(secret) || said.stderr.includes(secret)) this.#fail('a secret was told');
    if (signal !== null) {
      if (killer?.met === undefined) this.#fail('it hung');
      return { met: killer?.met ?? 'middle', said };
    }
    // The first answer of an endpoint was a page: a person is to look what is there.
    const isStrange = exitCode === 6 && said.stdout.includes('This is no CENTAGATE web API');
    if (![0, 1, 3].includes(exitCode) && !isStrange)
      this.#fail(`exit ${exitCode}: ${said.stderr.trim().split('\n').at(-2)}`);
    return { exitCode, said };
  }

  #words(way) {
    const { dice } = this;
    return [
      ...['undo', join(this.folder, FILES.results), '--how', way, '--otp-type', '1'],
      // The same number each time, however much of it is done.
      ...['--yes', '--expect-rows', String(this.ours.length)],
      ...['--concurrency', String(dice.int(1, 16)), '--attempts', '3', '--timeout', '0.5'],
    ];
  }

  #plan() {
    const { dice } = this;
    const kind = dice.next();
    // Start-up takes some 200 ms, more when the machine is busy.
    if (kind < 0.1) return { at: 'time', ms: dice.between(100, 600) };
    if (kind < 0.6) return { at: 'send', n: dice.int(1, this.ours.length), ms: dice.pick([0, dice.between(0, 8)]) };
    return {
      at: 'file',
      name: dice.pick(COMPLETING),
      n: dice.pick([1, 1, 2, 3]),
      ms: dice.pick([0, 0, dice.between(0, 6)]),
    };
  }

  #faults() {
    const { dice } = this;
    const kinds = FAULTS.filter(() => dice.chance(0.5));
    return kinds.map((kind) => ({ kind, share: Number(dice.between(0.01, 0.1).toFixed(3)) }));
  }

  /** A server with the users as they are by now. */
  async #serve({ users, faults = [] }) {
    const { scenario, simulator } = this;
    const known = users ?? scenario.users.map(({ username }) => simulator.user(username));
    const port = simulator === undefined ? 0 : Number(new URL(simulator.url).port);
    await simulator?.close();
    const { authToken, secretCode } = scenario.secrets;
    this.simulator = await startSimulator({
      ...{ port, admin: scenario.admin, authToken, secretCode, users: known, faults, otpType: '1' },
      ...{ latencyMs: scenario.latencyMs, seed: this.dice.int(1, 2 ** 31 - 1) },
      onSend: ({ username }) => this.#sends.push(username),
      onTakenBack: (call) => this.#note(call),
    });
  }

  #note({ username, applied }) {
    if (!this.ours.includes(username)) this.#fail(`${username} is none of ours, and was to be taken back`);
    const { seen = 0 } = this.#calls.get(username) ?? {};
    this.#calls.set(username, { seen: seen + 1 });
    if (applied) this.#applied += 1;
    this.killer?.noteSend();
  }

  #stateOf(username) {
    const user = this.simulator.user(username);
    if (user?.hasOtp !== true && user?.hasCertificate !== true) return 'gone';
    return Object.values(user.statuses ?? {}).includes('3') ? 'deactivated' : 'valid';
  }

  #userOf({ own }) {
    return own[this.scenario.columns.indexOf('username')].trim();
  }

  #results() {
    try {
      return readResults(join(this.folder, FILES.results), this.scenario) ?? [];
    } catch (error) {
      this.#fail(error.message);
      return [];
    }
  }

  #undoneRows() {
    const path = join(this.folder, UNDONE);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    return parse(text, { columns: true, bom: true });
  }

  #path(name) {
    return join(this.folder, FILES[name]);
  }

  #fail(problem) {
    this.violations.push(`${this.#where}: ${problem}`);
  }
}
