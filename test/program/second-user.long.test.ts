import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import { openJournalLines } from '../../src/record/journal.js';
import { JOURNAL_VERSION } from '../../src/record/journal-entry.js';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import { KEYS_HEADER } from '../../src/record/keys-file.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentOf, SESSION } from '../support/account.js';
import { AN_ORIGIN, aSettlement, NOON } from '../support/builders.js';
import { Lab } from '../support/lab.js';
import { PROGRAM } from '../support/program.js';
import { every } from '../support/suite.js';

/* A real second user of the machine, in a folder that both may write to, while a run goes on there. */

const ROOT = 0;
const ORDINARY = 65533;
const STRANGER = 65534;
const ROWS = 20;
const ATTACKED_AT = 5;
/** Never comes where all is right. */
const HANGS_AFTER_MS = 120_000;

/** The words that start a program as somebody else. */
function as(uid: number): readonly [string, ...string[]] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--', process.execPath];
}

function canStart(uid: number, ...words: readonly string[]): boolean {
  const [command, ...flags] = as(uid);
  return process.getuid?.() === ROOT && spawnSync(command, [...flags, ...words], { cwd: '/' }).status === 0;
}

const hasStranger = canStart(STRANGER, '-e', '0');
/** The program may lie where nobody else may look. */
const hasOrdinary = hasStranger && canStart(ORDINARY, PROGRAM, '--version');

/** What a stranger would have us believe: mallory is to be registered, and the last row is done. */
const DONE = `u${ROWS - 1}`;
const RUN_ENTRY: JournalEntry = {
  ...{ type: 'run', version: JOURNAL_VERSION, id: 'FORGED', input: 'users.csv', sha256: 'ab'.repeat(32) },
  ...{ size: 9, at: NOON, signaturesDir: '/', bootId: '', madeBy: AN_ORIGIN, selection: {}, settings: {} },
  reading: { encoding: 'utf-8', delimiter: ',', columns: {}, sheet: undefined, headerLine: 1 },
};
const FORGED: Readonly<Record<string, string>> = {
  'results.csv': `username,token_type,${ADDED_COLUMN_NAMES.join()}\n${DONE},otp,21,registered,no,0,FORGED,200,1,,1,\n`,
  'failed.csv': `username,token_type,${ADDED_COLUMN_NAMES.join()}\nmallory,otp,2,not_sent,yes,,FORGED,,0,,,\n`,
  'keys.csv': `${KEYS_HEADER.join()}\n${DONE},FORGED,2099-01-01T00:00:00.000Z,,\n`,
  journal: openJournalLines()([
    RUN_ENTRY,
    { type: 'settled', key: `otp:${DONE}`, settlement: aSettlement({ outcome: 'registered', message: 'FORGED' }) },
  ]).toString('utf8'),
  'summary.json': '{"run_id":"FORGED","input":"/FORGED"}\n',
  'manifest.json': '[\n{"number":1,"run_id":"FORGED"}\n]\n',
  lock: '{"runId":"FORGED"}\n',
  reserve: 'FORGED',
  SHA256SUMS: `${'ab'.repeat(32)}  FORGED\n`,
  'attempts.csv': 'FORGED\n',
};
const NAMES = Object.keys(FORGED).flatMap((name) => [`users.${name}`, `users.${name}.tmp`]);
const toForged = (name: string): string => FORGED[name.replace(/^users\.|\.tmp$/g, '')] ?? '';

