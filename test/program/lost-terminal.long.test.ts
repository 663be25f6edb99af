import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import { environmentOf } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { PROGRAM } from '../support/program.js';

const SESSION = { admin: 'admin', authToken: 'auth', secretCode: 'code' };
const ROWS = 30;
// util-linux gives a command a terminal of its own; that of BSD takes other words.
const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

it.skipIf(!hasScript)('goes on to its end, with its own exit code, when its terminal goes away', async () => {
  const lab = new Lab();
  const rows = Array.from({ length: ROWS }, (_, at) => `user${at},otp\n`);
  lab.file('users.csv', `username,token_type\n${rows.join('')}`);
  let closeTerminal = (): void => undefined;
  const simulator = await startSimulator({ ...SESSION, latencyMs: 20, onSend: () => closeTerminal() });
  // The shell tells the code when its own parent is gone; what it ignores, Node does not.
  const program = `"${process.execPath}" "${PROGRAM}" run users.csv --no-preflight --concurrency 1`;
  const line = `trap '' HUP; ${program}; echo "ended $?" > code`;
  const env = { PATH: process.env['PATH'], ...environmentOf(simulator.url, SESSION) };
  const terminal = spawn('script', ['-qec', line, '/dev/null'], { cwd: lab.folder, env, stdio: 'ignore' });
  closeTerminal = () => terminal.kill('SIGKILL');
  try {
    await once(terminal, 'exit');
    expect(simulator.sends.length).toBeLessThan(ROWS);
    const code = lab.path('code');
    await vi.waitFor(() => expect(existsSync(code) && readFileSync(code, 'utf8')).toBe('ended 0\n'), 30_000);
    expect(simulator.sends).toHaveLength(ROWS);
  } finally {
    await simulator.close();
    lab.remove();
  }
});
