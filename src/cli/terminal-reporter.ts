import cliProgress from 'cli-progress';
import { toRate } from './progress-line.js';
import type { Clock } from '../core/clock.js';
import type { Reporter } from '../report/reporter.js';
import { showText } from '../core/safe-text.js';
import type { SummaryCounter } from '../report/summary.js';

const MAX_CHARACTERS = 2000;

/** A line that is drawn over, with what is worth a word above it. */
export function openTerminalReporter(
  totalRows: number,
  stream: NodeJS.WriteStream,
  clock: Pick<Clock, 'monotonic'>,
): Reporter {
  const bars = new cliProgress.MultiBar(
    {
      format: '{bar} {value}/{total} rows · {rate}/s · {left} · {outcomes}',
      stream,
      hideCursor: true,
      // The terminal goes on wrapping long lines: a remedy stands at their end. The bar itself is cut to the width.
      linewrap: true,
      clearOnComplete: true,
      // Else the bar is gone after a line above it until its own text changes.
      forceRedraw: true,
      barsize: 20,
      fps: 8,
    },
    cliProgress.Presets.shades_classic,
  );
  const startedAt = clock.monotonic();
  const bar = bars.create(Math.max(1, totalRows), 0, { rate: '-', left: '-', outcomes: '' });
  let isOver = false;
  const say = (text: string): void => {
    const shown = `${showText(text, MAX_CHARACTERS)}\n`;
    if (isOver) {
      stream.write(shown);
      return;
    }
    bars.log(shown);
    // Drawn at once: what still waits when the bar is taken away would never be seen.
    bars.update();
  };
  return {
    note: (_, text) => say(text),
    warn: (_, text) => say(`warning: ${text}`),
    progress: (counter: SummaryCounter) => {
      // The total is a guess from the input's bytes.
      if (counter.rows > totalRows) bar.setTotal(counter.rows);
      bar.update(counter.rows, lineParts(counter, totalRows, clock.monotonic() - startedAt));
    },
    end: () => {
      if (!isOver) bars.stop();
      isOver = true;
    },
  };
}

function lineParts(counter: SummaryCounter, totalRows: number, elapsedMs: number): Record<string, string> {
  return { ...toRate(counter, totalRows, elapsedMs), outcomes: counter.shortText() };
}
