import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveSettings } from '../../src/cli/settings.js';
import { locateJob } from '../../src/commands/job.js';
import { runJob } from '../../src/commands/run-job.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { Lab } from '../io/lab.js';
import { hastyClock } from '../support/program.js';

const SESSION = { admin: 'root', authToken: 'auth-token', secretCode: 'secret-code' };
let lab: Lab;
let simulator: Simulator;

beforeEach(async () => {
  lab = new Lab();
  simulator = await startSimulator(SESSION);
});
afterEach(async () => {
  await simulator.close();
  lab.remove();
});

/** Runs users.csv; returns what is warned of. */
async function warningsOf(csv: string): Promise<string[]> {
  const env = {
    CENTAGATE_SERVER: simulator.url,
    CENTAGATE_ADMIN: SESSION.admin,
    CENTAGATE_AUTH_TOKEN: SESSION.authToken,
    CENTAGATE_SECRET_CODE: SESSION.secretCode,
  };
  const settings = await resolveSettings({ flags: {}, env });
  const warnings: string[] = [];
  const reporter = {
    note: () => undefined,
    warn: (text: string) => void warnings.push(text),
    progress: () => undefined,
    end: () => undefined,
  };
  const lock = { takenOver: undefined, onLost: () => undefined };
  const world = { settings, clock: hastyClock, env: {}, openReporter: () => reporter, lock, runId: 'this' };
  await runJob(locateJob(lab.file('users.csv', csv), settings), world);
  return warnings;
}

it('warns of a column that may be meant for what not every row needs', async () => {
  expect(await warningsOf('username,token_type,Signature File\nann,otp,\n')).toEqual([
    'no column is read as signature_path: if one of them is, give --map "signature_path=Signature File"',
  ]);
  expect(await warningsOf('username,token_type,signature_path\nann,otp,\n')).toEqual([]);
});
