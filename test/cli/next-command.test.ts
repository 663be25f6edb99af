import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.js';
import {
  toMergeCommand,
  toNextAfterMerge,
  toNextCommand,
  toNextUndo,
  toTypedCommand,
} from '../../src/cli/next-command.js';
import type { StopKind } from '../../src/core/stop.js';
import { SummaryCounter } from '../../src/report/summary.js';
import type { EndedRow, RunSummary } from '../../src/report/summary.js';
import { SETTINGS } from '../../src/settings/setting.js';
import { aSettlement } from '../support/builders.js';

const FAILED = '/data/users.failed.csv';

type Counts = Partial<
  Pick<RunSummary, 'carried'> & Record<'no' | 'yes' | 'fix' | 'leftOut' | 'fixOutside' | 'duplicate', number>
> & {
  readonly stop?: StopKind;
};

function ended({
  stop,
  carried = 0,
  no = 0,
  yes = 0,
  fix = 0,
  leftOut = 0,
  fixOutside = 0,
  duplicate = 0,
}: Counts): RunSummary {
  const counted = new SummaryCounter().result(stop && { kind: stop, reason: 'why' });
  const byOutcome = { ...counted.byOutcome, duplicate };
  return { ...counted, carried, leftOut, fixOutside, byRetry: { no, yes, fix }, byOutcome };
}

function pilotOf(rows: readonly Partial<EndedRow>[]): { readonly summary: RunSummary } {
  const counter = new SummaryCounter();
  for (const row of rows)
    counter.add({ settlement: aSettlement(), carried: false, sends: 0, withoutKey: false, ...row });
  return { summary: counter.result(undefined) };
}

/** As a shell takes the line apart; the program's own name is not one of the words. */
function wordsOf(line: string): string[] {
  const script = `for word in "$@"; do printf '%s\\0' "$word"; done`;
  const text = execFileSync('sh', ['-c', `set -- ${line}; ${script}`], { encoding: 'utf8' });
  return text.split('\0').slice(1, -1);
}

async function parse(words: readonly string[]) {
  const command = await parseArguments(words);
  if (command.name !== 'run') throw new Error(`${command.name} is no run`);
  return command;
}

/** What the line after such a run is taken for, by the shell and by our own parser. */
async function next(words: readonly string[], counts: Counts, input?: string) {
  const typed = await parse(words);
  const line = toNextCommand(
    { flags: typed.flags, input: input ?? typed.input, files: { failed: FAILED } },
    ended(counts),
    'posix',
  );
  if (line === undefined) return undefined;
  const meant = await parse(wordsOf(line));
  const flags = Object.entries(meant.flags).filter(([name]) => !['_', '$0', 'input'].includes(name));
  return { line, input: meant.input, flags: Object.fromEntries(flags) };
}

const JOB = ['run', 'users.csv', '--config', 'job.yaml', '--out-dir', 'out', '--admin', 'alice', '--rate', '20'];
const JOB_FLAGS = { config: 'job.yaml', 'out-dir': 'out', admin: 'alice', rate: '20' };

