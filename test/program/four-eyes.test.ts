import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/manifest/manifest.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { Openssl } from '../simulator/openssl.js';
import { environmentOf } from '../support/account.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';

const SESSION = { admin: 'admin', authToken: 'auth-token', secretCode: 'secret-code' };
const openssl = new Openssl();
const owner = openssl.makeOwner('ec-p256', ['-subj', '/CN=Second Person']);
const other = openssl.makeOwner('ec-p256');

let folder: string;
let simulator: Simulator;
beforeAll(
  async () => void (simulator = await startSimulator({ ...SESSION, seed: 1, script: { ben: ['10004', 'ok'] } })),
);
afterAll(async () => {
  await simulator.close();
  openssl.remove();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eyes-'));
  writeFileSync(path('users.csv'), 'username,token_type\nann,otp\nben,otp\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
const run = (...flags: readonly string[]): Promise<Ended> =>
  runProgram(['run', path('users.csv'), ...flags], environmentOf(simulator.url, SESSION));

function lastManifest(): Manifest | undefined {
  return (JSON.parse(readFileSync(path('users.manifest.json'), 'utf8')) as Manifest[]).at(-1);
}

async function totals(): Promise<string> {
  const { stdout, exitCode } = await runProgram(['validate', path('users.csv'), '--control-totals']);
  expect(exitCode).toBe(0);
  return stdout;
}

function approve(text: string, by = owner): readonly string[] {
  const signed = ['-signer', by.cert, '-inkey', by.key, '-nodetach', '-outform', 'PEM'];
  const approval = openssl.run('cms', '-sign', '-binary', '-in', openssl.file(text), ...signed);
  writeFileSync(path('users.approval'), approval);
  return ['--approval', path('users.approval'), '--approvers', owner.cert];
}

describe('a run that somebody else has looked at', () => {
  it('goes by digest and rows, and sends nothing when one of them differs', async () => {
    const [, sha256 = ''] = /^sha256 (\w+)$/m.exec(await totals()) ?? [];
    const before = simulator.sends.length;
    const refused = await run('--expect-sha256', 'ab'.repeat(32), '--expect-rows', '3');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain(`sha256 is ${sha256}, and not abab`);
    expect(refused.stderr).toContain('rows is 2, and not 3');
    expect(simulator.sends).toHaveLength(before);
    expect((await run('--expect-sha256', sha256.toUpperCase(), '--expect-rows', '2')).exitCode).toBe(0);
    expect(lastManifest()?.approval).toBeNull();
  });

  it('goes by a signed approval, which stands in the manifest', async () => {
    expect((await run(...approve(await totals()))).exitCode).toBe(0);
    expect(lastManifest()?.approval).toMatchObject({ signed_by: 'CN=Second Person' });
    writeFileSync(path('users.csv'), 'username,token_type\nann,otp\nbea,otp\n');
    const refused = await run('--approval', path('users.approval'), '--approvers', owner.cert);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/hash_total is \d+, and not \d+, as .*users\.approval says/);
  });

  it.each([
    ['of somebody who is not trusted', async () => approve(await totals(), other), 'leads to none of --approvers'],
    ['of something else', () => Promise.resolve(approve('yes\n')), 'does not hold control totals'],
    [
      'that is not there',
      () => Promise.resolve(['--approval', 'none', '--approvers', owner.cert]),
      'none does not exist',
    ],
    ['without approvers', () => Promise.resolve(['--approval', 'none']), 'needs --approvers with it'],
  ])('is refused an approval %s', async (_, flags, says) => {
    const before = simulator.sends.length;
    const refused = await run(...(await flags()));
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining(says)]);
    expect(simulator.sends).toHaveLength(before);
  });
});

describe('the log of all sends', () => {
  const logged = (): string[][] => parse(readFileSync(path('users.attempts.csv'), 'utf8'));

  it('has every send of each run since somebody asked for it, and is proved with the other files', async () => {
    const before = simulator.sends.length;
    await run('--attempt-log');
    const [header = [], ...lines] = logged();
    expect(lines).toHaveLength(simulator.sends.length - before);
    expect(lines.map((cells) => cells[header.indexOf('username')]).sort()).toContain('ann');
    writeFileSync(path('users.csv'), 'username,token_type\nann,otp\nben,otp\ncho,otp\n');
    await run();
    expect(
      logged()
        .slice(1)
        .map((cells) => cells[1]),
    ).toContain('cho');
    expect(new Set(logged().map(([runId]) => runId)).size).toBe(3);
    expect(readFileSync(path('users.SHA256SUMS'), 'utf8')).toContain('users.attempts.csv');
    expect((await runProgram(['audit', path('users.results.csv')])).exitCode).toBe(0);
  });

  it('is not written when nobody asks for it', async () => {
    await run();
    expect(lastManifest()?.attempts).toBeNull();
  });
});
