import {
  bad,
  CHECKS,
  good,
  isHealthy,
  judgeAddress,
  judgeClock,
  judgeFiles,
  judgeHandshake,
  judgeHttp,
  judgeMachine,
  skipped,
  stopOf,
} from './check.js';
import type { CertificateFile, Check, CheckName, Found, Handshake, Machine, UnreadFile } from './check.js';
import type { Clock } from '../core/clock.js';
import { namesOf } from '../core/table.js';
import type { Exchange } from '../server/exchange.js';

export type Probed<Value> = { readonly value: Value } | { readonly why: string; readonly canHeal: boolean };

/** The way to the server, step by step; absent where a proxy goes it. */
export interface Path {
  readonly host: string;
  readonly port: number;
  readonly lookUp: () => Promise<Probed<readonly string[]>>;
  readonly connect: () => Promise<Probed<string>>;
  /** Absent for plain http. Over the connection that was made. */
  readonly handShake: (() => Promise<Probed<Handshake>>) | undefined;
  /** Sends a request without a secret over the same; what comes back is not looked at. */
  readonly ask: () => Promise<Probed<true>>;
}

export interface DoctorEdges {
  readonly clock: Clock;
  readonly machine: Machine;
  readonly files: readonly (CertificateFile | UnreadFile)[];
  readonly path: Path | undefined;
  readonly look: () => Promise<Exchange>;
  /** How far the server's clock is ahead, once it was looked at. */
  readonly offsetMs: () => number | undefined;
  /** Do stamps follow the server's clock? */
  readonly isCorrected: boolean;
  readonly checkSession: () => Promise<Found>;
  /** Called before a check, which may take as long as a request may. */
  readonly begin?: (name: CheckName) => void;
  readonly tell: (check: Check) => void;
}

const BY_PROXY = skipped('a proxy makes the connection: the reply tells');
/** What no later check needs. */
const ALONE: ReadonlySet<CheckName> = new Set(['machine', 'files', 'clock', 'session']);

/** Looks at all that a run needs of the server, from the name to the session, up to where it breaks. */
export async function examine(edges: DoctorEdges): Promise<readonly Check[]> {
  const { clock, begin, tell } = edges;
  const steps = stepsOf(edges);
  const checks: Check[] = [];
  for (const name of namesOf(CHECKS)) {
    const begun = clock.monotonic();
    const isOpen = isHealthy(checks.filter((check) => !ALONE.has(check.name)));
    if (isOpen) begin?.(name);
    const found = isOpen ? await steps[name]() : skipped('not looked at: mend what is bad first');
    const check = { name, ms: Math.round(clock.monotonic() - begun), ...found };
    checks.push(check);
    tell(check);
  }
  return checks;
}

function stepsOf(edges: DoctorEdges): Record<CheckName, () => Promise<Found>> {
  const { clock, machine, files, path, look, offsetMs, isCorrected, checkSession } = edges;
  let seen: Exchange | undefined;
  return {
    machine: () => Promise.resolve(judgeMachine(machine)),
    files: () => Promise.resolve(judgeFiles(files, clock.now())),
    dns: async () => {
      if (path === undefined) return BY_PROXY;
      const probed = await path.lookUp();
      if ('why' in probed) {
        return bad(`${path.host}: ${probed.why}`, 'correct --server, or the DNS of this machine', stopOf(probed));
      }
      return good(`${path.host} is ${probed.value.join(', ')}`);
    },
    connection: async () => {
      if (path === undefined) return BY_PROXY;
      const probed = await path.connect();
      const to = `${path.host}:${path.port}`;
      if ('why' in probed) {
        const remedy = 'see that the server runs, the port is right, and no firewall is between';
        return bad(`${to}: ${probed.why}`, remedy, stopOf(probed));
      }
      return good(`connected to ${probed.value}`);
    },
    tls: async () => {
      if (path === undefined) return BY_PROXY;
      if (path.handShake === undefined) return skipped('plain http: there is none');
      const probed = await path.handShake();
      if ('why' in probed) {
        return bad(probed.why, 'see that this port speaks https', stopOf(probed));
      }
      return judgeHandshake(probed.value, clock.now());
    },
    http: async () => {
      // A server may have more to say of a connection than that it is there.
      const asked = await path?.ask();
      seen = await look();
      const isCertain = seen.kind === 'failed' && !seen.canHeal;
      const isEnough = asked === undefined || 'value' in asked || isCertain;
      return judgeHttp(isEnough ? seen : { kind: 'failed', isTooLong: false, ...asked });
    },
    address: () => Promise.resolve(seen === undefined ? skipped('no reply') : judgeAddress(seen)),
    clock: () => Promise.resolve(judgeClock(offsetMs(), isCorrected)),
    session: checkSession,
  };
}