describe('after a run that has ended', () => {
  test('there is none when every row is done', async () => {
    expect(await next(JOB, { no: 5 })).toBeUndefined();
  });

  test('there is none that brings in what the configuration file leaves out', async () => {
    expect(await next(JOB, { no: 5, yes: 3, leftOut: 3 })).toBeUndefined();
  });

  test('it runs what is left, with all that was typed', async () => {
    const line = `centagate-provision run ${FAILED} --config job.yaml --out-dir out --admin alice --rate 20`;
    expect(await next(JOB, { yes: 2 })).toEqual({ line, input: FAILED, flags: JOB_FLAGS });
    expect(await next(JOB, { yes: 1, fix: 1 })).toEqual({ line, input: FAILED, flags: JOB_FLAGS });
  });

  test('it neither starts over nor passes by a lock', async () => {
    for (const counts of [{ fix: 1 }, { yes: 1 }, { yes: 1, stop: 'terminated' as const }]) {
      expect((await next([...JOB, '--fresh', '--take-lock'], counts))?.flags).toEqual(JOB_FLAGS);
    }
  });

  test('rows that a workbook hides are left out of what is left too, until they are all that is left', async () => {
    const words = ['run', 'users.xlsx', '--visible-only'];
    expect((await next(words, { fix: 1, yes: 1 }))?.line).toBe(`centagate-provision run ${FAILED} --visible-only`);
    expect((await next(words, { yes: 1, leftOut: 1 }))?.line).toBe('centagate-provision run users.xlsx');
  });

  test('a workbook is followed by a CSV of ours, which needs no word on how to read it', async () => {
    const words = ['run', 'users.xlsx', '--sheet', '2', '--delimiter', 'semicolon', '--map', 'username=UPN'];
    expect(await next(words, { fix: 1 })).toMatchObject({ input: FAILED, flags: { map: 'username=UPN' } });
    expect((await next(words, { fix: 1 }))?.flags).not.toHaveProperty('sheet');
    expect((await next(words, { stop: 'stopped' }))?.flags).toMatchObject({ sheet: '2', delimiter: 'semicolon' });
    expect((await next(['run', 'users.csv', '--delimiter', 'tab'], { fix: 1 }))?.flags).toEqual({ delimiter: 'tab' });
  });
});

describe('after a pilot', () => {
  const pilot = [...JOB, '--limit', '20'];
  const group = [...JOB, '--where', 'dept=Sales', '--where', 'site=2'];

  test('of so many rows it is the whole input', async () => {
    expect(await next(pilot, { no: 20, yes: 80, leftOut: 80 })).toMatchObject({ input: 'users.csv', flags: JOB_FLAGS });
  });

  test('with rows to correct it is the file where they are corrected', async () => {
    const meant = await next(pilot, { no: 19, fix: 1, yes: 80, leftOut: 80 });
    expect(meant).toEqual({ line: expect.any(String) as string, input: FAILED, flags: JOB_FLAGS });
  });

  test('of a group it stays with the group until that is done', async () => {
    const where = ['dept=Sales', 'site=2'];
    expect(await next(group, { no: 9, yes: 91, leftOut: 90 })).toMatchObject({ input: FAILED, flags: { where } });
    const meant = await next(group, { no: 10, yes: 90, leftOut: 90 });
    expect(meant).toEqual({ line: expect.any(String) as string, input: 'users.csv', flags: JOB_FLAGS });
  });

  test('with rows to correct stays with the group, unless it is done and they are not of it', async () => {
    const where = ['dept=Sales', 'site=2'];
    expect(await next(group, { no: 9, fix: 1, yes: 90, leftOut: 90 })).toMatchObject({
      input: FAILED,
      flags: { where },
    });
    const counts = { no: 9, fix: 2, yes: 89, leftOut: 89, fixOutside: 1 };
    expect(await next(group, counts)).toMatchObject({ input: FAILED, flags: { where } });
    const meant = await next(group, { ...counts, fixOutside: 2 });
    expect(meant).toEqual({ line: expect.any(String) as string, input: FAILED, flags: JOB_FLAGS });
    expect(await next(group, { ...counts, fixOutside: 2, leftOut: 88 })).toMatchObject({ flags: { where } });
  });

  test('a row in doubt outside of the group does not hold everybody up', async () => {
    // That one is left out too, and stays in doubt.
    const { summary } = pilotOf([
      { settlement: aSettlement({ outcome: 'unknown' }), isLeftOut: true },
      { settlement: aSettlement({ outcome: 'not_sent' }), isLeftOut: true },
    ]);
    expect(summary).toMatchObject({ leftOut: 2, byRetry: { yes: 2 } });
    const { flags } = await parse(group);
    const line = toNextCommand({ flags, input: 'users.csv', files: { failed: FAILED } }, summary, 'posix');
    expect(line).not.toContain('--where');
  });

  test('of what a rerun helps, it takes up rows whose user was mended, once nothing else is left', async () => {
    const words = [...JOB, '--only', 'yes'];
    expect((await next(words, { no: 1, yes: 1, fix: 1 }))?.flags).toEqual({ ...JOB_FLAGS, only: 'yes' });
    expect((await next(words, { no: 1, fix: 1 }))?.flags).toEqual(JOB_FLAGS);
  });

  test('of some rows of a group it is the whole group, and only then everybody', async () => {
    const words = [...JOB, '--where', 'dept=Sales', '--limit', '5'];
    expect((await next(words, { no: 5, yes: 95, leftOut: 95 }))?.flags).toEqual({ ...JOB_FLAGS, where: 'dept=Sales' });
  });
});

