// The built program as node.exe runs it, in wine, against the simulator outside. `npm run test:windows -- 22.23.3` takes
// one version of Node. Where wine or node.exe is not there, nothing is tested, and the last line says so.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { startSimulator } from '../../dist/simulator/simulator.js';
import { findNode, hasWine, toWindows, Wine, withoutPlaceholders } from './wine.mjs';

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
const VERSIONS = ['20.20.2', '22.23.3', '24.21.0'];
const SESSION = { admin: 'admin', authToken: 'a-token-of-a-test', secretCode: 'a-code-of-a-test' };
const LOGIN = { password: 'a-password', integrationKey: 'a-key', integrationSecret: 'a-secret' };

const failures = [];
function check(what, isSo, told) {
  console.log(`${isSo ? 'ok  ' : 'FAIL'} ${what}`);
  if (isSo) return;
  failures.push(what);
  console.log(typeof told === 'string' ? told : JSON.stringify(told, undefined, 2));
}

async function until(isSo, ms = 30_000) {
  for (const endsAt = Date.now() + ms; Date.now() < endsAt; await sleep(20)) if (isSo()) return;
  throw new Error(`waited ${ms} ms for ${isSo}`);
}

/** One version's job, from its first look to its last rerun. */
class Round {
  constructor(wine, node, folder) {
    this.wine = wine;
    this.node = node;
    // A blank and letters beyond ASCII, as in a user's folder.
    this.folder = join(folder, 'Müller & Söhne');
    mkdirSync(this.folder);
  }

  path(name) {
    return join(this.folder, name);
  }

  start(words, input) {
    const env = {
      CENTAGATE_SERVER: this.simulator.url,
      CENTAGATE_ADMIN: SESSION.admin,
      CENTAGATE_AUTH_TOKEN: SESSION.authToken,
      CENTAGATE_SECRET_CODE_FILE: toWindows(this.path('secret.txt')),
    };
    return this.wine.startProgram(this.node, words, { env, cwd: this.folder, input });
  }

  run(...words) {
    return this.start(words).ended;
  }

  rows(name) {
    return parse(readFileSync(this.path(name), 'utf8'), { columns: true, bom: true });
  }

  /** Every row of the input once, in order, and no send that the results don't know of. */
  checkResults(what, stem, usernames) {
    const rows = this.rows(`${stem}.results.csv`);
    const isWhole = JSON.stringify(rows.map(({ username }) => username)) === JSON.stringify(usernames);
    check(`${what}: every row once, in order`, isWhole, rows.slice(0, 3));
    const unseen = usernames.filter((name) => {
      const sends = this.simulator.sends.filter(({ username }) => username === name).length;
      return Number(rows.find(({ username }) => username === name)?.attempts) < sends;
    });
    check(`${what}: every send is counted`, unseen.length === 0, unseen);
    const keys = new Map(this.rows(`${stem}.keys.csv`).map(({ username, key }) => [username, key]));
    const keyless = rows.filter(({ outcome, username }) => outcome === 'registered' && !keys.has(username));
    check(`${what}: every registered row has its key`, keyless.length === 0, keyless);
    return rows;
  }

  write(name, usernames) {
    // As Excel's "CSV UTF-8" writes it.
    const lines = [
      'username,token_type,department',
      ...usernames.map((username) => `${username},otp,Öffentlichkeit`),
      '',
    ];
    writeFileSync(this.path(name), `\ufeff${lines.join('\r\n')}`);
  }

  async all() {
    // As PowerShell's > writes it.
    writeFileSync(this.path('secret.txt'), `\ufeff${SESSION.secretCode}\r\n`, 'utf16le');
    this.simulator = await startSimulator({ ...SESSION, login: LOGIN, otpType: '1', latencyMs: 15, seed: 7 });
    try {
      await this.looks();
      await this.samples();
      await this.killAndResume();
      await this.interrupt();
      await this.heldFiles();
      await this.standardInput();
      await this.names();
      await this.proof();
      await this.shards();
      await this.session();
    } finally {
      await this.simulator.close();
    }
  }

