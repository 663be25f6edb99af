import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import { environmentOf } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { PROGRAM } from '../support/program.js';

const SESSION = { admin: 'admin', authToken: 'auth', secretCode: 'code' };
const ROWS = 200;

// Elsewhere the system does not tell a process its limit.
it.skipIf(process.platform !== 'linux')(
  'a run that may open 45 files ends well, whatever it was told to do at once',
  async () => {
    const lab = new Lab();
    const simulator = await startSimulator({ ...SESSION, latencyMs: 5 });
    const rows = Array.from({ length: ROWS }, (_, at) => `user${at},otp\n`);
    lab.file('users.csv', `username,token_type\n${rows.join('')}`);
    const env = { PATH: process.env['PATH'], ...environmentOf(simulator.url, SESSION) };
    const line = `ulimit -n 45; exec "${process.execPath}" "${PROGRAM}" run users.csv --concurrency 64`;
    const run = spawn('sh', ['-c', line], { cwd: lab.folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
    try {
      const [said] = await Promise.all([text(run.stderr), once(run, 'close')]);
      expect(run.exitCode).toBe(0);
      expect(said).toMatch(/may have 45 files open at a time \(ulimit -n\): \d at once instead of 64/);
      expect(said).not.toContain('the server is away');
      expect(simulator.sends).toHaveLength(ROWS);
      expect(readFileSync(lab.path('users.results.csv'), 'utf8').match(/,registered,/g)).toHaveLength(ROWS);
    } finally {
      await simulator.close();
      lab.remove();
    }
  },
);
