import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resolveSettings } from '../../src/settings/settings.js';
import { completeKilledRun } from '../../src/wiring/complete-killed-run.js';
import { locateJob } from '../../src/wiring/job.js';
import { keysReader } from '../../src/wiring/stem-state.js';
import type { JournalEntry, RunEntry } from '../../src/record/journal-entry.js';
import type { RunReport } from '../../src/report/run-report.js';
import { LEFT, openJournalLines } from '../../src/record/journal.js';
import { bootId } from '../../src/record/process-identity.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { Lab } from '../support/lab.js';
import { environmentOf } from '../support/account.js';
import { aSettlement, NOON } from '../support/builders.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { aRunWorld } from '../support/run-world.js';

const disk = vi.hoisted(() => ({ steps: [] as string[] }));

vi.mock('node:fs', async (importActual) => {
  const actual = await importActual<typeof import('node:fs')>();
  return {
    ...actual,
    fsyncSync: (fd: number) => {
      disk.steps.push(`sync ${actual.fstatSync(fd).ino}`);
      actual.fsyncSync(fd);
    },
    renameSync: (from: string, to: string) => {
      disk.steps.push(`place ${basename(to)}`);
      actual.renameSync(from, to);
    },
  };
});

const SESSION = { admin: 'root', authToken: 'the-auth-token', secretCode: 'the-secret-code' };
const SIGNATURES = join(import.meta.dirname, '../../samples/signatures');
const AISYAH = readFileSync(join(SIGNATURES, 'finance/aisyah.rahman.p7s'));
const DIGEST = createHash('sha256').update(AISYAH).digest('hex');
const CSV = 'username,token_type,signature_path,status\nann,otp,,\nben,pki,ben.p7s,2\ncy,otp,,\n';

let lab: Lab;
let simulator: Simulator;

beforeEach(async () => {
  lab = new Lab();
  simulator = await startSimulator(SESSION);
  lab.file('users.csv', CSV);
  lab.file('ben.p7s', AISYAH);
});
afterEach(async () => {
  await simulator.close();
  lab.remove();
});

/** Leaves what a killed run over users.csv leaves: ann done, ben under way, cy untouched but for what `more` says. */
function leaveJournal(changes: Partial<RunEntry> = {}, more: readonly JournalEntry[] = []): void {
  const content = { signature: DIGEST, status: '2', algorithm: '1' };
  const entries: JournalEntry[] = [
    {
      type: 'run',
      version: 1,
      id: 'killed',
      input: lab.path('users.csv'),
      sha256: createHash('sha256').update(CSV).digest('hex'),
      at: NOON,
      reading: { encoding: undefined, delimiter: undefined, columns: undefined, sheet: undefined },
      signaturesDir: lab.path('.'),
      settings: { server: simulator.url, admin: 'root', concurrency: 3 },
      ...changes,
    },
    { type: 'intent', key: 'otp:ann', attempt: 1, at: NOON + 1 },
    { type: 'settled', key: 'otp:ann', settlement: aSettlement({ sentAt: NOON + 2 }) },
    { type: 'intent', key: 'pki:ben', attempt: 1, at: NOON + 3, content },
    ...more,
  ];
  lab.file('users.journal', openJournalLines()(entries));
}

function run(...flags: readonly string[]): Promise<Ended> {
  return runProgram(['run', lab.path('users.csv'), ...flags], environmentOf(simulator.url, SESSION));
}

/** Completes the files alone; returns what is said. */
async function complete(): Promise<string[]> {
  const settings = await resolveSettings({ flags: {}, env: environmentOf(simulator.url, SESSION) });
  const said: string[] = [];
  const say = (_: string, text: string) => void said.push(text);
  const reporter = { note: say, warn: say, progress: () => undefined, end: () => undefined };
  const world = aRunWorld(settings, reporter);
  const job = locateJob(lab.path('users.csv'), settings);
  await completeKilledRun(job, world, { reporter, readKeys: keysReader(job) });
  return said;
}

function results(): Record<string, string>[] {
  return parse(readFileSync(lab.path('users.results.csv')), { columns: true });
}

function summary(): RunReport {
  return JSON.parse(readFileSync(lab.path('users.summary.json'), 'utf8')) as RunReport;
}

