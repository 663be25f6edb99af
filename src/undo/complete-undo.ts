import { planUndo } from '../plan/plan-undo.js';
import { sendingNothing } from '../wiring/complete-killed-run.js';
import type { KilledUndo } from '../wiring/run-world.js';
import { checkFailedLeft } from './as-left.js';
import { openUndone } from './undone-rows.js';
import { writeUndo } from './write-undo.js';

/** Completes the files of a killed undo with what its journal knows, and sends nothing. */
export async function completeUndo({ killed, way, context }: KilledUndo): Promise<void> {
  const { job, state } = context;
  // No run can read it before this is completed.
  await checkFailedLeft(job.files, 'move it away, repeat this command, then take its corrections over');
  // What comes next is for the command to say that goes on from here.
  const world = { ...context.world, nextCommand: () => undefined };
  const { replay } = killed;
  const planned = planUndo({
    results: state.input,
    undone: await openUndone(job.files, state),
    rules: { way, where: [], limit: undefined, defaultStatus: undefined },
    replay: { take: (key) => replay.take(key), rest: () => replay.rest() },
  });
  await writeUndo({ ...context, world, way, planned, told: {} }, sendingNothing(), killed);
}
