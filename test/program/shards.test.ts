import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shardOf } from '../../src/plan/shard.js';
import { describeSelf } from '../../src/record/process-identity.js';
import type { RunReport } from '../../src/report/run-report.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentOf, SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { hastyClock, runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';

/* Shards of one input, in this process. */

const USERS = Array.from({ length: 24 }, (_, at) => `user-${at}`);
const CSV = ['username,token_type', ...USERS.map((user) => `${user},otp`), 'user-3,otp', ',otp'].join('\n');

let lab: Lab;
let simulator: Simulator;

beforeEach(async () => {
  lab = new Lab();
  lab.file('users.csv', `${CSV}\n`);
  simulator = await startSimulator({ ...SESSION, script: { 'user-9': ['22002', '22002'] } });
});
afterEach(async () => {
  await simulator.close();
  lab.remove();
});

function run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return runProgram(['run', lab.path('users.csv'), ...words], { ...environmentOf(simulator.url, SESSION), ...env });
}

function rowsOf(name: string): Record<string, string>[] {
  return parse(readFileSync(lab.path(name), 'utf8'), { columns: true });
}

function summaryOf(name: string): RunReport {
  return JSON.parse(readFileSync(lab.path(name), 'utf8')) as RunReport;
}

/** The rows of a shard: user and line. */
function linesOf(index: number, count: number): string[][] {
  return [...USERS, 'user-3', ''].flatMap((user, at) =>
    shardOf(user, count) === index ? [[user, String(at + 2)]] : [],
  );
}

describe('a shard', () => {
  it('has the rows of its users alone, with their lines in the whole input', async () => {
    const { stdout } = await run(['--shard', '1/3']);
    const rows = rowsOf('users.shard-1-of-3.results.csv');
    expect(rows.map(({ username, line }) => [username, line])).toEqual(linesOf(1, 3));
    expect(simulator.sends.map(({ username }) => username).sort()).toEqual(
      rows
        .flatMap(({ username = '', outcome = '' }) => (['registered', 'refused'].includes(outcome) ? [username] : []))
        .sort(),
    );
    expect(summaryOf('users.shard-1-of-3.summary.json')).toMatchObject({
      selection: { shard: '1/3' },
      rows: rows.length,
    });
    expect(stdout).toContain('shard 1/3');
    expect(
      readdirSync(lab.folder)
        .filter((name) => !name.includes('shard-1-of-3'))
        .sort(),
    ).toEqual(['users.csv', 'users.shards.json']);
  });

  it('is one of all: together they have each row once', async () => {
    for (const index of [0, 1, 2, 3]) await run(['--shard', `${index}/4`]);
    const lines = [0, 1, 2, 3].flatMap((index) =>
      rowsOf(`users.shard-${index}-of-4.results.csv`).map(({ line }) => Number(line)),
    );
    expect(lines.sort((a, b) => a - b)).toEqual(Array.from({ length: 26 }, (_, at) => at + 2));
    expect(new Set(simulator.sends.map(({ username }) => username)).size).toBe(24);
    expect(simulator.sends).toHaveLength(24);
  });

  it('goes on from its own files when it is repeated, and sends nothing that is done', async () => {
    const index = shardOf('user-9', 2);
    expect((await run(['--shard', `${index}/2`])).exitCode).toBe(1);
    const sends = simulator.sends.length;
    expect((await run(['--shard', `${index}/2`])).exitCode).toBe(1);
    expect(simulator.sends.slice(sends).map(({ username }) => username)).toEqual(['user-9']);
    const row = rowsOf(`users.shard-${index}-of-2.results.csv`).find(({ username }) => username === 'user-9');
    expect(row).toMatchObject({ outcome: 'refused', attempts: '2' });
    expect(summaryOf(`users.shard-${index}-of-2.summary.json`).runs).toHaveLength(1);
  });

  it('names the merge that comes next each time, also when nothing has changed', async () => {
    lab.file('users.csv', 'username,token_type\nann,otp\nben,otp\n');
    const words = ['--shard', '0/1'];
    const told = [await run(words), await run(words)];
    // What found nothing changed took no time.
    expect(summaryOf('users.shard-0-of-1.summary.json')).toMatchObject({ carried: 2, duration_ms: 0 });
    for (const { exitCode, stdout } of told)
      expect([exitCode, stdout]).toEqual([
        0,
        expect.stringMatching(/When all shards have ended, next: centagate-provision merge .*users\.csv$/m),
      ]);
  });

  it('is told by the array that it is a task of, and by no variable alone', async () => {
    const array = {
      SLURM_ARRAY_TASK_ID: '5',
      SLURM_ARRAY_TASK_COUNT: '3',
      SLURM_ARRAY_TASK_MIN: '4',
      SLURM_ARRAY_TASK_MAX: '6',
    };
    await run(['--shard', 'auto'], array);
    expect(rowsOf('users.shard-1-of-3.results.csv').map(({ line }) => line)).toEqual(
      linesOf(1, 3).map(([, line]) => line),
    );
    expect((await run(['--name', 'all'], array)).exitCode).toBe(1);
    expect(rowsOf('all.results.csv')).toHaveLength(26);
  });

  it('shows in a dry run what it would send, and writes nothing', async () => {
    const { stdout } = await run(['--shard', '0/3', '--dry-run', '--json']);
    const shown = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly rows?: number; readonly line?: number });
    expect(shown.at(-1)?.rows).toBe(linesOf(0, 3).length);
    expect(readdirSync(lab.folder)).toEqual(['users.csv']);
  });
});