describe('a killed run', () => {
  it('is told of in one line, and the same command goes on from there', async () => {
    leaveJournal();
    expect(await complete()).toEqual([
      'an earlier run was cut off: 1 row done, 1 in doubt, 0 left of those it came to; going on',
    ]);
    expect(simulator.sends).toEqual([]);
    expect(results().map(({ outcome }) => outcome)).toEqual(['registered', 'unknown', 'not_sent']);
    // Nobody interrupted it.
    expect(results()[2]?.['detail']).toBe("the run stopped before this row's turn (cut off): rerun");
    expect((await run()).exitCode).toBe(0);
    expect(simulator.sends.map(({ username }) => username).sort()).toEqual(['ben', 'cy']);
    expect(results().map(({ attempts }) => attempts)).toEqual(['1', '2', '1']);
    expect(existsSync(lab.path('users.journal'))).toBe(false);
  });

  it('whose last entry was torn is told so, and gone on with', async () => {
    leaveJournal();
    appendFileSync(lab.path('users.journal'), '0123abcd 5 {"type":"settled","key":"pki:b');
    expect(await complete()).toEqual([expect.stringContaining('; an unfinished last entry (41 bytes) was cut off;')]);
    expect(results().map(({ outcome }) => outcome)).toEqual(['registered', 'unknown', 'not_sent']);
  });

  it('of a shard is completed over the input that it was of, and no other: its rows would be in no results', async () => {
    leaveJournal({ sha256: '0'.repeat(64) });
    const path = lab.path('users.shard-0-of-1.journal');
    renameSync(lab.path('users.journal'), path);
    const { exitCode, stderr } = await run('--shard', '0/1');
    expect([exitCode, stderr, existsSync(path)]).toEqual([
      2,
      expect.stringMatching(/users\.shard-0-of-1\.journal is of a shard of another input \(SHA-256 0{64}\), which/),
      true,
    ]);
    expect(simulator.sends).toEqual([]);
  });

  it('whose journal says what no run of ours says is refused: nothing is sent, nothing changed', async () => {
    leaveJournal({}, [{ type: 'settled', key: 'otp:ann', settlement: aSettlement({ sentAt: NOON + 5 }) }]);
    const journal = readFileSync(lab.path('users.journal'), 'utf8');
    const { exitCode, stderr } = await run();
    expect(exitCode).toBe(2);
    expect(stderr).toContain('users.journal:5: the journal of a killed run is none that a run left');
    expect(simulator.sends).toEqual([]);
    expect(readFileSync(lab.path('users.journal'), 'utf8')).toBe(journal);
  });

  it('whose journal is damaged is refused with the byte: nothing is sent, nothing changed', async () => {
    leaveJournal();
    const journal = readFileSync(lab.path('users.journal'), 'utf8');
    const damaged = journal.replace('"attempt":1', '"attempt":2');
    writeFileSync(lab.path('users.journal'), damaged);
    const ended = await run();
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain(
      `users.journal:2: the journal of a killed run is damaged at byte ${damaged.indexOf('\n') + 1}`,
    );
    expect(simulator.sends).toEqual([]);
    expect(existsSync(lab.path('users.results.csv'))).toBe(false);
    expect(readFileSync(lab.path('users.journal'), 'utf8')).toBe(damaged);
  });

  it.each([
    ['newer than its send: it is registered, and not sent again', NOON + 5, 'registered', '1'],
    ['older than its send: nothing is known', NOON + 3, 'key_lost', '2'],
  ])('has a row in doubt whose key was saved, %s', async (...[, savedAt, outcome, attempts]) => {
    await simulator.close();
    const user = { active: true, hasOtp: false, hasCertificate: false };
    simulator = await startSimulator({
      ...SESSION,
      users: [
        { ...user, username: 'ben' },
        { ...user, username: 'cy', hasOtp: true },
      ],
    });
    leaveJournal({}, [{ type: 'intent', key: 'otp:cy', attempt: 1, at: NOON + 4 }]);
    const line = `cy,A-KEY,${new Date(savedAt).toISOString()}\n`;
    lab.file('users.keys.csv', `username,key,registered_at\n${line}dee,HALF-A-K`);
    await run();
    expect(results().map((row) => `${row['outcome'] ?? ''} ${row['attempts'] ?? ''}`)).toEqual([
      'registered 1',
      'registered 2',
      `${outcome} ${attempts}`,
    ]);
    expect(readFileSync(lab.path('users.keys.csv'), 'utf8')).toBe(`username,key,registered_at\n${line}`);
  });

  it.each<[string, Partial<RunEntry>, true | undefined, string[]]>([
    ['on this boot surely never left', { bootId: bootId() }, undefined, ['already_registered 1', '2']],
    ['that bears its mark may have left', { bootId: bootId() }, true, ['key_lost 2', '3']],
    ['of another boot may have left', { bootId: 'another' }, undefined, ['key_lost 2', '3']],
    ['of a journal without marks may have left', {}, undefined, ['key_lost 2', '3']],
  ])('has an intent for a user with a token from before: one %s', async (...[, changes, hasLeft, expected]) => {
    await simulator.close();
    const users = ['ben', 'cy'].map((username) => ({
      ...{ username, active: true, hasOtp: username === 'cy', hasCertificate: false },
    }));
    simulator = await startSimulator({ ...SESSION, users });
    leaveJournal(changes, [{ type: 'intent', key: 'otp:cy', attempt: 1, at: NOON + 4 }]);
    const [first, ann, done, ben, ...last] = readFileSync(lab.path('users.journal'), 'utf8').split(/(?<=\n)/);
    const mark = (line = ''): string => line.replace(' \n', `${LEFT}\n`);
    const lines = [first, mark(ann), done, mark(ben), ...(hasLeft ? last.map(mark) : last)];
    writeFileSync(lab.path('users.journal'), lines.join(''));
    await run();
    const { outcome = '', attempts = '' } = results()[2] ?? {};
    expect([`${outcome} ${attempts}`, String(summary().runs[0]?.sends)]).toEqual(expected);
  });

  it('has its keys synced, which it may not have done, before the results tell of them', async () => {
    leaveJournal({}, [{ type: 'intent', key: 'otp:cy', attempt: 1, at: NOON + 4 }]);
    const line = `cy,A-KEY,${new Date(NOON + 5).toISOString()}\n`;
    const keys = lab.file('users.keys.csv', `username,key,registered_at\n${line}`);
    disk.steps = [];
    await run();
    expect(results().map(({ outcome }) => outcome)).toEqual(['registered', 'registered', 'registered']);
    const synced = disk.steps.indexOf(`sync ${statSync(keys).ino}`);
    expect(synced).toBeGreaterThanOrEqual(0);
    expect(synced).toBeLessThan(disk.steps.indexOf('place users.results.csv'));
  });

  it('is an earlier run like any other in the summary: its times, sends and settings', async () => {
    leaveJournal();
    await run();
    expect(summary().runs).toMatchObject([
      {
        started_at: new Date(NOON).toISOString(),
        sends: 2,
        stopped_by: 'cut off: killed, or its machine went down; completed by the next run',
      },
    ]);
  });

  it('leaves its signature folder to the next', async () => {
    mkdirSync(lab.path('signed'));
    renameSync(lab.path('ben.p7s'), lab.path('signed/ben.p7s'));
    leaveJournal({ signaturesDir: lab.path('signed') });
    expect((await run()).exitCode).toBe(0);
    expect(summary().signatures_dir).toBe(lab.path('signed'));
  });

  it('is completed in the dialect that it was told, and leaves the encoding to the next', async () => {
    lab.file('users.csv', Buffer.from(`${CSV.trimEnd()}\njosé,otp,,\n`.replaceAll(',', ';'), 'latin1'));
    leaveJournal({ reading: { encoding: 'windows-1252', delimiter: ';', columns: undefined, sheet: undefined } });
    expect((await run()).exitCode).toBe(0);
    expect(summary().encoding).toBe('windows-1252');
    expect(readFileSync(lab.path('users.results.csv'), 'latin1')).toMatch(/\njosé;otp;;;5;registered;/);
  });

  it('against one server is not gone on with against another', async () => {
    leaveJournal({ settings: { server: 'https://centagate.example' } });
    const ended = await run();
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toMatch(/killed run against https:\/\/centagate\.example.*--fresh/);
    expect(existsSync(lab.path('users.journal'))).toBe(true);
    expect((await run('--fresh')).exitCode).toBe(0);
  });

  it('of another version of this program is left alone', async () => {
    leaveJournal({ version: 2 });
    const ended = await run();
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('another version of this program');
    expect(existsSync(lab.path('users.journal'))).toBe(true);
  });

  it('is found when its folder has another path now, as in another container', async () => {
    leaveJournal({ input: '/elsewhere/users.csv' });
    expect((await run()).exitCode).toBe(0);
    leaveJournal({ input: '/elsewhere/staff.csv' });
    expect((await run()).stderr).toContain('put it back, or use --fresh');
  });
});

