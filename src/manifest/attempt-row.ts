import { guardCell } from '../core/safe-text.js';
import type { JournalEntry } from '../record/journal-entry.js';
import type { Outcome } from '../row/outcome.js';
import type { Settlement } from '../row/settlement.js';

/** What came of one send: its row's outcome, or that the row was tried again, or that its answer was not believed after all. */
type AttemptOutcome = Outcome | 'tried_again' | 'taken_back';

export interface LoggedAttempt {
  /** Token type and username. */
  readonly key: string;
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
  readonly settlement: Pick<Settlement, 'sentAt' | 'returnCode' | 'httpStatus' | 'latencyMs' | 'connection'>;
}

interface OpenIntent {
  readonly attempt: number;
  readonly at: number;
  readonly hasLeft: boolean;
}

/** Every send of a run that may have left, as its journal tells of them, in the order in which they were answered. */
export function* attemptsOf(entries: Iterable<JournalEntry>): Generator<LoggedAttempt> {
  const open = new Map<string, OpenIntent>();
  for (const entry of entries) {
    switch (entry.type) {
      case 'run':
        break;
      case 'intent':
        open.set(entry.key, { attempt: entry.attempt, at: entry.at, hasLeft: entry.hasLeft === true });
        break;
      case 'try':
      case 'settled': {
        const intent = open.get(entry.key);
        open.delete(entry.key);
        const { settlement, key } = entry;
        // Fewer sends than the intent counted: this one never left.
        if (intent === undefined || settlement.attempts < intent.attempt) break;
        yield {
          key,
          attempt: intent.attempt,
          outcome: entry.type === 'try' ? 'tried_again' : settlement.outcome,
          settlement,
        };
        break;
      }
      case 'taken_back':
        yield {
          key: entry.key,
          attempt: entry.settlement.attempts,
          outcome: 'taken_back',
          settlement: entry.settlement,
        };
    }
  }
  for (const [key, { attempt, at, hasLeft }] of open) {
    const settlement = { sentAt: at, returnCode: '', httpStatus: undefined, latencyMs: undefined };
    if (hasLeft) yield { key, attempt, outcome: 'unknown', settlement };
  }
}

const CELLS = {
  run_id: (_, runId) => runId,
  username: ({ key }) => key.slice(key.indexOf(':') + 1),
  token_type: ({ key }) => key.slice(0, key.indexOf(':')),
  attempt: ({ attempt }) => String(attempt),
  sent_at: ({ settlement: { sentAt } }) => (sentAt === undefined ? '' : new Date(sentAt).toISOString()),
  outcome: ({ outcome }) => outcome,
  return_code: ({ settlement }) => guardCell(settlement.returnCode, 40),
  http_status: ({ settlement }) => settlement.httpStatus?.toString() ?? '',
  latency_ms: ({ settlement }) => settlement.latencyMs?.toString() ?? '',
  connection: ({ settlement }) => settlement.connection?.toString() ?? '',
} as const satisfies Record<string, (attempt: LoggedAttempt, runId: string) => string>;

export const ATTEMPT_COLUMNS = Object.keys(CELLS);
const TO_CELLS: readonly ((attempt: LoggedAttempt, runId: string) => string)[] = Object.values(CELLS);

export function toAttemptCells(attempt: LoggedAttempt, runId: string): string[] {
  return TO_CELLS.map((toCell) => toCell(attempt, runId));
}