describe('what does not fit to the shards that have begun is refused before anything is sent', () => {
  beforeEach(async () => {
    await run(['--shard', '0/3']);
  });

  it.each([
    [
      'another number of them',
      ['--shard', '0/4'],
      /users\.shards\.json is for 3 shards, and this is one of 4: run all/,
    ],
    ['a run of the whole', [], /users\.shards\.json is there: shards of this input run.*merge them first/],
    ['a start over', ['--shard', '1/3', '--fresh'], /--fresh: is not for a shard/],
    ['a pilot', ['--shard', '1/3', '--limit', '5'], /--limit: is not for a shard/],
    ['no shard', ['--shard', '3/3'], /--shard: found "3\/3", needs k\/n/],
    ['no array', ['--shard', 'auto'], /--shard auto: this is no task of an array/],
  ])('%s', async (_, words, problem) => {
    const sends = simulator.sends.length;
    const { exitCode, stderr } = await run(words);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(problem)]);
    expect(stderr).toContain('Nothing was sent.');
    expect(simulator.sends).toHaveLength(sends);
  });

  it('another input', async () => {
    writeFileSync(lab.path('users.csv'), `${CSV}\nnew,otp\n`);
    const { exitCode, stderr } = await run(['--shard', '1/3']);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/is for another file than users\.csv is now .*put that one back/),
    ]);
  });

  it('another history', async () => {
    lab.file('users.results.csv', 'username,token_type\n');
    const { stderr } = await run(['--shard', '1/3']);
    expect(stderr).toContain('was made before the results of the earlier runs changed: put them back as they were');
  });

  it('results of its own that somebody changed', async () => {
    const results = lab.path('users.shard-0-of-3.results.csv');
    writeFileSync(results, readFileSync(results, 'utf8').replace('registered', 'refused'));
    const { exitCode, stderr } = await run(['--shard', '0/3']);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/is not as a run of shard 0\/3 left it: restore the files of shard 0\/3 from a copy$/m),
    ]);
  });

  it('the failed file of a shard by itself', async () => {
    const failed = lab.path('users.shard-0-of-3.failed.csv');
    const { exitCode, stderr } = await runProgram(['run', failed], environmentOf(simulator.url, SESSION));
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('is of one of the shards: merge them, and take')]);
    const again = await runProgram(['run', failed, '--shard', '0/2'], environmentOf(simulator.url, SESSION));
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('is of one of the shards')]);
    // The whole would hand them out once more.
    const keys = await runProgram(['keys', lab.path('users.shard-0-of-3.results.csv')]);
    expect([keys.exitCode, keys.stderr]).toEqual([2, expect.stringContaining('(users.results.csv and the others)')]);
  });

  it('an undo of the results of a shard, and a dry run of it, or of the whole', async () => {
    const env = environmentOf(simulator.url, SESSION);
    const results = lab.path('users.shard-0-of-3.results.csv');
    for (const words of [['--dry-run'], ['--yes', '--expect-rows', '1']]) {
      const { exitCode, stderr } = await runProgram(['undo', results, '--otp-type', '1', ...words], env);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('is of one of the shards: merge them, and take')]);
    }
    const whole = await run(['--dry-run']);
    expect([whole.exitCode, whole.stderr]).toEqual([2, expect.stringContaining('users.shards.json is there')]);
  });
});

