// A rehearsal that anyone can watch: the simulator with a few faults, the job on department.csv, and what came out.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { join, relative } from 'node:path';

const samples = fileURLToPath(new URL('.', import.meta.url));
const bin = join(samples, '../dist/program/bin.js');
const folder = join(samples, '../demo');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
cpSync(join(samples, 'department.csv'), join(folder, 'department.csv'));

const faults = ['10004=0.05', 'reset-after=0.03', '503=0.03'].flatMap((fault) => ['--fault', fault]);
const users = ['--users', join(samples, 'users.csv')];
const simulator = spawn(process.execPath, [bin, 'simulate', '--latency', '20', '--seed', '7', ...users, ...faults], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const settings = await new Promise((resolve, reject) => {
  let text = '';
  simulator.once('exit', () => reject(new Error('the simulator ended before it listened')));
  simulator.stdout.on('data', (chunk) => {
    text += chunk;
    // On Windows they are for PowerShell.
    const settings = text.matchAll(/(?:export |\$env:)(\w+) ?= ?'(.*)'/g);
    if (text.includes('# The simulator listens')) resolve([...settings]);
  });
});
// What a shell has set for a job of its own is not for this one.
const others = Object.entries(process.env).filter(([name]) => !name.startsWith('CENTAGATE_'));
const env = Object.fromEntries([...others, ...settings.map(([, name, value]) => [name, value])]);
try {
  const job = spawn(process.execPath, [bin, 'run', join(folder, 'department.csv'), '--signatures-dir', samples], {
    stdio: 'inherit',
    env,
  });
  const [exitCode] = await once(job, 'exit');
  console.log(`The job ended with exit code ${exitCode}. Look at:`);
  for (const name of readdirSync(folder).sort()) {
    const lines = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').length;
    console.log(`  ${join(relative(process.cwd(), folder), name)}  (${lines} lines)`);
  }
} finally {
  simulator.kill('SIGTERM');
  await once(simulator, 'exit');
}
