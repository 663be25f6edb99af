import { setMaxListeners } from 'node:events';
import type { Clock } from '../core/clock.js';
import { RunStop } from '../core/run-stop.js';
import { Gate } from '../gate/gate.js';
import { Pace } from '../gate/pace.js';
import { ownRate } from '../plan/shard.js';
import type { AdministratorLock } from '../record/administrator-lock.js';
import { describeMixUp } from '../network/mix-up-words.js';
import { telling } from '../report/reporter.js';
import type { Tell } from '../report/reporter.js';
import type { Settings } from '../settings/settings.js';
import type { Server } from './open-server.js';
import { openSession } from './open-session.js';

export interface GateContext {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly server: Server;
  readonly administratorLock: AdministratorLock;
  readonly note: Tell;
}

export interface OpenedGate {
  readonly gate: Gate;
  readonly stop: RunStop;
  readonly cut: AbortController;
  /** Ends the session that was made here; nothing is sent any more by then. */
  readonly end: () => Promise<void>;
}

/** What every command that talks to the server about rows sends through. */
export function openGate(context: GateContext): OpenedGate {
  const { settings, clock, server, administratorLock, note } = context;
  const { endpoint, time, secrets } = server;
  const cut = new AbortController();
  // All that is under way listens.
  setMaxListeners(0, cut.signal);
  const stop = new RunStop();
  server.onMixUp((why) => stop.stop({ kind: 'person', reason: describeMixUp(why, !settings.noKeepalive) }));
  const { session, end } = openSession({
    clock,
    stop,
    endpoint,
    time,
    secrets,
    note: telling(note, 'session'),
    administratorLock,
    settings: settings.session,
    maxOutageMs: settings.maxOutageMs,
    cut: cut.signal,
  });
  return {
    gate: new Gate({
      clock,
      stop,
      session,
      pace: new Pace({ ...settings, rate: ownRate(settings.rate, settings.shard) }),
      note: telling(note, 'pace'),
    }),
    stop,
    cut,
    end,
  };
}