describe('shards that were not merged', () => {
  const shard = (index: number): Promise<Ended> => run(['--shard', `${index}/2`]);

  it('keep those of another input away, until they are: no row passes for the one that stood there', async () => {
    await shard(0);
    rmSync(lab.path('users.shards.json'));
    lab.file('users.csv', `${CSV.replaceAll('user-', 'person-')}\n`);
    const sends = simulator.sends.length;
    const { exitCode, stderr } = await shard(0);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/users\.shard-0-of-2\.manifest\.json is of a shard of another input \(SHA-256 /),
    ]);
    expect(simulator.sends).toHaveLength(sends);
    // As it says.
    lab.file('users.csv', `${CSV}\n`);
    rmSync(lab.path('users.shards.json'));
    for (const index of [0, 1]) await shard(index);
    expect((await merge()).exitCode).toBe(1);
  });

  it('and have sent nothing leave the way free when their files go with that of all', async () => {
    await run(['--shard', '0/2'], { CENTAGATE_AUTH_TOKEN: 'over' });
    const { stderr } = await run([]);
    expect(stderr).toContain(
      'move users.shards.json away together with the files of its shards ("users.shard-*"), but for keys files\nNothing',
    );
    const ofShards = readdirSync(lab.folder).filter((name) => /^users\.shards?[.-]/.test(name));
    for (const name of ofShards) if (!name.endsWith('.keys.csv')) rmSync(lab.path(name));
    lab.file('users.csv', `${CSV.replaceAll('user-', 'person-')}\n`);
    for (const index of [0, 1]) await shard(index);
    expect((await merge()).exitCode).toBe(1);
    expect(rowsOf('users.keys.csv')).toHaveLength(24);
  });
});

describe('what asks for the results of the whole', () => {
  it.each(['audit', 'keys', 'report', 'verify'])('is told to merge first: %s', async (command) => {
    await run(['--shard', '0/3']);
    const env = environmentOf(simulator.url, SESSION);
    const { exitCode, stderr } = await runProgram([command, lab.path('users.results.csv')], env);
    const told = expect.stringMatching(
      /users\.results\.csv is not there, and users\.shards\.json is: .*merge them first/,
    ) as string;
    expect([exitCode, stderr]).toEqual([2, told]);
  });
});

