import type { Clock } from '../core/clock.js';
import { UsageError } from '../core/usage-error.js';
import { readMetrics, writeLastWords, writeMetrics } from './monitor-files.js';
import { ping, pingProblem } from './ping.js';
import { RunMonitor } from './run-monitor.js';

export interface Monitoring {
  readonly stem: string;
  readonly metricsFile: string | undefined;
  readonly terminationLog: string | undefined;
  /** The address, which is a secret, and where it was given. */
  readonly ping: { readonly address: string; readonly origin: string } | undefined;
  /** Certificates to trust beside the usual ones, as PEM. */
  readonly ca: readonly string[];
}

export interface MonitorWorld {
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly warn: (text: string) => void;
}

/** What tells machines of a run, once it has begun. @throws {UsageError} for an address that is none */
export function openMonitor(asked: Monitoring, { clock, env, warn }: MonitorWorld): RunMonitor {
  const { stem, metricsFile, terminationLog, ping: pinged, ca } = asked;
  const problem = pinged && pingProblem(pinged.address);
  if (problem !== undefined) throw new UsageError([`${pinged?.origin ?? ''}: ${problem}`]);
  return new RunMonitor({
    clock,
    stem,
    metrics:
      metricsFile === undefined
        ? undefined
        : {
            read: () => readMetrics(metricsFile),
            write: (text) => writeMetrics(metricsFile, text),
          },
    writeLastWords: (line) => {
      if (terminationLog !== undefined) writeLastWords(terminationLog, line);
    },
    ping: pinged && ((told) => ping(pinged.address, told, { clock, env, ca })),
    warn,
  });
}
