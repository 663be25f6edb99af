import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';

const ENV = {
  // Nobody listens there: a dry run that asked anybody would say so.
  CENTAGATE_SERVER: 'http://127.0.0.1:9',
  CENTAGATE_ADMIN: 'admin',
  CENTAGATE_AUTH_TOKEN: 'auth-token-of-dry-runs',
  CENTAGATE_SECRET_CODE: 'secret-code-of-dry-runs',
};

let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

describe('a dry run', () => {
  it('writes nothing, asks nobody, and says nothing secret', async () => {
    lab.file('users.csv', 'username,token_type\nann,otp\n');
    const { exitCode, stdout, stderr } = await runProgram(['run', lab.path('users.csv'), '--dry-run'], ENV);
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain('A run would send 1 OTP row to http://127.0.0.1:9/CentagateWS/');
    expect(stdout).not.toMatch(/of-dry-runs/);
    expect(readdirSync(lab.folder)).toEqual(['users.csv']);
  });

  it('shows the first two rows of each token type that would be sent', async () => {
    lab.file('users.csv', `username,token_type\n,otp\n${[1, 2, 3, 4].map((user) => `user${user},otp\n`).join('')}`);
    const { stdout } = await runProgram(['run', lab.path('users.csv'), '--dry-run'], ENV);
    expect(stdout.match(/^Line \d+:$/gm)).toEqual(['Line 3:', 'Line 4:']);
    expect(stdout).toContain('A run would send 4 OTP rows');
  });

  it('of a file that breaks says that nothing would be sent', async () => {
    lab.file('users.csv', 'username,token_type\nann,otp\n"ben,otp\n');
    const { exitCode, stdout } = await runProgram(['run', lab.path('users.csv'), '--dry-run'], ENV);
    expect(exitCode).toBe(2);
    expect(stdout).toContain('A run would send nothing.');
    expect(stdout).not.toContain('Line 2');
  });

  it('needs its input as a file, and the settings of the run', async () => {
    const standardInput = await runProgram(['run', '-', '--dry-run', '--name', 'users', '--out-dir', lab.folder], ENV);
    expect(standardInput.exitCode).toBe(2);
    expect(standardInput.stderr).toContain('a dry run reads its input more than once');
    const unset = await runProgram(['run', lab.path('users.csv'), '--dry-run'], {});
    expect(unset.stderr).toContain('--server or CENTAGATE_SERVER is missing');
  });

  it('gives the file back with its problems, as validate does', async () => {
    lab.file('users.csv', 'username,token_type\nann,card\n');
    await runProgram(['run', lab.path('users.csv'), '--dry-run', '--annotate', lab.path('out.csv')], ENV);
    expect(readdirSync(lab.folder)).toEqual(['out.csv', 'users.csv']);
  });
});
