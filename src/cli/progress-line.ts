import type { Clock } from '../core/clock.js';
import type { SummaryCounter } from '../report/summary.js';

/** What is soon over needs no line. */
const FIRST_MS = 300;
const EVERY_MS = 125;
const WIDTH = 80;
/** To the beginning of the line, and what stands there away. */
const ERASE = '\r\u001b[K';

/** A line on a terminal that is drawn over, for what goes on beside what is printed. */
export class ProgressLine {
  readonly #stream: Pick<NodeJS.WriteStream, 'write' | 'columns'>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #nextAt: number;
  #isDrawn = false;

  /** @param firstMs how long something goes on before it is worth a line */
  constructor(
    stream: Pick<NodeJS.WriteStream, 'write' | 'columns'>,
    clock: Pick<Clock, 'monotonic'>,
    { firstMs = FIRST_MS } = {},
  ) {
    this.#stream = stream;
    this.#clock = clock;
    this.#nextAt = clock.monotonic() + firstMs;
  }

  show(text: () => string): void {
    const now = this.#clock.monotonic();
    if (now < this.#nextAt) return;
    this.#nextAt = now + EVERY_MS;
    this.#isDrawn = true;
    // A line that wraps could not be drawn over. Some terminals have no width of their own: 0.
    const { columns } = this.#stream;
    this.#stream.write(`${ERASE}${text().slice(0, (columns > 0 ? columns : WIDTH) - 1)}`);
  }

  /** Makes room for something that stays; the next text is shown at once below it. */
  clear(): void {
    if (!this.#isDrawn) return;
    this.#stream.write(ERASE);
    this.#isDrawn = false;
    this.#nextAt = this.#clock.monotonic();
  }
}

/** What a person sees meanwhile. @param total as many rows as there seem to be; @param done such as `checked` */
export function toProgressText(
  rows: number,
  total: number,
  { elapsedMs, done }: { readonly elapsedMs: number; readonly done: string },
): string {
  const rate = rows / Math.max(0.001, elapsedMs / 1000);
  const leftS = Math.ceil(Math.max(0, total - rows) / Math.max(rate, 0.001));
  const counted = total > rows ? `${rows} of ${total} rows ${done}` : `${rows} rows ${done}`;
  return `${counted}, ${rate.toFixed(0)}/s${total > rows ? `, ${leftS} s left` : ''}`;
}

/** How fast a run is, and how long the rest takes. Rows that were done before are no work, and say nothing of it. */
export function toRate(
  { rows, carried }: Pick<SummaryCounter, 'rows' | 'carried'>,
  total: number,
  elapsedMs: number,
): { readonly rate: string; readonly left: string } {
  const rate = (rows - carried) / Math.max(0.001, elapsedMs / 1000);
  const leftS = Math.round(Math.max(0, total - rows) / Math.max(rate, 0.001));
  const left = leftS < 60 ? `${leftS} s left` : `${Math.round(leftS / 60)} min left`;
  return { rate: rate < 10 ? rate.toFixed(1) : rate.toFixed(0), left: rate === 0 && leftS > 0 ? '-' : left };
}
