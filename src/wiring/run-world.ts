import type { Clock } from '../core/clock.js';
import type { InputBytes } from '../input/input-bytes.js';
import type { PlannedRows } from '../plan/plan-context.js';
import type { Approval } from '../manifest/manifest.js';
import type { SentDigests } from '../manifest/signature-digest.js';
import type { Lock } from '../record/lock.js';
import type { LockHolder } from '../record/lock-holder.js';
import type { Origin } from '../report/origin.js';
import type { RunSummary } from '../report/summary.js';
import type { Reporter } from '../report/reporter.js';
import type { WarningTally } from '../report/warning-tally.js';
import type { Sharing } from '../signature/shared-signature-reader.js';
import type { Settings } from '../settings/settings.js';
import type { UndoWay } from '../row/undo.js';
import type { Job } from './job.js';
import type { KilledRun } from './killed-run.js';
import type { Server } from './open-server.js';
import type { StemState } from './stem-state.js';

export interface RunWorld {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly openReporter: (totalRows: number) => Reporter;
  readonly lock: Pick<Lock, 'takenOver' | 'onLost'>;
  readonly runId: string;
  readonly self: LockHolder;
  /** What the summary says of who made the run. */
  readonly origin: Origin;
  /** What to type after a run that has ended like this. */
  readonly nextCommand: (summary: RunSummary) => string | undefined;
  /** Completes what a killed undo left; it is loaded when there is one. */
  readonly completeUndo: (killed: KilledUndo) => Promise<void>;
  /** How signatures are judged beside what is sent. */
  readonly sharing: Sharing;
  readonly onSent: () => void;
  /** Called with how far the server's clock is ahead, in ms, as soon as somebody may ask. */
  readonly onClock?: (offsetMs: () => number | undefined) => void;
  /** Called before anything is sent: from then on the run itself hears signals, and leaves its files complete. */
  readonly onSending: () => void;
}

/** An undo that did not end by itself, and where its files are to be completed. */
export interface KilledUndo {
  readonly killed: KilledRun;
  readonly way: UndoWay;
  readonly context: Omit<RunContext, 'approval' | 'sentSignatures' | 'watch' | 'tally'>;
}

/** The input's bytes, as they were when the run began; how many they were is not known of a run that an older version made. */
export type ReadBytes = Pick<InputBytes, 'sha256'> & { readonly size: number | undefined };

export interface RunContext {
  readonly job: Job;
  readonly world: RunWorld;
  readonly reporter: Reporter;
  readonly state: StemState;
  readonly bytes: ReadBytes;
  /** By which a second person let the run go. */
  readonly approval: Approval | null;
  /** Lines of the keys file, beneath its header. */
  readonly countKeys: () => number;
  /** Of a run that sends. */
  readonly countConnections?: Server['countConnections'];
  readonly sentSignatures: SentDigests;
  readonly tally: WarningTally;
  readonly watch?: (planned: PlannedRows) => PlannedRows;
}
