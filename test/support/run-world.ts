import type { Settings } from '../../src/cli/settings.js';
import type { RunWorld } from '../../src/commands/write-rows.js';
import type { Reporter } from '../../src/core/reporter.js';
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
    onSending: () => undefined,
  };
}