describe('what is proved of the files of shards', () => {
  const [RESULTS, SUMS] = ['users.shard-1-of-3.results.csv', 'users.shard-1-of-3.SHA256SUMS'];
  const audit = (name: string): Promise<Ended> => runProgram(['audit', lab.path(name)]);

  beforeEach(async () => {
    for (const index of [0, 1, 2]) await run(['--shard', `${index}/3`, '--attempt-log']);
  });

  it('is for the audit of the whole to say, and an audit of a shard says so', async () => {
    const before = await audit(RESULTS);
    expect([before.exitCode, before.stderr]).toEqual([2, expect.stringContaining('merge them, and take the files of')]);
    await merge();
    const after = await audit(`users.shards/1/${RESULTS}`);
    const told = 'which are merged: take the files of the whole (users.results.csv and the others, two folders up)';
    expect([after.exitCode, after.stderr]).toEqual([2, expect.stringContaining(told)]);
    const { exitCode, stdout } = await audit('users.results.csv');
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/^ok +shards +the files of 3 shards in users\.shards /m),
    ]);
  });

  it('their lists of digests are good where they lie, before the merge and after it', async () => {
    const check = (folder: string): string[] =>
      readFileSync(lab.path(folder + SUMS), 'utf8')
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, 64), line.slice(66)] as const)
        .flatMap(([sha256, name]) => {
          const bytes = readFileSync(lab.path(folder + name));
          return createHash('sha256').update(bytes).digest('hex') === sha256 ? [] : [name];
        });
    expect(check('')).toEqual([]);
    await merge();
    expect(check('users.shards/1/')).toEqual([]);
  });

  it.each([RESULTS, SUMS, RESULTS.replace('results.csv', 'manifest.json'), RESULTS.replace('results', 'attempts')])(
    'a change of %s is found where it is kept',
    async (name) => {
      await merge();
      const path = lab.path(`users.shards/1/${name}`);
      writeFileSync(path, readFileSync(path, 'utf8').replace(/\d(?=[^\d]*$)/, '0!'));
      const { exitCode, stdout } = await audit('users.results.csv');
      expect([exitCode, stdout]).toEqual([1, expect.stringMatching(new RegExp(`^BAD +shards +.*${name}`, 'm'))]);
      rmSync(lab.path('users.shards'), { recursive: true });
      expect((await audit('users.results.csv')).stdout).toMatch(
        /^- +shards +users\.shards has no files of shards any more/m,
      );
    },
  );

  it('a line that is missing in a list of digests is merged by nobody, the first one neither', async () => {
    const path = lab.path(SUMS);
    const lines = readFileSync(path, 'utf8').split('\n');
    for (const at of lines.slice(0, -1).keys()) {
      writeFileSync(path, lines.filter((_, other) => other !== at).join('\n'));
      const { exitCode, stderr } = await merge();
      expect([exitCode, stderr]).toEqual([
        2,
        expect.stringContaining(`${SUMS} does not have the digests of these files`),
      ]);
    }
    writeFileSync(path, lines.join('\n'));
    expect((await merge()).exitCode).toBe(1);
  });
});

it('an input that breaks begins no round: its shards would never come to one whole', async () => {
  lab.file('users.csv', 'username,token_type\nann,otp\n"ben,otp\n');
  const { exitCode } = await run(['--shard', '0/2']);
  expect([exitCode, existsSync(lab.path('users.shards.json'))]).toEqual([2, false]);
});

it('the history of a shard is what the last run of the whole left', async () => {
  await run([]);
  const sends = simulator.sends.length;
  for (const index of [0, 1]) await run(['--shard', `${index}/2`]);
  expect(simulator.sends.slice(sends).map(({ username }) => username)).toEqual(['user-9']);
  const row = rowsOf(`users.shard-${shardOf('user-9', 2)}-of-2.results.csv`).find(
    ({ username }) => username === 'user-9',
  );
  expect(row?.['attempts']).toBe('2');
});

it('a session that is over ends a shard, which could log in: the others share it', async () => {
  const login = { CENTAGATE_PASSWORD: 'p', CENTAGATE_INTEGRATION_KEY: 'k', CENTAGATE_INTEGRATION_SECRET: 's' };
  const { exitCode } = await run(['--shard', '0/2'], { ...login, CENTAGATE_AUTH_TOKEN: 'over' });
  expect([exitCode, simulator.logins]).toEqual([6, 0]);
});

function merge(words: readonly string[] = []): Promise<Ended> {
  return runProgram(['merge', lab.path('users.csv'), ...words]);
}

const TIMES = ['sent_at', 'latency_ms'];

/** Whatever has no time in it. */
function timeless(rows: Record<string, string>[]): Record<string, string>[] {
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !TIMES.includes(name))));
}