  async looks() {
    const version = await this.run('--version');
    check('--version', version.exitCode === 0 && /^\d+\.\d+\.\d+\n$/.test(version.stdout), version);
    const template = await this.run('template');
    check('template', template.exitCode === 0 && template.stdout.startsWith('username,'), template);
    const doctor = await this.run('doctor');
    check('doctor', doctor.exitCode === 0 && /ok +session/.test(doctor.stdout), doctor);
  }

  async samples() {
    const input = [toWindows(join(SAMPLES, 'department.csv')), '--out-dir', toWindows(this.folder)];
    const validated = await this.run('validate', ...input);
    check('validate finds what it finds elsewhere', validated.exitCode === 1, validated);
    const { exitCode, stdout, stderr } = await this.run('run', ...input);
    check('run of the samples ends with 1, for the rows to correct', exitCode === 1, { stdout, stderr });
    const outcomes = this.rows('department.results.csv').map(({ outcome }) => outcome);
    const registered = outcomes.filter((outcome) => outcome === 'registered').length;
    check('PKI and OTP rows are registered', registered === 56, outcomes);
    const shown = `${toWindows(this.folder)}\\department.failed.csv`;
    check('the next command is for cmd and PowerShell', stdout.includes(`run "${shown}"`), stdout);
    const annotated = await this.run('validate', ...input, '--annotate', 'checked.csv');
    const checked = readFileSync(this.path('checked.csv'), 'utf8');
    check('--annotate', annotated.exitCode === 1 && checked.startsWith('problem,username,'), annotated);
    const verified = await this.run('verify', 'department.results.csv');
    check('verify', verified.exitCode === 0, verified);
  }

  async killAndResume() {
    const usernames = Array.from({ length: 400 }, (_, n) => `kill${n}`);
    this.write('killed.csv', usernames);
    const killed = this.start(['run', 'killed.csv']);
    const before = this.simulator.sends.length;
    await until(() => this.simulator.sends.length >= before + 60);
    killed.child.kill('SIGKILL');
    await killed.ended;
    check('a killed run leaves its journal', existsSync(this.path('killed.journal')), 'there is none');
    const resumed = await this.run('run', 'killed.csv');
    const rows = this.checkResults('after a kill', 'killed', usernames);
    const isEnded = rows.every(({ outcome }) => ['registered', 'key_lost'].includes(outcome));
    check('the same command goes on', isEnded && [0, 1].includes(resumed.exitCode), resumed);
    check(
      'results are written as the input is',
      readFileSync(this.path('killed.results.csv'), 'utf8').startsWith('\ufeffusername,'),
      'no mark',
    );
    check(
      'with its line ends',
      readFileSync(this.path('killed.results.csv'), 'utf8').split('\r\n').length === 402,
      'not CRLF',
    );
    check(
      'nothing else is left',
      !['journal', 'lock', 'reserve', 'results.csv.tmp'].some((name) => existsSync(this.path(`killed.${name}`))),
      'something is',
    );
    const sends = this.simulator.sends.length;
    const again = await this.run('run', 'KILLED.RESULTS.CSV', '--only', 'yes');
    check('a rerun in another case sends nothing that is done', this.simulator.sends.length === sends, again);
    this.checkResults('after a rerun', 'killed', usernames);
  }