describe('after a run that was stopped', () => {
  const stops: readonly StopKind[] = ['stopped', 'person', 'locked', 'interrupted', 'terminated', 'bug'];

  test.each(stops)('(%s) it is the same command', async (stop) => {
    const meant = await next([...JOB, '--where', 'a=b', '--only', 'yes'], { stop, yes: 3, fix: 1, leftOut: 3 });
    expect(meant).toMatchObject({ input: 'users.csv', flags: { ...JOB_FLAGS, where: 'a=b', only: 'yes' } });
  });

  test('a pilot sends no more rows than it was to send', async () => {
    const words = [...JOB, '--limit', '20'];
    const counts = { stop: 'interrupted', no: 12 + 7 + 2, carried: 7, duplicate: 2, yes: 80 } as const;
    expect((await next(words, counts))?.flags).toEqual({ ...JOB_FLAGS, limit: '8' });
    expect((await next(words, { ...counts, no: 20 + 7 + 2 }))?.flags).toEqual(JOB_FLAGS);
  });

  test('standard input is read from where it was copied to', async () => {
    const words = ['run', '-', '--name', 'users', '--out-dir', 'out'];
    const meant = await next(words, { stop: 'interrupted', yes: 1 }, 'out/users.csv');
    expect(meant).toMatchObject({ input: 'out/users.csv', flags: { name: 'users', 'out-dir': 'out' } });
  });
});

describe('names', () => {
  test('that a shell or yargs would take for something else come through', async () => {
    const odd = ['--name=-x', '--signatures-dir', "o'brien's $HOME", '--where', `a="b c"`, `--admin="'quoted'"`];
    const meant = await next(['run', './-users.csv', ...odd], { stop: 'stopped', yes: 1 });
    expect(meant?.input).toBe('./-users.csv');
    expect(meant?.flags).toEqual({
      name: '-x',
      'signatures-dir': "o'brien's $HOME",
      where: `a="b c"`,
      admin: "'quoted'",
    });
  });

  test('that no line is sure to give have none', async () => {
    expect(await next(['run', 'two\nlines.csv'], { stop: 'stopped', yes: 1 })).toBeUndefined();
  });

  test('and values, whatever they are, mean the same to the parser', async () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from(`ab""''."'-=$\\é`)), minLength: 1, maxLength: 5 });
    const property = fc.asyncProperty(text, text, fc.array(text, { maxLength: 3 }), async (input, name, where) => {
      const words = [`--name=${name}`, ...where.map((value) => `--where=${value}`), '--json', `./${input}`];
      const { flags, input: typed } = await parse(['run', ...words]);
      const meant = await next(['run', ...words], { stop: 'interrupted', yes: 1 });
      const { name: typedName, where: typedWhere, json } = flags;
      expect(meant?.input).toBe(typed);
      expect(meant?.flags).toEqual({ name: typedName, json, ...(typedWhere !== undefined && { where: typedWhere }) });
    });
    await fc.assert(property, { numRuns: 30 });
  });
});

