import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentOf, SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';

/* Kills between any two changes of the disk, in this process: the folder is put back as it was at that moment. */

const disk = vi.hoisted<{ onChange: (what: string) => void }>(() => ({ onChange: () => undefined }));

vi.mock('node:fs', async (importActual) => {
  const actual = await importActual<typeof import('node:fs')>();
  const told =
    <Words extends readonly unknown[], Result>(call: string, change: (...words: Words) => Result) =>
    (...words: Words): Result => {
      disk.onChange(`${call} ${String(words[0])}`);
      return change(...words);
    };
  return {
    ...actual,
    writeSync: told('write', actual.writeSync),
    renameSync: told('rename', actual.renameSync),
    rmSync: told('remove', actual.rmSync),
    ftruncateSync: told('truncate', actual.ftruncateSync),
    mkdirSync: told('mkdir', actual.mkdirSync),
  };
});

const USERS = Array.from({ length: 12 }, (_, at) => `user-${at}`);

let lab: Lab;
let simulator: Simulator;
beforeEach(async () => {
  lab = new Lab();
  simulator = await startSimulator({ ...SESSION, script: { 'user-3': ['22002', '22002', '22002'] } });
});
afterEach(async () => {
  disk.onChange = () => undefined;
  await simulator.close();
  lab.remove();
});

function at(...names: string[]): string {
  return join(lab.folder, ...names);
}

function run(...words: string[]) {
  return runProgram(['run', at('now', 'users.csv'), '--attempt-log', ...words], environmentOf(simulator.url, SESSION));
}

function merge() {
  return runProgram(['merge', at('now', 'users.csv')]);
}

/** What a folder holds, but for times and digests of files that have some. */
function contents(): Record<string, string> {
  const names = readdirSync(at('now'), { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => /\.(csv|json)$|SHA256SUMS$/.test(name) && !name.endsWith('.lock'));
  return Object.fromEntries(
    files.map((name) => [
      name,
      readFileSync(at('now', name), 'utf8')
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
        .replaceAll(/"duration_ms": ?\d+/g, 'DURATION')
        .replaceAll(/(users\.summary\.json","bytes":)\d+/g, '$1SIZE')
        .replaceAll(/[0-9a-f]{64}/g, 'DIGEST'),
    ]),
  );
}

function swap(from: string): void {
  rmSync(at('now'), { recursive: true, force: true });
  cpSync(at(from), at('now'), { recursive: true });
}

it('a merge that is killed at any moment is made whole by its repetition, and changes nothing else', async () => {
  mkdirSync(at('now'));
  writeFileSync(
    at('now', 'users.csv'),
    ['username,token_type', ...USERS.slice(0, 4).map((user) => `${user},otp`)].join('\n'),
  );
  await run();
  writeFileSync(at('now', 'users.csv'), ['username,token_type', ...USERS.map((user) => `${user},otp`)].join('\n'));
  for (const index of [0, 1, 2]) expect([0, 1]).toContain((await run('--shard', `${index}/3`)).exitCode);
  cpSync(at('now'), at('before'), { recursive: true });

  const changes: string[] = [];
  disk.onChange = (what) => changes.push(what);
  const whole = await merge();
  disk.onChange = () => undefined;
  expect([whole.exitCode, changes.length > 20]).toEqual([1, true]);
  const merged = contents();
  const audit = await runProgram(['audit', at('now', 'users.results.csv')]);
  expect(audit.stdout).not.toMatch(/^BAD/m);

  for (let killed = 0; killed < changes.length; killed += 1) {
    swap('before');
    let change = 0;
    disk.onChange = () => {
      if (change === killed) {
        rmSync0(at('killed'));
        cpSync(at('now'), at('killed'), { recursive: true });
      }
      change += 1;
    };
    await merge();
    disk.onChange = () => undefined;
    swap('killed');
    // Its process is gone.
    rmSync(at('now', 'users.lock'), { force: true });
    const again = await merge();
    expect([changes[killed], again.exitCode, again.stderr]).toEqual([
      changes[killed],
      1,
      expect.not.stringContaining('bug'),
    ]);
    expect(contents()).toEqual(merged);
    expect(readdirSync(at('now')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  }
});

/** Not told: it is the test's own. */
function rmSync0(path: string): void {
  const { onChange } = disk;
  disk.onChange = () => undefined;
  rmSync(path, { recursive: true, force: true });
  disk.onChange = onChange;
}