/** Runs as the stranger, with what it is to do on its standard input; says what it read, and how often it got its way. */
const ATTACKER = `
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
const { folder, victim, attacks, names, forged, go, isEndless } = JSON.parse(fs.readFileSync(0, 'utf8'));
const told = { done: 0, denied: {}, read: '' };
let tries = 0;
const put = (path, make) => {
  const own = folder + '/.' + (tries += 1) + '-' + process.pid;
  make(own);
  try { fs.renameSync(own, path); } catch (error) { fs.rmSync(own); throw error; }
};
const { O_RDONLY, O_WRONLY, O_APPEND, O_NONBLOCK } = fs.constants;
const withFile = (path, flags, act) => {
  const fd = fs.openSync(path, flags | O_NONBLOCK);
  try { act(fd); } finally { fs.closeSync(fd); }
};
const write = (path, text, flag) => { fs.writeFileSync(path, text, { flag, mode: 0o666 }); fs.chmodSync(path, 0o666); };
const ways = {
  'read': (path) => withFile(path, O_RDONLY, (fd) => {
    const text = fs.readFileSync(fd, 'utf8');
    if (!forged.includes(text)) told.read += text;
  }),
  'append to': (path, text) => withFile(path, O_WRONLY | O_APPEND, (fd) => fs.writeSync(fd, text)),
  'cut': (path) => fs.truncateSync(path),
  'create': (path, text) => write(path, text, 'wx'),
  'take away': (path) => fs.unlinkSync(path),
  'swap': (path, text) => put(path, (own) => write(own, text, 'wx')),
  'link': (path) => put(path, (own) => fs.symlinkSync(victim, own)),
  'link hard': (path) => put(path, (own) => fs.linkSync(victim, own)),
  'put a pipe at': (path) => put(path, (own) => execFileSync('mkfifo', [own])),
};
process.umask(0);
do {
  for (const attack of attacks) for (const [at, name] of names.entries()) {
    try { ways[attack](folder + '/' + name, forged[at]); told.done += 1; }
    catch (error) { told.denied[error.code] = (told.denied[error.code] ?? 0) + 1; }
  }
} while (isEndless && fs.existsSync(folder + '/' + go));
console.log(JSON.stringify(told));
`;

const WAYS = ['read', 'append to', 'cut', 'create', 'take away', 'swap', 'link', 'link hard', 'put a pipe at'] as const;
/** What no second user gets, whatever the folder is. */
const REFUSED_BY_MODE: readonly string[] = ['read', 'append to', 'cut'];
/** While it is in the folder, a storm goes on. */
const GO = 'go';
const STORMY_RUNS = 4;

interface Told {
  readonly done: number;
  readonly denied: Readonly<Record<string, number>>;
  readonly read: string;
}

let lab: Lab;
let folder: string;
let victim: string;
let simulator: Simulator;
let onSend: (number: number) => void;

beforeEach(async () => {
  lab = new Lab();
  fs.chmodSync(lab.folder, 0o755);
  onSend = () => undefined;
  simulator = await startSimulator({ ...SESSION, onSend: ({ n }) => onSend(n) });
});
afterEach(async () => {
  await simulator.close();
  lab.remove();
});

/** A folder that everybody may write to, with an input in it; and a file of ours elsewhere. */
function share(us: number, mode: number): void {
  folder = lab.path('shared');
  fs.mkdirSync(folder);
  const rows = Array.from({ length: ROWS }, (_, at) => `u${at},otp\n`);
  fs.writeFileSync(join(folder, 'users.csv'), `username,token_type\n${rows.join('')}`, { mode: 0o644 });
  fs.chmodSync(folder, mode);
  victim = lab.file('victim', 'of ours\n');
  fs.chmodSync(victim, 0o600);
  fs.chownSync(victim, us, us);
}

