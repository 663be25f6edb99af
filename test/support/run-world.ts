import type { Settings } from '../../src/settings/settings.js';
import type { RunWorld } from '../../src/wiring/run-world.js';
import type { Reporter } from '../../src/report/reporter.js';
import { describeOrigin, describeSelf } from '../../src/record/process-identity.js';
import { completeUndo } from '../../src/undo/complete-undo.js';
import { hastyClock } from './program.js';

/** The world of a run whose lock nobody takes, unless `onLost` says so. */
export function aRunWorld(
  settings: Settings,
  reporter: Reporter,
  onLost: RunWorld['lock']['onLost'] = () => undefined,
): RunWorld {
  return {
    settings,
    clock: hastyClock,
    env: {},
    openReporter: () => reporter,
    lock: { takenOver: undefined, onLost },
    runId: 'this',
    self: describeSelf('this', hastyClock),
    origin: describeOrigin('centagate-provision 0.0.0', 'centagate-provision run users.csv'),
    nextCommand: () => undefined,
    completeUndo,
    sharing: { few: 16, threads: 0 },
    onSending: () => undefined,
    onSent: () => undefined,
  };
}
