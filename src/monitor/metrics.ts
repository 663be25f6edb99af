import { EXIT_CODES } from '../core/exit-code.js';
import { OUTCOME_NAMES } from '../row/outcome.js';
import type { RunSight } from './run-sight.js';

/** What Prometheus reads of a run. All are gauges: each run begins anew. */
export const METRICS = {
  rows: 'Rows of the results by outcome: as far as this run has come, or else as the last one left them.',
  rows_left: 'Rows that need another run, likewise: yes as they are, fix once they are corrected.',
  sends: 'Sends of this run so far that may have left.',
  run_duration_seconds: 'How long this run has taken so far.',
  run_in_progress: 'Whether this run is under way.',
  last_run_timestamp_seconds: 'When this file was last written by a run.',
  last_success_timestamp_seconds: 'When a run last ended with exit code 0.',
  last_exit_code: 'How the last run ended.',
  keys_waiting: 'Activation keys of registered rows that were not handed out at the end of the last run.',
  clock_offset_seconds: "How far the server's clock is ahead of this machine's.",
} as const;
type Metric = keyof typeof METRICS;

/** The values of an earlier file, by metric and labels. */
export type KeptMetrics = ReadonlyMap<string, string>;

/** What is of the job: it stays as it was, as long as this run has nothing to say of it. */
const KEPT: readonly Metric[] = [
  'rows',
  'rows_left',
  'last_success_timestamp_seconds',
  'last_exit_code',
  'keys_waiting',
];

const PREFIX = 'centagate_provision_';
const LEFT = ['yes', 'fix'] as const;

/** In the text format of Prometheus. A value that nobody knows has no line. */
export function toMetricsText(sight: RunSight, kept: KeptMetrics): string {
  const { stem, startedAt, now, counts, sends, clockOffsetMs, end } = sight;
  const seconds = (ms: number): string => (ms / 1000).toFixed(3);
  const isSuccess = end?.exitCode === EXIT_CODES.done.code;
  const values: Readonly<Record<Metric, readonly Sample[]>> = {
    rows: OUTCOME_NAMES.map((outcome) => [counts && (counts.outcomes[outcome] ?? 0), { outcome }]),
    rows_left: LEFT.map((marker) => [counts && (counts.retry[marker] ?? 0), { retry: marker }]),
    sends: [[sends]],
    run_duration_seconds: [[seconds(now - startedAt)]],
    run_in_progress: [[end === undefined ? 1 : 0]],
    last_run_timestamp_seconds: [[seconds(now)]],
    last_success_timestamp_seconds: [[isSuccess ? seconds(now) : undefined]],
    last_exit_code: [[end?.exitCode]],
    keys_waiting: [[end?.keysWaiting]],
    clock_offset_seconds: [[clockOffsetMs === undefined ? undefined : seconds(clockOffsetMs)]],
  };
  const known = Object.entries(METRICS).map(([each, help]): readonly string[] => {
    // The names of the table are its keys.
    const name = each as Metric;
    const lines = values[name].flatMap(([own, labels]) => {
      const series = `${PREFIX}${name}${toLabels({ stem, ...labels })}`;
      // What has further labels has all of them, so that nothing has to be guessed from a line that is not there.
      const value = own ?? (KEPT.includes(name) ? kept.get(series) : undefined) ?? (labels && 0);
      return value === undefined ? [] : [`${series} ${value}`];
    });
    return lines.length === 0 ? [] : [`# HELP ${PREFIX}${name} ${help}`, `# TYPE ${PREFIX}${name} gauge`, ...lines];
  });
  return `${known.flat().join('\n')}\n`;
}

type Sample = readonly [value: number | string | undefined, labels?: Readonly<Record<string, string>>];

/** Of a file that an earlier run left, whatever else is in it. */
export function readKeptMetrics(text: string): KeptMetrics {
  const lines = text.matchAll(new RegExp(`^(${PREFIX}\\w+\\{.*\\}) (\\d+(?:\\.\\d+)?)$`, 'gm'));
  return new Map([...lines].map(([, series = '', value = '']) => [series, value]));
}

function toLabels(labels: Readonly<Record<string, string>>): string {
  const escaped = (value: string): string =>
    value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;
}
