import { EXIT_CODES } from '../core/exit-code.js';
import { showText } from '../core/safe-text.js';
import { OUTCOME_NAMES, RETRY_MARKERS } from '../row/outcome.js';
import type { RunEnding } from './run-sight.js';

/** What a cluster keeps of a container's last words. */
const MAX_BYTES = 4096;

/** How a run ended, in one line of JSON, its names in snake case like the columns. */
export function toLastWords({ exitCode, report, problem }: RunEnding): string {
  const exit = Object.values(EXIT_CODES).find(({ code }) => code === exitCode);
  // Texts that may be long get shorter until all of it fits; of what a summary counts, only what has a name here is told.
  for (let most = 1000; ; most = Math.floor(most / 2)) {
    const line = `${JSON.stringify({
      exit_code: exitCode,
      meaning: exit?.meaning,
      is_to_repeat: exit?.isToRepeat,
      ...(problem !== undefined && { problem: showText(problem, most) }),
      ...(report !== undefined && {
        run_id: report.run_id,
        stopped_by: report.stopped_by === null ? null : showText(report.stopped_by, most),
        rows: report.rows,
        outcomes: Object.fromEntries(
          OUTCOME_NAMES.map((name) => [name, report.outcomes[name] ?? 0] as const).filter(([, count]) => count > 0),
        ),
        retry: Object.fromEntries(RETRY_MARKERS.map((marker) => [marker, report.retry[marker] ?? 0])),
        next_command: report.next_command === null ? null : showText(report.next_command, most),
      }),
    })}\n`;
    if (Buffer.byteLength(line) <= MAX_BYTES) return line;
  }
}