describe('a merge', () => {
  it('makes of all shards what one run leaves, and the next run goes on from there', async () => {
    await runProgram(['run', lab.path('users.csv'), '--name', 'whole'], environmentOf(simulator.url, SESSION));
    await simulator.close();
    simulator = await startSimulator({ ...SESSION, script: { 'user-9': ['22002'] } });
    for (const index of [0, 1, 2]) await run(['--shard', `${index}/3`]);
    const { exitCode, stderr, stdout } = await merge();
    expect([exitCode, stderr]).toEqual([1, '']);
    expect(stdout).toContain('Merged. With this merge, 4 runs over this input so far, and 24 sends.');
    expect(timeless(rowsOf('users.results.csv'))).toEqual(timeless(rowsOf('whole.results.csv')));
    expect(timeless(rowsOf('users.failed.csv'))).toEqual(timeless(rowsOf('whole.failed.csv')));
    expect(
      rowsOf('users.keys.csv')
        .map(({ username }) => username)
        .sort(),
    ).toEqual(
      rowsOf('whole.keys.csv')
        .map(({ username }) => username)
        .sort(),
    );
    const summary = summaryOf('users.summary.json');
    expect(summary.runs.map(({ selection }) => selection?.shard)).toEqual(['0/3', '1/3', '2/3']);
    expect([summary.outcomes, summary.retry, summary.people, summary.warnings]).toEqual(
      (({ outcomes, retry, people, warnings }) => [outcomes, retry, people, warnings])(summaryOf('whole.summary.json')),
    );
    expect(
      readdirSync(lab.folder)
        .filter((name) => name.startsWith('users'))
        .sort(),
    ).toEqual([
      'users.SHA256SUMS',
      'users.csv',
      'users.failed.csv',
      'users.keys.csv',
      'users.manifest.json',
      'users.results.csv',
      'users.shards',
      'users.summary.json',
    ]);
    expect((await runProgram(['audit', lab.path('users.results.csv')])).stdout).not.toMatch(/^BAD/m);
    const sends = simulator.sends.length;
    expect((await run([])).exitCode).toBe(1);
    expect(simulator.sends.slice(sends).map(({ username }) => username)).toEqual(['user-9']);
  });

  describe('is refused, and names the shard, while', () => {
    beforeEach(async () => {
      for (const index of [0, 1]) await run(['--shard', `${index}/2`]);
    });

    it.each<[string, () => void, RegExp]>([
      ['one has not run', () => removeShard(1), /^shard 1\/2 has not run: run shard 1\/2$/m],
      [
        'one was cut off',
        () => lab.file('users.shard-1-of-2.journal', ''),
        /^shard 1\/2 is under way, or was cut off: run shard 1\/2 again$/m,
      ],
      [
        'two are missing, at once',
        () => [0, 1].forEach(removeShard),
        /shard 0\/2 has not run[^]*shard 1\/2 has not run/,
      ],
      [
        'its summary is gone',
        () => rmSync(lab.path('users.shard-0-of-2.summary.json')),
        /^shard 0\/2: users\.shard-0-of-2\.summary\.json is not there: restore the files of shard 0\/2 from a copy$/m,
      ],
      [
        'the input has changed',
        () => lab.file('users.csv', `${CSV}\nnew,otp\n`),
        /users\.csv is not the input of the shards, which was users\.csv \(SHA-256 [0-9a-f]{64}\): put that one back/,
      ],
      [
        'a file is in the way',
        () => lab.file('users.shards', ''),
        /users\.shards is in the way: a folder of that name keeps the files of the shards: move it$/m,
      ],
      ['a link is', () => symlinkSync('elsewhere', lab.path('users.shards')), /users\.shards is in the way/],
      [
        'the results of the whole have',
        () => lab.file('users.results.csv', 'username,token_type\n'),
        /users\.results\.csv has changed since the shards began: put it back/,
      ],
    ])('%s', async (_, change, problem) => {
      change();
      const before = readdirSync(lab.folder).sort();
      const { exitCode, stderr } = await merge();
      expect([exitCode, stderr]).toEqual([2, expect.stringMatching(problem)]);
      expect(readdirSync(lab.folder).sort()).toEqual(before);
    });

    it.skipIf(process.platform === 'win32' || process.geteuid?.() === 0)('its files may not be kept', async () => {
      mkdirSync(lab.path('users.shards'), { mode: 0o500 });
      expect(await merge()).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining(
          "users.shards can't be written to (EACCES): give this user the right",
        ) as string,
      });
      expect(existsSync(lab.path('users.results.csv'))).toBe(false);
    });

    it('one is running', async () => {
      const path = lab.path('users.shard-1-of-2.lock');
      // One that lives for sure, of another machine, which is just renewing it.
      writeFileSync(path, JSON.stringify({ ...describeSelf('a-run', hastyClock), host: 'elsewhere' }));
      const { exitCode, stderr } = await merge();
      expect([exitCode, stderr]).toEqual([
        5,
        expect.stringMatching(/^shard 1\/2 is running: another run holds shard 1\/2/),
      ]);
      rmSync(path);
      expect((await merge()).exitCode).toBe(1);
    });
  });

  it.each(['failed.csv', 'SHA256SUMS'])('takes a %s that a shard wrote anew', async (ending) => {
    for (const index of [0, 1]) await run(['--shard', `${index}/2`]);
    const [index, sends] = [shardOf('user-9', 2), simulator.sends.length];
    const name = `users.shard-${index}-of-2.${ending}`;
    writeFileSync(lab.path(name), readFileSync(lab.path(name), 'utf8').replace('user-9', 'user-99').slice(0, -1));
    const { exitCode, stderr } = await merge();
    const remedy = `: run shard ${index}/2 again, which writes it anew\n`;
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(remedy)]);
    await run(['--shard', `${index}/2`]);
    expect((await merge()).exitCode).toBe(1);
    expect(simulator.sends.slice(sends).map(({ username }) => username)).toEqual(['user-9']);
  });

  it('is refused where no shard has run', async () => {
    const { exitCode, stderr } = await merge();
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('users.shards.json is not there')]);
  });

  it('can be repeated, and changes nothing then', async () => {
    for (const index of [0, 1]) await run(['--shard', `${index}/2`]);
    const first = await merge(['--json']);
    const files = (): (readonly [string, string])[] =>
      readdirSync(lab.folder)
        .filter((name) => name.includes('.', 1) && name !== 'users.shards')
        .map((name) => [name, readFileSync(lab.path(name), 'utf8')]);
    const before = files();
    const again = await merge(['--json']);
    expect([again.exitCode, again.stdout]).toEqual([first.exitCode, first.stdout]);
    expect(again.stderr).toContain('the shards are merged already');
    expect(files()).toEqual(before);
    const { next_command, made_by } = JSON.parse(first.stdout) as RunReport;
    expect(made_by?.command).toMatch(/^centagate-provision merge .*users\.csv --json$/);
    expect(next_command).toMatch(/^centagate-provision run .*users\.failed\.csv --server http:.* --admin root --json$/);
  });

  it('is followed by shards of another number, whose files are kept beside those before', async () => {
    for (const index of [0, 1]) await run(['--shard', `${index}/2`]);
    await merge();
    for (const index of [0, 1, 2]) await run(['--shard', `${index}/3`]);
    expect((await merge()).exitCode).toBe(1);
    expect(readdirSync(lab.path('users.shards'))).toEqual(['1', '2']);
    expect(readdirSync(lab.path('users.shards/2')).filter((name) => name.endsWith('.keys.csv'))).toHaveLength(3);
    const { history, runs } = summaryOf('users.summary.json');
    expect([history.runs, runs.length]).toEqual([7, 6]);
  });
});

function removeShard(index: number): void {
  for (const name of readdirSync(lab.folder)) if (name.startsWith(`users.shard-${index}-of-`)) rmSync(lab.path(name));
}
