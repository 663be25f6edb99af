import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunReport } from '../../src/report/run-report.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { GIVEN, SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { PROGRAM } from '../support/program.js';

/* What the program prints at its end, pasted into a shell as it is. */

const FOLDER = `it's "my" $HOME`;
let lab: Lab;
let simulator: Simulator;

beforeEach(async () => {
  lab = new Lab();
  simulator = await startSimulator({ ...SESSION, script: { bob: ['22002'] } });
  mkdirSync(lab.path('bin'));
  lab.file('bin/centagate-provision', `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  chmodSync(lab.path('bin/centagate-provision'), 0o755);
  mkdirSync(lab.path(FOLDER));
  mkdirSync(lab.path('-out'));
  lab.file('-job.yaml', `server: ${simulator.url}\nadmin: ${SESSION.admin}\n`);
});
afterEach(async () => {
  await simulator.close();
  lab.remove();
});

/** Types a line where the job lies; no setting is there but what the line names, and the session. */
async function type(line: string): Promise<{ readonly exitCode: number; readonly stdout: string }> {
  const env = { ...GIVEN, PATH: `${lab.path('bin')}${delimiter}${process.env['PATH'] ?? ''}` };
  return new Promise((resolve) => {
    const child = execFile('sh', ['-c', line], { cwd: lab.folder, env }, (_, stdout) =>
      resolve({ exitCode: child.exitCode ?? -1, stdout }),
    );
  });
}

function nextIn(stdout: string): string {
  return /(?:Next|Go on with)[^:]*: (centagate-provision .+)$/m.exec(stdout)?.[1] ?? 'no next command';
}

function readReport(path: string): RunReport {
  return JSON.parse(readFileSync(lab.path(path), 'utf8')) as RunReport;
}

it('does the rest of the job, whatever the names', async () => {
  lab.file(`${FOLDER}/-users;.csv`, 'username,token_type,dept\nann,otp,IT\nbob,otp,IT\ncid,otp,HR\ndee,otp,HR\n');
  const flags = `--config=-job.yaml --out-dir=-out --where dept=IT --fresh`;
  const pilot = await type(`centagate-provision run '${FOLDER.replace("'", `'\\''`)}/-users;.csv' ${flags}`);
  expect(pilot.exitCode).toBe(3);
  const first = readReport('-out/-users;.summary.json');
  expect(nextIn(pilot.stdout)).toBe(first.next_command);
  expect(first.outcomes).toMatchObject({ registered: 1, refused: 1, not_sent: 2 });
  // The group first, whose user is there by now; then everybody.
  const group = await type(nextIn(pilot.stdout));
  expect(readReport('-out/-users;.summary.json').outcomes).toMatchObject({ registered: 2, not_sent: 2 });
  const all = await type(nextIn(group.stdout));
  expect([all.exitCode, nextIn(all.stdout)]).toEqual([0, 'no next command']);
  const last = readReport('-out/-users;.summary.json');
  expect([last.next_command, last.settings]).toEqual([null, { ...first.settings, fresh: false }]);
  const rows: { username: string; attempts: string }[] = parse(readFileSync(lab.path('-out/-users;.results.csv')), {
    columns: true,
  });
  expect(rows.map(({ username, attempts }) => `${username} ${attempts}`)).toEqual(['ann 1', 'bob 2', 'cid 1', 'dee 1']);
});

it('goes on from where standard input was copied to', async () => {
  const input = `printf 'username,token_type\\nann,otp\\nbob,otp\\n'`;
  const typed = await type(`${input} | centagate-provision run - --name '$users' --out-dir=-out --config ./-job.yaml`);
  expect(typed.exitCode).toBe(1);
  const again = await type(nextIn(typed.stdout));
  expect(again.exitCode).toBe(0);
  expect(simulator.sends.map(({ username }) => username)).toEqual(['ann', 'bob', 'bob']);
});
