import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/manifest/manifest.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { environmentOf } from '../support/account.js';
import { readDocument } from '../support/document.js';
import { runProgram } from '../support/program.js';

/** The second person, with the tools of an operating system and the commands of docs/proof.md. */
const SESSION = { admin: 'admin', authToken: 'auth-token', secretCode: 'secret-code' };
const PAGE = readDocument('docs/proof.md');

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proof-'));
  const simulator = await startSimulator({ ...SESSION, seed: 1 });
  const rows = Array.from({ length: 50 }, (_, at) => `user-${at},otp`);
  writeFileSync(join(folder, 'users.csv'), ['username,token_type', ...rows, 'çelik,otp', 'ann,fob', ''].join('\n'));
  for (let count = 0; count < 3; count += 1)
    await runProgram(['run', join(folder, 'users.csv')], environmentOf(simulator.url, SESSION));
  await simulator.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function manifests(): readonly Manifest[] {
  return JSON.parse(readFileSync(join(folder, 'users.manifest.json'), 'utf8')) as Manifest[];
}

/** Runs a command of the page in a shell; whatever is in it must be there to the letter. */
function shell(command: string): string {
  expect(PAGE).toContain(command);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
  expect([status, stderr === '' || status === 0]).toEqual([0, true]);
  return stdout;
}

function blockOf(language: string, part: string): string {
  const blocks = [...PAGE.matchAll(/```(\w+)\n([\s\S]*?)```/g)];
  return blocks.find(([, name, text = '']) => name === language && text.includes(part))?.[2] ?? '';
}

const totals = (): string => {
  const { rows, hash_total } = manifests().at(-1)!.results;
  return `${rows} ${hash_total}\n`;
};

describe('the second person', () => {
  it('checks the digests with sha256sum', () => {
    const said = execFileSync('sha256sum', ['-c', 'users.SHA256SUMS'], { cwd: folder, encoding: 'utf8' });
    expect(said.trim().split('\n')).toHaveLength(5);
    expect(said).not.toContain('FAILED');
  });

  it('finds the digest of a manifest in the next one', () => {
    const digest = shell("sed -n 3p users.manifest.json | sed 's/,$//' | tr -d '\\n' | sha256sum").split(' ')[0];
    expect(manifests()[2]?.previous).toBe(digest);
  });

  it('repeats the hash total in Python, over input and results', () => {
    writeFileSync(join(folder, 'total.py'), blockOf('python', 'hashlib'));
    for (const file of ['users.csv', 'users.results.csv']) {
      expect(execFileSync('python3', ['total.py', file], { cwd: folder, encoding: 'utf8' })).toBe(totals());
    }
  });

  it('repeats it with awk', () => {
    expect(shell(blockOf('sh', 'awk').trimEnd())).toBe(totals());
  });

  it('signs with openssl, and audit and openssl tell who did', async () => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem'];
    const request = ['req', '-x509', ...key, '-out', 'cert.pem', '-subj', '/CN=Second Person', '-days', '2'];
    execFileSync('openssl', request, { cwd: folder, stdio: 'ignore' });
    execFileSync('cp', ['cert.pem', 'ca.pem'], { cwd: folder });
    shell(
      'openssl cms -sign -binary -in users.SHA256SUMS -signer cert.pem -inkey key.pem -outform DER -out users.SHA256SUMS.p7s',
    );
    shell(
      'openssl cms -verify -binary -content users.SHA256SUMS -inform DER -in users.SHA256SUMS.p7s -CAfile ca.pem -out /dev/null',
    );
    const words = ['--signature', join(folder, 'users.SHA256SUMS.p7s'), '--trust', join(folder, 'ca.pem')];
    const audited = await runProgram(['audit', join(folder, 'users.results.csv'), ...words]);
    expect([audited.exitCode, audited.stdout]).toEqual([0, expect.stringContaining('signed by CN=Second Person')]);
    const sums = readFileSync(join(folder, 'users.SHA256SUMS'), 'utf8');
    writeFileSync(join(folder, 'users.SHA256SUMS'), sums.replace(/^./, 'f').replace(/^(.)./, '$10'));
    const touched = await runProgram(['audit', join(folder, 'users.results.csv'), ...words]);
    writeFileSync(join(folder, 'users.SHA256SUMS'), sums);
    expect([touched.exitCode, touched.stdout]).toEqual([1, expect.stringContaining('is not valid over its content')]);
  });

  it('signs with ssh-keygen, and whoever is allowed is known by it', () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', 'key'], { cwd: folder });
    const [type = '', digits = ''] = readFileSync(join(folder, 'key.pub'), 'utf8').split(' ');
    writeFileSync(join(folder, 'allowed'), `alice ${type} ${digits}\n`);
    shell('ssh-keygen -Y sign -f key -n centagate-provision users.SHA256SUMS');
    shell('ssh-keygen -Y verify -f allowed -I alice -n centagate-provision -s users.SHA256SUMS.sig < users.SHA256SUMS');
  });
});