async function run(us: number): Promise<{ readonly code: number | null; readonly said: string }> {
  const [command, ...flags] = as(us);
  const words = ['run', 'users.csv', '--allow', 'shared-folder', '--concurrency', '2'];
  const more = us === ROOT ? [] : ['--attempt-log'];
  const child = spawn(command, [...flags, PROGRAM, ...words, ...more], {
    ...{ cwd: folder, timeout: HANGS_AFTER_MS, killSignal: 'SIGKILL' },
    env: { PATH: process.env['PATH'], ...environmentOf(simulator.url, SESSION) },
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    // What a `close` event carries.
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, said: stdout + stderr };
}

/** What the stranger is to do, with which names, once or until {@link GO} is gone. */
function orders(attacks: readonly string[], names: readonly string[], isEndless = false): string {
  return JSON.stringify({ folder, victim, attacks, names, forged: names.map(toForged), go: GO, isEndless });
}

const [SETPRIV, ...AS_STRANGER] = [...as(STRANGER), '--input-type=module', '-e', ATTACKER];

function attack(what: string): Told {
  const options = { input: orders([what], NAMES), cwd: '/', encoding: 'utf8' } as const;
  // Our own program says so.
  return JSON.parse(execFileSync(SETPRIV, AS_STRANGER, options)) as Told;
}

/** A stranger who does it all, again and again, until {@link GO} is gone. */
async function storm(names: readonly string[]): Promise<Told> {
  fs.writeFileSync(join(folder, GO), '');
  const child = spawn(SETPRIV, AS_STRANGER, { cwd: '/', timeout: HANGS_AFTER_MS, killSignal: 'SIGKILL' });
  child.stdin.end(orders(WAYS, names, true));
  return JSON.parse(await text(child.stdout)) as Told;
}

/** Whatever the stranger did: none of it is outside the folder, none of ours went to them, and none of theirs is taken for ours. */
function expectUnharmed(read: string): void {
  expect([fs.readFileSync(victim, 'utf8'), fs.statSync(victim).mode & 0o777]).toEqual(['of ours\n', 0o600]);
  const keys = simulator.sends.flatMap(({ key }) => key ?? []);
  expect(keys.some((key) => read.includes(key))).toBe(false);
  expect(simulator.sends.some(({ username }) => username === 'mallory')).toBe(false);
  for (const name of fs.readdirSync(folder).filter((each) => /^users\.(?!csv$)/.test(each))) {
    const stats = fs.lstatSync(join(folder, name));
    if (!stats.isFile()) continue;
    const content = fs.readFileSync(join(folder, name), 'utf8');
    if (stats.uid === STRANGER) expect(['', toForged(name)], name).toContain(content);
    else expect(content, name).not.toMatch(/FORGED|mallory/);
  }
}

describe.each([
  ['root', ROOT, hasStranger],
  ['an ordinary user', ORDINARY, hasOrdinary],
] as const)('a run of %s', (_who, us, isPossible) => {
  describe.each([
    ['may write to', 0o777],
    ['may add files to', 0o1777],
  ] as const)('in a folder that everybody %s', (_may, mode) => {
    beforeEach(({ skip }) => {
      skip(!isPossible, 'it takes root, setpriv (util-linux), and a program that lies where others may read');
      share(us, mode);
    });

    it.each(us === ROOT ? WAYS : every(60, WAYS))(
      'is not harmed by a second user who tries to %s its files in its middle',
      async (way) => {
        let told: Told | undefined;
        onSend = (number) => {
          if (number === ATTACKED_AT) told = attack(way);
        };
        const ends = [await run(us), await run(us)];
        // Once something was sent, a run that can't be completed is one that stopped.
        expect([0, 4], ends[0]?.said).toContain(ends[0]?.code);
        expect([0, 2, 4], ends[1]?.said).toContain(ends[1]?.code);
        const tries = [told?.done ?? 0, ...Object.values(told?.denied ?? {})].reduce((sum, count) => sum + count, 0);
        expect(tries).toBe(NAMES.length);
        if (REFUSED_BY_MODE.includes(way)) expect([told?.done, ends.map(({ code }) => code)]).toEqual([0, [0, 0]]);
        expectUnharmed(told?.read ?? '');
      },
    );

    it('is not harmed by one who does it all to what it puts in its places, again and again', async () => {
      await simulator.close();
      simulator = await startSimulator({ ...SESSION, latencyMs: 30, onSend: ({ n }) => onSend(n) });
      for (let number = 1; number <= STORMY_RUNS; number += 1) {
        let told: Promise<Told> | undefined;
        onSend = () => void (told ??= storm(NAMES.filter((name) => name.endsWith('.tmp'))));
        const { code, said } = await run(us);
        fs.rmSync(join(folder, GO));
        expect([0, 4], said).toContain(code);
        expectUnharmed((await told)?.read ?? '');
        fs.rmSync(folder, { recursive: true });
        share(us, mode);
      }
    });
  });
});
