// Job, kill and resume of the built program on the file systems of this machine, and on such as strace makes of one: `npm run
// test:filesystems -- fuse` takes those whose name has a word. What is not there is skipped, and the last lines say so.
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { startSimulator } from '../../dist/simulator/simulator.js';

const PROGRAM = fileURLToPath(new URL('../../dist/program/bin.js', import.meta.url));
const SIGNATURE = fileURLToPath(new URL('../../samples/signatures/finance/aisyah.rahman.p7s', import.meta.url));
const SESSION = { admin: 'admin', authToken: 'a-token-of-a-test', secretCode: 'a-code-of-a-test' };
const ROWS = 120;
const ALL = 'a power cut, other users';

const has = (command, word) => spawnSync(command, [word]).status === 0;
const isHere = { strace: has('strace', '-V'), bindfs: has('bindfs', '--version') && existsSync('/dev/fuse') };

const [wanted = ''] = process.argv.slice(2);
const table = [];
let failures = 0;

class Place {
  constructor(folder, simulator) {
    this.folder = folder;
    this.simulator = simulator;
    this.failures = [];
  }

  path(name) {
    return join(this.folder, name);
  }

  check(what, isSo, told) {
    if (isSo) return;
    this.failures.push(what);
    console.log(`FAIL ${what}\n${typeof told === 'string' ? told : JSON.stringify(told)}`);
  }

  write(rows = ROWS) {
    const lines = Array.from({ length: rows }, (_, at) => `user${at},otp,,\n`);
    writeFileSync(this.path('users.csv'), `username,token_type,signature_path,status\n${lines.join('')}`);
  }

  writeSigned(rows) {
    mkdirSync(this.path('signatures'));
    const lines = Array.from({ length: rows }, (_, at) => `user${at},pki,signatures/${at}.p7s,2\n`);
    writeFileSync(this.path('users.csv'), `username,token_type,signature_path,status\n${lines.join('')}`);
    for (let at = 0; at < rows; at += 1) cpSync(SIGNATURE, this.path(`signatures/${at}.p7s`));
  }

  /** Runs the job, under strace where something is injected, and kills it when so many sends have come. */
  async run({ inject = [], only, killAt = Infinity, more = [] } = {}) {
    const words = [process.execPath, PROGRAM, 'run', this.path('users.csv'), '--no-preflight', ...more];
    const paths = (only ?? []).flatMap((name) => ['-P', this.path(name)]);
    const strace = [
      'strace',
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      ...paths,
      ...inject.flatMap((what) => ['-e', `inject=${what}`]),
    ];
    const [command, ...args] = inject.length === 0 ? words : [...strace, ...words];
    const env = {
      PATH: process.env.PATH,
      CENTAGATE_SERVER: this.simulator.url,
      CENTAGATE_ADMIN: SESSION.admin,
      CENTAGATE_AUTH_TOKEN: SESSION.authToken,
      CENTAGATE_SECRET_CODE: SESSION.secretCode,
      // strace counts per thread.
      ...(inject.length > 0 && { UV_THREADPOOL_SIZE: '1' }),
    };
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const from = this.simulator.sends.length;
    this.onSend = () => {
      // The program too, where strace stands before it.
      if (this.simulator.sends.length - from === killAt) process.kill(-child.pid, 'SIGKILL');
    };
    const said = Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = await once(child, 'close');
    this.onSend = undefined;
    const [stdout, stderr] = await said;
    return { code, stdout, stderr };
  }

  rows(name) {
    return parse(readFileSync(this.path(name), 'utf8'), { columns: true });
  }

  /** Every row once, every send counted, every registered row with its key. */
  checkResults(what, rows = ROWS) {
    const results = this.rows('users.results.csv');
    const isWhole = results.every(({ username }, at) => username === `user${at}`) && results.length === rows;
    this.check(`${what}: every row once, in order`, isWhole, results.slice(0, 3));
    const unseen = results.filter(({ username, attempts }) => {
      return Number(attempts) < this.simulator.sends.filter((send) => send.username === username).length;
    });
    this.check(`${what}: every send is counted`, unseen.length === 0, unseen);
    const keys = new Set(this.rows('users.keys.csv').map(({ username }) => username));
    const keyless = results.filter(
      ({ outcome, token_type, username }) => outcome === 'registered' && token_type === 'otp' && !keys.has(username),
    );
    this.check(`${what}: every registered row has its key`, keyless.length === 0, keyless);
    return results;
  }

  leftovers() {
    return readdirSync(this.folder).filter((name) => name !== 'signatures' && name !== 'users.csv');
  }
}

