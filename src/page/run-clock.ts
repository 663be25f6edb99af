/** When a run was at work, in epoch ms. */
export interface RunSpan {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Parts of a run's time that its sends are counted in: none is shorter than a second. */
const MOST_PARTS = 60;

/** Counts sends by run and by part of its time. */
export class RunClock {
  readonly #runs: readonly RunSpan[];
  readonly counts: readonly number[][];

  /** @param runs the oldest first */
  constructor(runs: readonly RunSpan[]) {
    this.#runs = runs;
    this.counts = runs.map((run) => new Array<number>(partsOf(run)).fill(0));
  }

  /** @param sentAt epoch ms; of a time that no run was at work, nothing is counted */
  add(sentAt: number): void {
    let [from, to] = [0, this.#runs.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#runs[middle]?.startedAt ?? 0) <= sentAt) from = middle + 1;
      else to = middle;
    }
    const run = this.#runs[from - 1];
    const counts = this.counts[from - 1];
    if (run === undefined || counts === undefined || sentAt > run.endedAt) return;
    const length = Math.max(1, run.endedAt - run.startedAt);
    const part = Math.min(counts.length - 1, Math.floor(((sentAt - run.startedAt) / length) * counts.length));
    counts[part] = (counts[part] ?? 0) + 1;
  }
}

function partsOf({ startedAt, endedAt }: RunSpan): number {
  const seconds = Math.floor((endedAt - startedAt) / 1000);
  // A time that can't be read is no number.
  return Math.max(1, Math.min(MOST_PARTS, seconds || 1));
}
