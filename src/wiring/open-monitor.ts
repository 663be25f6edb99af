import { basename } from 'node:path';
import { readCertificateFile } from '../core/certificate-file.js';
import type { Clock } from '../core/clock.js';
import { UsageError } from '../core/usage-error.js';
import { readMetrics, terminationLogOf, writeLastWords, writeMetrics } from '../monitor/monitor-files.js';
import { ping, pingProblem } from '../monitor/ping.js';
import { RunMonitor } from '../monitor/run-monitor.js';
import type { Settings } from '../settings/settings.js';
import type { Job } from './job.js';

export interface MonitorWorld {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly warn: (text: string) => void;
}

/** Begins to tell machines of a run. @throws {UsageError} for an address that is none */
export function openMonitor({ files }: Job, { settings, clock, env, warn }: MonitorWorld): RunMonitor {
  const { metricsFile, ca } = settings;
  const address = settings.ping?.reveal();
  const problem = address === undefined ? undefined : pingProblem(address);
  if (problem !== undefined) throw new UsageError([`${settings.origins.get('ping') ?? ''}: ${problem}`]);
  const place = terminationLogOf(settings.terminationLog);
  return new RunMonitor({
    clock,
    stem: basename(files.results).replace(/\.results\.csv$/, ''),
    metrics:
      metricsFile === undefined
        ? undefined
        : {
            read: () => readMetrics(metricsFile),
            write: (text) => writeMetrics(metricsFile, text),
          },
    writeLastWords: (line) => {
      if (place !== undefined) writeLastWords(place, line);
    },
    ping:
      address === undefined
        ? undefined
        : (told) =>
            ping(address, told, {
              clock,
              env,
              ca: ca === undefined ? [] : readCertificateFile(ca, '--ca').map(String),
            }),
    warn,
  });
}
