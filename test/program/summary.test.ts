import { hostname, userInfo } from 'node:os';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/report/run-report.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { runProgram } from '../support/program.js';

/* What somebody finds out who was not there, and has the summary alone. */

const SESSION = { admin: 'mia', authToken: 'the-auth-token-of-the-test', secretCode: 'the-secret-code-of-the-test' };
const INPUT = [
  'username,token_type,department',
  'ann,otp,Finance',
  'bob,otp,Finance',
  'ann,pki,Finance',
  'cem,otp,Legal',
].join('\n');

let folder: string;
let simulator: Simulator;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'summary-'));
  simulator = await startSimulator({ ...SESSION, seed: 1, script: { bob: ['22002'] } });
  writeFileSync(join(folder, 'users.csv'), INPUT);
});

afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

async function run(words: readonly string[]): Promise<RunReport> {
  await runProgram(['run', ...words], {
    CENTAGATE_SERVER: simulator.url,
    CENTAGATE_ADMIN: SESSION.admin,
    CENTAGATE_AUTH_TOKEN: SESSION.authToken,
    CENTAGATE_SECRET_CODE: SESSION.secretCode,
  });
  return JSON.parse(readFileSync(join(folder, 'users.summary.json'), 'utf8')) as RunReport;
}

describe('the summary alone', () => {
  it('tells who ran what where, and over which bytes', async () => {
    const input = join(folder, 'users.csv');
    const report = await run([input, '--concurrency', '2']);
    expect(report.made_by).toMatchObject({
      command: `centagate-provision run ${input} --concurrency 2`,
      host: hostname(),
      system_user: userInfo().username,
      node: process.version,
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
    expect(report.made_by?.program).toMatch(/^centagate-provision \d+\.\d+\.\d+/);
    expect(report.input_bytes).toBe(INPUT.length);
    expect(report.input_sha256).toBe(createHash('sha256').update(INPUT).digest('hex'));
    expect(report.input_rows).toBe(4);
    expect(report.pace.latency_ms?.median).toBeGreaterThan(0);
  });

  it('tells of people beside rows, one with two tokens is one person, and of connections', async () => {
    const report = await run([join(folder, 'users.csv'), '--concurrency', '1']);
    expect(report.connections).toEqual({ tried: 1, failed: 0 });
    expect(report.outcomes).toMatchObject({ registered: 2, refused: 1, invalid: 1 });
    expect(report.people).toEqual({ all: 3, done: 1, left: 2, with_token: 2 });
  });

  it('tells of each run which rows it was for, and what was set otherwise', async () => {
    const input = join(folder, 'users.csv');
    const first = await run([input, '--where', 'department=Finance', '--limit', '1']);
    expect(first.selection).toEqual({ where: ['department=Finance'], limit: 1 });
    const second = await run([input, '--concurrency', '3']);
    expect(second.selection).toEqual({});
    expect(second.changed_settings).toEqual({ limit: null, concurrency: 3 });
    expect(second.runs.map(({ selection, made_by }) => [selection, made_by?.command])).toEqual([
      [first.selection, `centagate-provision run ${input} --where department=Finance --limit 1`],
    ]);
    expect(second.history).toMatchObject({ runs: 2, first_started_at: first.started_at, sends: 3 });
  });

  it('never tells a secret', async () => {
    await run([join(folder, 'users.csv')]);
    const text = readFileSync(join(folder, 'users.summary.json'), 'utf8');
    expect(text).not.toContain(SESSION.authToken);
    expect(text).not.toContain(SESSION.secretCode);
  });
});
