import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { Openssl } from '../simulator/openssl.js';
import { environmentOf } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';

const SESSION = { admin: 'admin', authToken: 'auth', secretCode: 'code' };
const openssl = new Openssl();
let lab: Lab;
let inputs = 0;
let simulator: Simulator;

beforeAll(async () => {
  lab = new Lab();
  simulator = await startSimulator(SESSION);
  for (const [user, subject, ...more] of [
    ['alice', '/O=ACME/CN=Alice Smith'],
    ['bob', '/O=ACME/CN=Bob Smith'],
    ['carl', '/O=ACME/CN=Card 12', '-addext', 'subjectAltName=email:carl.smith@acme.example'],
    [
      'dora',
      '/O=ACME/CN=Card 13',
      '-addext',
      'subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:dora.smith@acme.example',
    ],
    ['eve', '/O=ACME/CN=Card 14'],
    ['fay', '/O=ACME/CN=Card 15'],
    ['aisyah', '/O=ACME/CN=Aisyah Rahman'],
    ['badrul', '/O=ACME/CN=ISMAIL, Badrul'],
  ] as const) {
    writeFileSync(lab.path(`${user}.p7s`), openssl.sign(openssl.makeOwner('ec-p256', ['-subj', subject, ...more])));
  }
});
afterAll(async () => {
  await simulator.close();
  openssl.remove();
  lab.remove();
});

/** An input by which these users have these files, in their order. */
function input(...files: readonly string[]): string {
  const rows = ['alice', 'bob', 'carl', 'dora', 'eve', 'fay'].map(
    (name, at) => `${name}.smith,pki,${files[at]}.p7s,2\n`,
  );
  return lab.file(`users-${(inputs += 1)}.csv`, `username,token_type,signature_path,status\n${rows.join('')}`);
}

const run = (csv: string, ...more: readonly string[]) =>
  runProgram(['run', csv, '--fresh', '--no-preflight', ...more], environmentOf(simulator.url, SESSION));
const errorsOf = (stdout: string): string[] => stdout.split('\n').filter((line) => line.includes(': error: '));

test('the files of two people that got exchanged are an error of both, though all share a word', async () => {
  const csv = input('bob', 'alice', 'dora', 'carl', 'eve', 'fay');
  const { stdout, exitCode } = await runProgram(['validate', csv, '--all']);
  expect(exitCode).toBe(1);
  expect(errorsOf(stdout).map((line) => /:(\d+): .*of line (\d+);/.exec(line)?.slice(1))).toEqual([
    ['2', '3'],
    ['3', '2'],
    ['4', '5'],
    ['5', '4'],
  ]);
  const sends = simulator.sends.length;
  expect((await run(csv)).exitCode).toBe(1);
  expect(simulator.sends.slice(sends).map(({ username }) => username)).toEqual(['eve.smith', 'fay.smith']);
});

test('so are those of people whose usernames put their names short, and theirs in their places pass', async () => {
  const validate = (...files: readonly string[]) => {
    const rows = ['arahman', 'ismail.b'].map((name, at) => `${name},pki,${files[at]}.p7s,2\n`);
    return runProgram([
      'validate',
      lab.file('short.csv', `username,token_type,signature_path,status\n${rows.join('')}`),
    ]);
  };
  const { stdout } = await validate('badrul', 'aisyah');
  expect(errorsOf(stdout).map((line) => /:(\d+): .*of line (\d+);/.exec(line)?.slice(1))).toEqual([
    ['2', '3'],
    ['3', '2'],
  ]);
  const right = await validate('aisyah', 'badrul');
  expect(right.exitCode, right.stdout).toBe(0);
});

test('a list that is off by one is one error a row, wherever the other user stands', async () => {
  const { stdout } = await runProgram(['validate', input('bob', 'carl', 'dora', 'eve', 'fay', 'alice'), '--all']);
  expect(errorsOf(stdout).map((line) => /:(\d+): /.exec(line)?.[1])).toEqual(['2', '3', '4', '7']);
});

test('what is kept back is kept back again by the failed file, where nobody else stands any more', async () => {
  const csv = input('bob', 'bob', 'carl', 'dora', 'eve', 'fay');
  expect((await run(csv)).exitCode).toBe(1);
  const sends = simulator.sends.length;
  const again = await runProgram(
    ['run', csv.replace('.csv', '.failed.csv'), '--no-preflight'],
    environmentOf(simulator.url, SESSION),
  );
  expect([again.exitCode, simulator.sends.length - sends]).toEqual([1, 0]);
  const results = csv.replace('.csv', '.results.csv');
  expect(readFileSync(results, 'utf8')).toContain(`who is the user of line 3 of ${results}; name the right file`);
});

test('what is unlike is told once, and counted', async () => {
  const { stdout, exitCode } = await runProgram(['validate', input('alice', 'bob', 'eve', 'fay', 'eve', 'fay')]);
  expect(exitCode).toBe(0);
  expect(stdout.split('\n').filter((line) => line.includes('which is unlike'))).toHaveLength(1);
  expect(stdout).toMatch(/other subject +│ warning +│ +4 │/);
});

test('somebody may mean it all the same, and the results say so', async () => {
  const csv = input('bob', 'alice', 'carl', 'dora', 'eve', 'fay');
  expect((await runProgram(['validate', csv, '--allow', 'other-signers'])).exitCode).toBe(0);
  const { exitCode, stdout } = await run(csv, '--allow', 'other-signers');
  expect(exitCode).toBe(0);
  expect(stdout).toContain("allowed: other-signers: one person's token may be registered to another");
});
