import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import type { Reporter } from '../../src/report/reporter.js';
import { resolveSettings } from '../../src/settings/settings.js';
import { undoJob } from '../../src/undo/undo-job.js';
import type { UndoAsked, UndoEnd } from '../../src/undo/undo-job.js';
import { UsageError } from '../../src/core/usage-error.js';
import { locateResults } from '../../src/wiring/job.js';
import { aRunWorld } from '../support/run-world.js';
import { UndoWorld } from '../support/undo-world.js';

let world: UndoWorld;
/** What came in which order. */
const log: string[] = [];
afterEach(async () => {
  log.length = 0;
  await world.close();
});

const reporter: Reporter = {
  note: (_, text) => log.push(text),
  warn: (_, text) => log.push(`warning: ${text}`),
  progress: () => log.push('progress'),
  end: () => log.push('ended'),
};

async function undo(confirm: UndoAsked['confirm']): Promise<UndoEnd> {
  const settings = await resolveSettings({ flags: {}, env: world.env });
  const run = aRunWorld(settings, reporter);
  const openReporter = (rows: number): Reporter => {
    log.push(`opened for ${rows}`);
    return reporter;
  };
  const job = locateResults(world.lab.path('users.results.csv'), { allowed: [] });
  return undoJob(job, { ...run, openReporter }, { way: 'deactivate', otpType: '1', confirm });
}

it('draws no progress over the question, and asks before it does anything', async () => {
  world = await UndoWorld.open();
  const { survey, report } = await undo(() => {
    log.push('asked');
    expect([world.simulator.takenBack, existsSync(world.lab.path('users.journal'))]).toEqual([[], false]);
    return Promise.resolve();
  });
  expect(log.filter((step) => step !== 'progress')).toEqual([
    'opened for 0',
    'ended',
    'asked',
    'opened for 7',
    'ended',
  ]);
  expect(log.indexOf('progress')).toBeGreaterThan(log.indexOf('asked'));
  expect([survey.rows, report?.undo?.outcomes]).toEqual([4, { undone: 4 }]);
});

it('leaves all as it was when it is not meant', async () => {
  world = await UndoWorld.open();
  const before = readFileSync(world.lab.path('users.results.csv'), 'utf8');
  await expect(undo(() => Promise.reject(new UsageError(['no'])))).rejects.toThrow(UsageError);
  expect(readFileSync(world.lab.path('users.results.csv'), 'utf8')).toBe(before);
  expect(existsSync(world.lab.path('users.undo.results.csv'))).toBe(false);
  expect(world.simulator.takenBack).toEqual([]);
});

it('undoes nothing of results that were changed while it asked', async () => {
  world = await UndoWorld.open();
  const path = world.lab.path('users.results.csv');
  const change = (): Promise<void> => {
    writeFileSync(path, readFileSync(path, 'utf8').replace('Sales', 'Legal'));
    return Promise.resolve();
  };
  await expect(undo(change)).rejects.toThrow('has changed since its rows were counted');
  expect(world.simulator.takenBack).toEqual([]);
});
