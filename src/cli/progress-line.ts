import type { Clock } from '../core/clock.js';

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

  constructor(stream: Pick<NodeJS.WriteStream, 'write' | 'columns'>, clock: Pick<Clock, 'monotonic'>) {
    this.#stream = stream;
    this.#clock = clock;
    this.#nextAt = clock.monotonic() + FIRST_MS;
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