  async interrupt() {
    const usernames = Array.from({ length: 400 }, (_, n) => `stop${n}`);
    this.write('stopped.csv', usernames);
    const stopped = this.start(['run', 'stopped.csv', '--rate', '40']);
    const before = this.simulator.sends.length;
    await until(() => this.simulator.sends.length >= before + 20);
    const second = this.run('run', 'stopped.csv');
    check('a second run at the same time ends with 5', (await second).exitCode === 5, await second);
    // wine makes Ctrl-C of it.
    stopped.child.kill('SIGINT');
    const { exitCode, stdout, stderr } = await stopped.ended;
    check('Ctrl-C ends a run with 130', exitCode === 130, { exitCode, stdout, stderr });
    const rows = this.checkResults('after Ctrl-C', 'stopped', usernames);
    check(
      'Ctrl-C cuts nothing off',
      rows.every(({ outcome }) => ['registered', 'not_sent'].includes(outcome)),
      stderr,
    );
    const rest = await this.run('run', 'stopped.failed.csv');
    check('the rest is registered', rest.exitCode === 0, rest);
    this.checkResults('after the rest', 'stopped', usernames);
  }

  /** As a spreadsheet has it: whoever holds it open keeps it from being replaced. */
  async hold(name, ms) {
    const code = `require('fs').openSync(${JSON.stringify(name)}, 'r'); console.log('held'); setTimeout(() => {}, ${ms});`;
    const holder = this.wine.start(this.node, ['-e', code], { cwd: this.folder });
    await until(() => holder.said().includes('held'));
    return holder;
  }

