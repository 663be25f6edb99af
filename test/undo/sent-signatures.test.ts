import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { UndoWorld } from '../support/undo-world.js';
import type { Ended } from '../support/program.js';

let world: UndoWorld;
afterEach(() => world.close());

const [BEN, EVE] = ['signatures/finance/aisyah.rahman.p7s', 'signatures/finance/priya.nair.p7s'];

function undo(rows: number, where: string, ...words: readonly string[]): Promise<Ended> {
  return world.undo(rows, '--where', where, ...words);
}

function takenBack(): string[] {
  return world.simulator.takenBack.map(({ username }) => username);
}

describe('a signature file', () => {
  it('that was replaced since it was sent takes nothing back, until it is put back', async () => {
    world = await UndoWorld.open();
    const sent = readFileSync(world.lab.path(BEN));
    cpSync(world.lab.path(EVE), world.lab.path(BEN));
    for (const words of [[], ['--dry-run']]) {
      const { exitCode, stderr } = await undo(2, 'token_type=pki', ...words);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${BEN} was changed after it was sent`)]);
      expect(stderr).toContain('Put back the files that were sent');
    }
    expect(takenBack()).toEqual([]);
    // Those of others are as they were, and OTP rows have none.
    expect((await undo(1, 'username=eve')).exitCode).toBe(0);
    expect((await undo(2, 'token_type=otp')).exitCode).toBe(0);
    writeFileSync(world.lab.path(BEN), sent);
    expect((await undo(2, 'token_type=pki')).exitCode).toBe(0);
    expect(takenBack().sort()).toEqual(['ann', 'ben', 'dan', 'eve']);
  });

  it('of another folder is found, however old it is', async () => {
    world = await UndoWorld.open();
    cpSync(world.lab.path('signatures'), world.lab.path('other/signatures'), { recursive: true });
    cpSync(world.lab.path(EVE), world.lab.path(`other/${BEN}`));
    await world.undo(4, '--how', 'unregister');
    await world.run('--allow', 'undone');
    const { exitCode, stderr } = await undo(2, 'token_type=pki', '--signatures-dir', world.lab.path('other'));
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/some signature in .*other is not the one that was/)]);
    expect(takenBack()).toHaveLength(4);
    expect((await undo(2, 'token_type=pki')).exitCode).toBe(0);
  });

  it('counts as sent while it was not changed, where others of its run can be held to nothing any more', async () => {
    world = await UndoWorld.open();
    rmSync(world.lab.path(EVE));
    expect((await undo(1, 'username=ben')).exitCode).toBe(0);
    writeFileSync(world.lab.path(BEN), readFileSync(world.lab.path(BEN)));
    const { exitCode, stderr } = await undo(1, 'username=ben', '--how', 'unregister');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('was changed after it was sent')]);
    expect(takenBack()).toEqual(['ben']);
  });
});
