import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { UndoWorld } from '../support/undo-world.js';

let world: UndoWorld;
afterEach(() => world.close());

const [RESULTS, FAILED] = ['users.results.csv', 'users.failed.csv'];

function edit(name: string, from: string, to: string): void {
  const path = world.lab.path(name);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

it('believes no results that were edited since the last run, and sends nothing', async () => {
  world = await UndoWorld.open();
  const before = readFileSync(world.lab.path(RESULTS));
  edit(RESULTS, 'old,otp,,,Sales,6,already_registered', 'old,otp,,,Sales,6,registered');
  for (const words of [[], ['--dry-run']]) {
    const { exitCode, stderr } = await world.undo(5, ...words);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${RESULTS} has changed since the last run`)]);
    expect(stderr).toContain(`restore it, or run over ${RESULTS} first`);
  }
  expect(world.simulator.takenBack).toEqual([]);
  writeFileSync(world.lab.path(RESULTS), before);
  expect((await world.undo(4)).exitCode).toBe(0);
  expect(world.status('old')).toBe('as registered');
});

it('knows nothing of results without the manifest beside them, until a run has made one', async () => {
  world = await UndoWorld.open();
  rmSync(world.lab.path('users.manifest.json'));
  const { exitCode, stderr } = await world.undo(4);
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringMatching(/users\.manifest\.json is not there.*: restore it, or run/),
  ]);
  await world.type('run', RESULTS);
  expect((await world.undo(4)).exitCode).toBe(0);
});

it('writes over no correction in the failed file that no run has read', async () => {
  world = await UndoWorld.open();
  edit(FAILED, 'gone,otp', 'dora,otp');
  for (const words of [[], ['--dry-run']]) {
    const { exitCode, stderr } = await world.undo(4, ...words);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${FAILED} has changed since the last run`)]);
    expect(stderr).toContain('run over it first');
  }
  expect([world.simulator.takenBack.length, world.row('dora', FAILED)['outcome']]).toEqual([0, 'refused']);
  await world.type('run', FAILED);
  expect((await world.undo(4)).exitCode).toBe(0);
  expect(world.row('dora', FAILED)['outcome']).toBe('refused');
  // Nothing is lost with a file that is not there.
  rmSync(world.lab.path(FAILED));
  expect((await world.undo(4)).exitCode).toBe(0);
});

it('writes over none either while it completes an undo that was cut off', async () => {
  let cutOff = (): void => undefined;
  world = await UndoWorld.open({ onTakenBack: () => cutOff() });
  const manifest = readFileSync(world.lab.path('users.manifest.json'));
  cutOff = () => void world.lab.file('users.manifest.json', '{');
  expect((await world.undo(4)).exitCode).toBe(4);
  world.lab.file('users.manifest.json', manifest);
  edit(FAILED, 'gone,otp', 'dora,otp');
  for (const again of [() => world.undo(4), () => world.type('run', FAILED)]) {
    const { exitCode, stderr } = await again();
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('move it away, repeat this command')]);
  }
  renameSync(world.lab.path(FAILED), world.lab.path('corrected.csv'));
  expect((await world.undo(4)).exitCode).toBe(0);
});