test('no flag takes a secret: a command line shows them to everybody on the machine', () => {
  // What a secret is set by names its file; the address of the server can't hold a password (server-settings).
  for (const setting of Object.values(SETTINGS)) {
    if (setting.kind === 'secret') expect(setting.flag).toMatch(/-file$/);
  }
});

describe('after a run of a shard', () => {
  const after = (words: readonly string[], counts: Counts): Promise<string | undefined> =>
    parse([...JOB, ...words]).then(({ flags, input }) =>
      toNextCommand({ flags, input, files: { failed: FAILED }, shard: { index: 3, count: 8 } }, ended(counts), 'posix'),
    );

  test.each([{ stop: 'stopped' as const, yes: 2 }, { yes: 1 }, { yes: 2, leftOut: 1, fix: 4 }])(
    'what is left of it is run as that shard, wherever: %j',
    async (counts) => {
      const line = await after(['--shard', 'auto', '--take-lock'], counts);
      expect(line).toMatch(/^centagate-provision run users\.csv --config job\.yaml .* --shard 3\/8$/);
      expect(line).not.toContain('take-lock');
    },
  );
});

describe('what was typed to undo', () => {
  const typed = { input: 'users.results.csv', flags: { how: 'unregister', yes: true, 'take-lock': true } };

  test('is said as it was, and repeated without what was meant for that one time', () => {
    expect(toTypedCommand(typed, 'posix', 'undo')).toBe(
      'centagate-provision undo users.results.csv --how unregister --yes --take-lock',
    );
    expect(toNextUndo(typed, 'posix')).toBe('centagate-provision undo users.results.csv --how unregister --yes');
  });

  test('is not to be repeated where that would undo more', () => {
    expect(toNextUndo({ ...typed, flags: { limit: '20' } }, 'posix')).toBeUndefined();
  });
});

test('rows that undo took back need no correction: nothing is typed for them', () => {
  const undone = { ...ended({ fix: 2, no: 1 }) };
  const summary = { ...undone, byOutcome: { ...undone.byOutcome, undone: 2 } };
  const typed = { flags: {}, input: 'users.csv', files: { failed: FAILED } };
  expect(toNextCommand(typed, summary, 'posix')).toBeUndefined();
});
describe('when nothing of a shard is left to it', () => {
  test('a merge is next, with what it takes of the flags', async () => {
    const { flags, input } = await parse([...JOB, '--shard', '3/8', '--take-lock']);
    const line = 'centagate-provision merge users.csv --config job.yaml --out-dir out';
    const typed = { flags, input, files: { failed: FAILED }, shard: { index: 3, count: 8 } };
    expect(toNextCommand(typed, ended({ no: 4, fix: 1 }), 'posix')).toBe(line);
    expect(toMergeCommand(typed, 'posix')).toBe(line);
  });
});

describe('after a merge', () => {
  async function after(words: readonly string[], counts: Counts): Promise<string | undefined> {
    const { flags } = await parse(['run', ...words]);
    const typed = { flags, files: { failed: FAILED }, server: 'https://centagate.example', admin: 'alice' };
    return toNextAfterMerge(typed, ended(counts), 'posix');
  }

  test('what is left is run, by what the merge was told, or else by what the shards were', async () => {
    expect(await after(['users.csv', '--config', 'job.yaml', '--take-lock'], { yes: 1 })).toBe(
      `centagate-provision run ${FAILED} --config job.yaml`,
    );
    expect(await after(['users.csv', '--out-dir', 'out'], { fix: 1 })).toBe(
      `centagate-provision run ${FAILED} --server https://centagate.example --admin alice --out-dir out`,
    );
    expect(await after(['users.csv'], { no: 3 })).toBeUndefined();
  });

  test('it is told of as it was typed', async () => {
    const command = await parseArguments(['merge', 'users.csv', '--json']);
    if (command.name !== 'merge') throw new Error(`${command.name} is no merge`);
    expect(toTypedCommand(command, 'posix', 'merge')).toBe('centagate-provision merge users.csv --json');
  });
});
