import type { Clock } from '../core/clock.js';
import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Reporter } from '../report/reporter.js';
import type { SummaryCounter } from '../report/summary.js';
import { toLastWords } from './last-words.js';
import { readKeptMetrics, toMetricsText } from './metrics.js';
import type { KeptMetrics } from './metrics.js';
import type { RunEnding, RunSight } from './run-sight.js';

export interface MonitorEdges {
  readonly clock: Clock;
  readonly stem: string;
  /** Absent where nobody asks for metrics. */
  readonly metrics: { readonly read: () => string; readonly write: (text: string) => void } | undefined;
  readonly writeLastWords: (line: string) => void;
  /** Resolves with why it could not tell; absent where nobody is to be told. */
  readonly ping: ((told: { readonly word: string; readonly body: string }) => Promise<string | undefined>) | undefined;
  readonly warn: (text: string) => void;
}

/** In ms. */
export const METRICS_EVERY_MS = 15_000;

/** How a run may end that never had the lock of its input. */
const WITHOUT_LOCK: readonly ExitCode[] = [
  EXIT_CODES.locked.code,
  EXIT_CODES.interrupted.code,
  EXIT_CODES.terminated.code,
];

/**
 * Tells machines of one run: its metrics meanwhile, its last words and a ping at its end. What fails here only warns.
 * Metrics and pings are of the job, and whoever has the lock tells of it: a run that has none has only its last words.
 */
export class RunMonitor {
  readonly #edges: MonitorEdges;
  readonly #startedAt: number;
  #kept: KeptMetrics | undefined;
  #started: Promise<void> | undefined;
  #counter: SummaryCounter | undefined;
  #offsetMs: () => number | undefined = () => undefined;
  #cancel = (): void => undefined;
  #isEnded = false;

  constructor(edges: MonitorEdges) {
    this.#edges = edges;
    this.#startedAt = edges.clock.now();
  }

  /** The input is ours. */
  begin(): void {
    this.#started = this.#ping('start', '');
    this.#keepWriting();
  }

  /** The reporter, with a look at what is counted. */
  watch(reporter: Reporter): Reporter {
    return {
      ...reporter,
      progress: (counter) => {
        this.#counter = counter;
        reporter.progress(counter);
      },
    };
  }

  readonly watchClock = (offsetMs: () => number | undefined): void => {
    this.#offsetMs = offsetMs;
  };

  /** The process ends at once: nobody waits for a ping. */
  leave(exitCode: ExitCode): void {
    this.#write({ exitCode, problem: 'interrupted before anything was sent' });
  }

  /** @param body for whoever is pinged */
  async end(ending: RunEnding, body: string): Promise<void> {
    if (this.#isEnded) return;
    this.#write(ending);
    if (this.#isOthers(ending)) return;
    await this.#started;
    await this.#ping(String(ending.exitCode), body);
  }

  #write(end: RunEnding): void {
    this.#isEnded = true;
    this.#cancel();
    if (!this.#isOthers(end)) this.#writeMetrics(end);
    this.#orWarn('the termination log', () => this.#edges.writeLastWords(toLastWords(end)));
  }

  /** Is the job in the hands of another run, as far as anybody knows? */
  #isOthers({ exitCode }: RunEnding): boolean {
    return this.#started === undefined && WITHOUT_LOCK.includes(exitCode);
  }

  #keepWriting(): void {
    if (this.#edges.metrics === undefined) return;
    this.#writeMetrics(undefined);
    this.#cancel = this.#edges.clock.after(METRICS_EVERY_MS, () => this.#keepWriting());
  }

  #writeMetrics(end: RunEnding | undefined): void {
    const { metrics } = this.#edges;
    if (metrics === undefined) return;
    const kept = (this.#kept ??= readKeptMetrics(this.#orWarn('the metrics', metrics.read) ?? ''));
    this.#orWarn('the metrics', () => metrics.write(toMetricsText(this.#sight(end), kept)));
  }

  #sight(end: RunEnding | undefined): RunSight {
    const { clock, stem } = this.#edges;
    const sight = {
      stem,
      startedAt: this.#startedAt,
      now: clock.now(),
      clockOffsetMs: this.#offsetMs(),
      ...(end && { end }),
    };
    if (end?.report !== undefined) return { ...sight, counts: end.report, sends: end.report.sends };
    const counted = this.#counter?.result(undefined);
    // Rows that were counted before a run broke are not the job's: the results are still those of the run before.
    const counts = end === undefined && counted ? { outcomes: counted.byOutcome, retry: counted.byRetry } : undefined;
    return { ...sight, counts, sends: counted?.sends ?? 0 };
  }

  async #ping(word: string, body: string): Promise<void> {
    const problem = await this.#edges.ping?.({ word, body });
    if (problem !== undefined)
      this.#edges.warn(`the ping of ${word === 'start' ? 'the start' : 'the end'} failed: ${problem}`);
  }

  #orWarn<Result>(what: string, act: () => Result): Result | undefined {
    try {
      return act();
    } catch (error) {
      this.#edges.warn(`${what} can't be written or read: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }
}