  async heldFiles() {
    const usernames = ['held1', 'held2'];
    this.write('held.csv', usernames);
    writeFileSync(this.path('held.failed.csv'), 'what is open\r\n');
    const holder = await this.hold('held.failed.csv', 60_000);
    const kept = await this.run('run', 'held.csv');
    check('a file that another program holds ends a run with 4', kept.exitCode === 4, kept);
    check('and is named', /held\.failed\.csv can't be written: another program holds it/.test(kept.stderr), kept);
    holder.child.kill('SIGKILL');
    await holder.ended;
    const sends = this.simulator.sends.length;
    const placed = await this.run('run', 'held.csv');
    check('once it is let go, the same command completes the files', placed.exitCode === 0, placed);
    check('and sends nothing again', this.simulator.sends.length === sends, placed);
    this.checkResults('after a held file', 'held', usernames);

    this.write('briefly.csv', ['brief1']);
    writeFileSync(this.path('briefly.failed.csv'), 'what is open\r\n');
    const scanner = await this.hold('briefly.failed.csv', 60_000);
    const waiting = this.run('run', 'briefly.csv');
    // The failed file is the last to be put in its place.
    await until(() => existsSync(this.path('briefly.results.csv')));
    scanner.child.kill('SIGKILL');
    const waited = await waiting;
    check('a file that is held for a moment is waited for', waited.exitCode === 0, waited);
  }

  async standardInput() {
    this.write('piped.csv', ['pipe1', 'pipe2']);
    const words = ['run', '-', '--name', 'spooled', '--out-dir', '.'];
    const piped = await this.start(words, this.path('piped.csv')).ended;
    check('standard input', piped.exitCode === 0, piped);
    this.checkResults('from standard input', 'spooled', ['pipe1', 'pipe2']);
  }

  async names() {
    this.write('names.csv', ['name1']);
    const stream = await this.run('run', 'names.csv', '--name', 'users:hidden');
    check('a name with a colon is refused', stream.exitCode === 2 && /no name on Windows/.test(stream.stderr), stream);
    const device = await this.run('run', 'names.csv', '--name', 'nul');
    check('a device is no name', device.exitCode === 2 && /a device/.test(device.stderr), device);
    const here = await this.run('run', 'Z:names.csv');
    check(
      'a drive without a folder is where the shell stands',
      here.exitCode === 0 && statSync(this.path('names.results.csv')).size > 0,
      here,
    );
  }

  /** A log of all there is, the keys, an audit, and the way back. */
  async proof() {
    this.write('proved.csv', ['proof1', 'proof2']);
    const run = await this.run('run', 'proved.csv', '--attempt-log', '--report', '--log-file', 'run.log');
    const left = ['attempts.csv', 'report.html', 'manifest.json', 'SHA256SUMS'].map((name) => `proved.${name}`);
    const isLeft = ['run.log', ...left].every((name) => existsSync(this.path(name)));
    check('a run with all its proofs', run.exitCode === 0 && isLeft, run);
    const audited = await this.run('audit', 'proved.results.csv');
    check('audit', audited.exitCode === 0, audited);
    const keys = await this.run('keys', 'proved.results.csv', '--to', 'proved.handed.csv');
    check('keys', keys.exitCode === 0 && this.rows('proved.handed.csv').length === 2, keys);
    const undo = ['undo', 'proved.results.csv', '--otp-type', '1', '--yes', '--expect-rows', '2'];
    const undone = await this.run(...undo);
    const outcomes = this.rows('proved.results.csv').map(({ outcome }) => outcome);
    check('undo', undone.exitCode === 0 && outcomes.every((outcome) => outcome === 'undone'), { undone, outcomes });
  }

  async shards() {
    const usernames = Array.from({ length: 40 }, (_, n) => `shard${n}`);
    this.write('parted.csv', usernames);
    const parts = await Promise.all(['0/2', '1/2'].map((shard) => this.run('run', 'parted.csv', '--shard', shard)));
    check(
      'two shards at the same time',
      parts.every(({ exitCode }) => exitCode === 0),
      parts,
    );
    const merged = await this.run('merge', 'parted.csv');
    check('merge', merged.exitCode === 0, merged);
    this.checkResults('after the merge', 'parted', usernames);
  }

  async session() {
    const secrets = {
      password: LOGIN.password,
      'integration-key': LOGIN.integrationKey,
      'integration-secret': LOGIN.integrationSecret,
    };
    for (const [name, secret] of Object.entries(secrets)) writeFileSync(this.path(name), `${secret}\r\n`);
    const files = Object.keys(secrets).flatMap((name) => [`--${name}-file`, name]);
    const login = await this.run('login', '--out', 'session', ...files);
    check('login', login.exitCode === 0 && existsSync(this.path('session/secret-code')), login);
    this.write('shared.csv', ['shared1']);
    const session = ['--auth-token-file', 'session\\auth-token', '--secret-code-file', 'session\\secret-code'];
    const shared = await this.run('run', 'shared.csv', ...session);
    check('a run with that session', shared.exitCode === 0, shared);
    const logout = await this.run('logout', '--session', 'session', ...files.slice(2));
    const isGone = !existsSync(this.path('session/secret-code')) && this.simulator.logouts === 1;
    check('logout', logout.exitCode === 0 && isGone, logout);
  }
}

async function testVersion(wine, version, folder) {
  const found = findNode(version);
  if (found === undefined) return `Node ${version}: skipped, its node.exe can't be had`;
  const place = join(folder, version);
  mkdirSync(place);
  const isStarted = async (node) =>
    (await wine.start(node, ['-p', 'process.version']).ended).stdout.trim() === `v${version}`;
  const node = (await isStarted(found)) ? found : withoutPlaceholders(found, place);
  if (node !== found && !(await isStarted(node))) return `Node ${version}: skipped, this wine does not start it`;
  console.log(`Node ${version} on Windows`);
  await new Round(wine, node, place).all();
  return `Node ${version}: tested`;
}

if (!hasWine()) {
  console.log('test:windows was skipped: there is no wine here (Debian: wine and wine64)');
} else {
  const folder = mkdtempSync(join(tmpdir(), 'windows-'));
  const wine = new Wine(folder);
  const told = [];
  try {
    for (const version of process.argv.length > 2 ? process.argv.slice(2) : VERSIONS) {
      told.push(await testVersion(wine, version, folder));
    }
  } finally {
    wine.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const isTested = told.some((line) => line.endsWith(': tested'));
  const ended = failures.length > 0 ? `${failures.length} failures` : isTested ? 'no failures' : 'nothing was tested';
  console.log([...told, ended].join('\n'));
  process.exitCode = failures.length === 0 ? 0 : 1;
}