/** What a job does wherever it is: killed, gone on with, run again. */
async function job(place, injection = {}) {
  place.write();
  await place.run({ ...injection, killAt: ROWS / 3 });
  place.check('a killed run leaves its journal', existsSync(place.path('users.journal')), place.leftovers());
  const resumed = await place.run(injection);
  place.check('the same command goes on', [0, 1].includes(resumed.code), resumed);
  place.checkResults('after a kill');
  const again = await place.run(injection);
  place.check('and once more', [0, 1].includes(again.code), again);
  place.checkResults('after a rerun');
  return resumed.stderr;
}

const lacking = (said, words) => words.some((word) => said.includes(word));

/** What is promised there, by what the run said that is not. */
function promise(said) {
  const lacks = [
    ...(lacking(said, ["can't be synced"]) ? ['not after a power cut'] : []),
    ...(lacking(said, ['from other users']) ? ['not kept from other users'] : []),
  ];
  return lacks.length === 0 ? `all (${ALL})` : `all, but ${lacks.join(' and ')}`;
}

const onDisk = async (place) => promise(await job(place));

/** The way of a file system that is made by strace: what it says, and what has to come of it. */
const injected = (injection, say) => async (place) => {
  const said = await job(place, injection);
  place.check('what is not promised is said', say === undefined || said.includes(say), said);
  return promise(said);
};

/** Nothing can be promised: the run says so before it sends, names the folder, and leaves nothing behind. */
const refused = (injection) => async (place) => {
  place.write();
  const before = place.simulator.sends.length;
  const { code, stderr } = await place.run(injection);
  place.check('exit 2, and nothing was sent', code === 2 && place.simulator.sends.length === before, stderr);
  place.check('the folder is named', stderr.includes(`${place.folder} does not take files`), stderr);
  place.check('nothing is left behind', place.leftovers().length === 0, place.leftovers());
  return 'nothing: exit 2 before anything is sent';
};

/** The signatures' share fails: their rows wait for it, and the run stops where it would only make more of them. */
const away = (error) => async (place) => {
  const rows = 30;
  place.writeSigned(rows);
  const only = Array.from({ length: rows }, (_, at) => `signatures/${at}.p7s`);
  const broken = await place.run({ inject: [`openat:error=${error}`], only });
  const results = place.checkResults(`signatures with ${error}`, rows);
  const kinds = new Set(results.map(({ outcome, retry }) => `${outcome} ${retry}`));
  place.check(
    'no row is to blame',
    [...kinds].every((kind) => ['unavailable yes', 'not_sent yes'].includes(kind)),
    [...kinds],
  );
  place.check('the run stops with 4', broken.code === 4, broken);
  const healed = await place.run();
  place.check('a repetition registers them', healed.code === 0, healed);
  return 'rows are unavailable, to be tried again; exit 4';
};

/** The share of the signatures goes away in the middle of a run, and is another folder then. */
async function gone(place) {
  // Far more than are read before their turn.
  const rows = 300;
  place.writeSigned(rows);
  const whole = place.path('signatures');
  const away = place.path('../away');
  const lost = () => {
    if (existsSync(away)) return;
    renameSync(whole, away);
    mkdirSync(whole);
  };
  const before = place.simulator.sends.length;
  place.onFirst = () => place.simulator.sends.length > before + 4 && lost();
  const broken = await place.run({ more: ['--concurrency', '1'] });
  place.onFirst = undefined;
  const results = place.checkResults('a folder that went away', rows);
  const kinds = new Set(results.map(({ outcome, retry }) => `${outcome} ${retry}`));
  place.check("nothing is a row's fault", !kinds.has('invalid fix'), [...kinds]);
  place.check('the run stops with 4', broken.code === 4, broken);
  rmSync(whole, { recursive: true });
  renameSync(away, whole);
  const healed = await place.run();
  place.check('a repetition registers the others', healed.code === 0, healed);
  return 'rows are unavailable, to be tried again; exit 4';
}

/** No socket any more: our limit is told of, and the server is not called away. */
async function noSockets(place) {
  place.write();
  const { code, stdout, stderr } = await place.run({ inject: ['socket:error=EMFILE:when=4+'] });
  place.check('it is our limit', stdout.includes('may open no more files'), stdout);
  place.check('the server is not called away', !stderr.includes('the server is away'), stderr);
  const healed = await place.run();
  place.check('a repetition ends it', [0, 1].includes(healed.code), healed);
  place.checkResults('after it');
  return `a person is told to raise the limit; exit ${code}`;
}