describe('an input that changed since the kill', () => {
  it('is gone on with, and that is said', async () => {
    leaveJournal();
    const [header = '', ann = '', ben = '', cy = ''] = CSV.split('\n');
    lab.file('users.csv', [header, 'dee,otp,,', cy, ben, ann].join('\n'));
    const said = await complete();
    expect(said).toEqual([expect.stringContaining('; the input has changed since; going on')]);
    expect((await run()).exitCode).toBe(0);
    expect(results().map(({ username, attempts }) => `${username ?? ''} ${attempts ?? ''}`)).toEqual([
      'dee 1',
      'cy 1',
      'ben 2',
      'ann 1',
    ]);
  });

  it.each([
    ['signature', () => writeFileSync(lab.path('ben.p7s'), readFileSync(join(SIGNATURES, 'finance/priya.nair.p7s')))],
    ['status', () => lab.file('users.csv', CSV.replace('ben.p7s,2', 'ben.p7s,3'))],
  ])('with another %s for a row in doubt says so', async (what, change) => {
    leaveJournal();
    change();
    expect((await complete()).at(-1)).toContain(`ben is in doubt, and was sent with another ${what} than`);
    expect((await run()).exitCode).toBe(0);
  });
});

describe('before a killed run is gone on with, or while it still runs', () => {
  it.each([
    ['a validation', ['validate']],
    ['a dry run', ['run', '--dry-run']],
  ])(
    '%s counts what its journal knows, as the next run would, and changes nothing',
    async (_, [command = '', ...flags]) => {
      leaveJournal();
      lab.file('users.lock', '{}');
      const before = readdirSync(lab.folder);
      const { exitCode, stdout, stderr } = await runProgram(
        [command, lab.path('users.csv'), '--json', ...flags],
        environmentOf(simulator.url, SESSION),
      );
      expect(exitCode).toBe(0);
      expect(stderr).toContain('a run is under way or was cut off: 1 row done, 1 in doubt, 0 left');
      expect(stdout).toContain('"rows":3,"to_send":{"otp":1,"pki":1},"done":1,');
      expect(readdirSync(lab.folder)).toEqual(before);
      expect(simulator.sends).toEqual([]);
    },
  );

  it('a validation looks where it looked', async () => {
    mkdirSync(lab.path('signed'));
    renameSync(lab.path('ben.p7s'), lab.path('signed/ben.p7s'));
    lab.file('users.csv', Buffer.from(CSV.replace('ann', 'josé'), 'latin1'));
    const reading = { encoding: 'windows-1252', delimiter: undefined, columns: undefined, sheet: undefined } as const;
    leaveJournal({ signaturesDir: lab.path('signed'), reading });
    expect((await runProgram(['validate', lab.path('users.csv')])).exitCode).toBe(0);
  });

  it('a dry run against another server is refused as the run would be', async () => {
    leaveJournal({ settings: { server: 'https://centagate.example' } });
    const ended = await run('--dry-run');
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toMatch(/killed run against https:\/\/centagate\.example/);
  });

  it('a dry run that is to start over takes no notice of it', async () => {
    leaveJournal({ settings: { server: 'https://centagate.example' } });
    const ended = await run('--dry-run', '--fresh', '--json');
    expect(ended.stdout).toContain('"to_send":{"otp":2,"pki":1},"done":0,');
    expect(existsSync(lab.path('users.journal'))).toBe(true);
  });
});
