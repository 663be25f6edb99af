import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Manifest } from '../../src/manifest/manifest.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { environmentOf, SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';

/* What proves a run that was killed: the same as of any other, made from its journal by whoever completes it. */

const CARDS = join(import.meta.dirname, '../../samples/signatures/finance');
const SIGNED = { ben: 'aisyah.rahman.p7s', cem: 'priya.nair.p7s', dan: 'pedro.silva.p7s' };
const KILLED_AT = 2;

let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

it('has its signatures in its manifest, and its sends in the attempt log', async () => {
  const [folder, killed] = [lab.path('job'), lab.path('killed')];
  mkdirSync(folder, { mode: 0o700 });
  cpSync(CARDS, folder, { recursive: true });
  const rows = Object.entries(SIGNED).map(([username, path]) => `${username},pki,${path},2`);
  writeFileSync(join(folder, 'users.csv'), ['username,token_type,signature_path,status', ...rows].join('\n'));
  // What a kill at this moment leaves: the second send has left, and nothing of it is known.
  const onSend = ({ n }: { readonly n: number }): void => {
    if (n === KILLED_AT) cpSync(folder, killed, { recursive: true, preserveTimestamps: true });
  };
  const simulator = await startSimulator({ ...SESSION, onSend });
  try {
    const env = environmentOf(simulator.url, SESSION);
    const flags = ['--attempt-log', '--concurrency', '1'];
    expect((await runProgram(['run', join(folder, 'users.csv'), ...flags], env)).exitCode).toBe(0);
    // Who goes on asks for no log: one that was begun has all sends.
    await runProgram(['run', join(killed, 'users.csv'), '--concurrency', '1'], env);
    const audited = await runProgram(['audit', join(killed, 'users.results.csv')]);
    expect([audited.exitCode, audited.stdout]).toEqual([0, expect.stringContaining('are as they were')]);
  } finally {
    await simulator.close();
  }
  const [first] = JSON.parse(readFileSync(join(killed, 'users.manifest.json'), 'utf8')) as Manifest[];
  const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
  // Which row is ready first is not said; the digest is in the order of the results.
  const [answered = '', cutOff = ''] = simulator.sends.map(({ username }) => username);
  const lines = Object.entries(SIGNED)
    .filter(([username]) => [answered, cutOff].includes(username))
    .map(([, name]) => `${sha256(readFileSync(join(CARDS, name)))}  ${name}\n`);
  expect(first?.signatures).toMatchObject({ count: KILLED_AT, sha256: sha256(lines.join('')) });
  const sends: Record<string, string>[] = parse(readFileSync(join(killed, 'users.attempts.csv')), { columns: true });
  const ofKilled = sends.filter(({ run_id }) => run_id === first?.run_id);
  // Over which connection the last one left died with the run.
  expect(ofKilled.map(({ username, outcome, connection }) => [username, outcome, connection])).toEqual([
    [answered, 'registered', '1'],
    [cutOff, 'unknown', ''],
  ]);
  expect(new Set(sends.map(({ username }) => username))).toEqual(new Set(Object.keys(SIGNED)));
});
