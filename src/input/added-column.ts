import { namesOf } from '../core/table.js';

/** The columns we add to the results, in this order. */
export const ADDED_COLUMNS = {
  line: "the row's line in the first input",
  outcome: 'what became of the row',
  retry: '`no` done, `yes` rerun as it is, `fix` correct the row or the user first',
  return_code: "the server's word, empty without an answer",
  message: "the server's, made safe",
  http_status: 'of the last answer',
  attempts: 'all sends ever, over reruns',
  sent_at: 'ISO 8601 with ms, the last send',
  latency_ms: 'of the last send',
  detail: 'what happened and what to do',
} as const;
/** Behind the own columns of what an undo leaves: how each row was undone. By it, such a file is told from all others. */
export const UNDO_COLUMN = 'undo_how';
export type AddedColumn = keyof typeof ADDED_COLUMNS;
export const ADDED_COLUMN_NAMES = namesOf(ADDED_COLUMNS);