const FOLDER = ['.'];
const CASES = [
  { name: 'tmpfs', at: '/dev/shm', work: onDisk },
  { name: 'disk', at: tmpdir(), work: onDisk },
  { name: 'fuse: bindfs', at: tmpdir(), mount: [], work: onDisk },
  { name: 'fuse: chmod is refused (--chmod-deny)', at: tmpdir(), mount: ['--chmod-deny'], work: onDisk },
  {
    name: 'fuse: modes as the mount gives them, as CIFS',
    at: tmpdir(),
    mount: ['-p', '0755', '--chmod-ignore'],
    work: onDisk,
  },
  { name: 'fuse: nothing may be renamed', at: tmpdir(), mount: ['--rename-deny'], work: unrenamed },
  {
    name: 'strace: folders are not synced (EINVAL)',
    work: injected({ inject: ['fsync:error=EINVAL'], only: FOLDER }, 'synced'),
  },
  {
    name: 'strace: folders are not synced (EOPNOTSUPP)',
    work: injected({ inject: ['fsync:error=EOPNOTSUPP'], only: FOLDER }, 'synced'),
  },
  { name: 'strace: chmod is refused (EPERM)', work: injected({ inject: ['fchmod:error=EPERM'] }) },
  { name: 'strace: no links (EPERM)', work: injected({ inject: ['link:error=EPERM'] }) },
  { name: 'strace: renames held for a moment (EPERM)', work: injected({ inject: ['rename:error=EPERM:when=1..3'] }) },
  { name: 'strace: renames held for a moment (EACCES)', work: injected({ inject: ['rename:error=EACCES:when=2..4'] }) },
  { name: 'strace: no append (EINVAL)', work: refused({ inject: ['openat:error=EINVAL'], only: ['users.journal'] }) },
  {
    name: 'strace: no append (EOPNOTSUPP)',
    work: refused({ inject: ['write:error=EOPNOTSUPP'], only: ['users.journal'] }),
  },
  {
    name: 'strace: no file may be made that is new (EINVAL)',
    work: refused({ inject: ['link:error=EPERM', 'openat:error=EINVAL'], only: ['users.lock'] }),
  },
  {
    name: 'strace: no new file may be made (EINVAL)',
    work: refused({ inject: ['openat:error=EINVAL'], only: ['users.reserve'] }),
  },
  { name: 'strace: signatures on a share that went away (ESTALE)', work: away('ESTALE') },
  { name: 'strace: signatures that fail (EIO)', work: away('EIO') },
  { name: 'strace: signatures, and no more files may be open (EMFILE)', work: away('EMFILE') },
  { name: 'strace: sockets, and no more files may be open (EMFILE)', work: noSockets },
  { name: 'a signature folder that goes away', at: tmpdir(), work: gone },
];

/** Its results can't take their place; with what it noted, another place goes on. */
async function unrenamed(place) {
  place.write();
  const { code, stderr } = await place.run();
  place.check('the run says that it can not end there', [2, 4].includes(code), stderr);
  place.check('and names the file', stderr.includes(place.folder), stderr);
  place.check('what was answered is kept', existsSync(place.path('users.journal')), place.leftovers());
  return `exit ${code}`;
}

async function round({ name, at = tmpdir(), mount, work }) {
  if (name.startsWith('strace') && !isHere.strace) return skip(name, 'strace is not there');
  if (mount !== undefined && !isHere.bindfs) return skip(name, 'bindfs or /dev/fuse is not there');
  if (!existsSync(at)) return skip(name, `${at} is not there`);
  const scratch = mkdtempSync(join(at, 'filesystems-'));
  const folder = join(scratch, 'job');
  mkdirSync(folder);
  if (mount !== undefined) {
    const source = join(scratch, 'source');
    mkdirSync(source);
    const { status, stderr } = spawnSync('bindfs', [...mount, source, folder], { encoding: 'utf8' });
    if (status !== 0) return skip(name, stderr.trim());
  }
  let place;
  const onSend = () => {
    place?.onSend?.();
    place?.onFirst?.();
  };
  const simulator = await startSimulator({ ...SESSION, latencyMs: 5, seed: 7, onSend });
  place = new Place(folder, simulator);
  const startedAt = Date.now();
  try {
    const promised = await work(place).catch((error) => {
      place.check('the case comes to its end', false, error.stack);
      return '';
    });
    failures += place.failures.length;
    const kind = spawnSync('stat', ['-f', '-c', '%T', folder], { encoding: 'utf8' }).stdout.trim();
    table.push([place.failures.length === 0 ? 'ok' : 'FAIL', name, kind, promised]);
    console.log(
      `${place.failures.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`,
    );
  } finally {
    await simulator.close();
    if (mount !== undefined) spawnSync('umount', [folder]);
    rmSync(scratch, { recursive: true, force: true });
  }
}

function skip(name, why) {
  console.log(`skip ${name}: ${why}`);
  table.push(['skip', name, '', why]);
}

for (const each of CASES.filter(({ name }) => name.includes(wanted))) await round(each);
const widths = [4, ...[1, 2].map((at) => Math.max(...table.map((row) => row[at].length)))];
console.log('\nWhat is promised where:');
for (const row of table)
  console.log(
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
const skipped = table.filter(([what]) => what === 'skip').length;
if (skipped > 0) console.log(`${skipped} of ${table.length} were skipped.`);
process.exitCode = failures === 0 ? 0 : 1;
