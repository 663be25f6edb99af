import type { TokenState } from '../report/people.js';
import type { Outcome, RetryMarker } from '../row/outcome.js';
import type { Settlement } from '../row/settlement.js';
import type { TokenType } from '../row/token-type.js';

/** What is known here of the activation key of a row's user. */
export type KeyState = 'none' | 'waiting' | 'handed_out';

/** @param sentAt epoch ms, of the last send of a registered row of theirs */
export type KeyStateOf = (username: string, sentAt: number | undefined) => KeyState;

/** How a row of the results stands, as far as a page tells of it. */
export interface Standing {
  /** In the first input. */
  readonly line: number;
  /** In the failed file, where that has it as the run left it. */
  readonly failedLine?: number | undefined;
  /** Empty where the row has none. */
  readonly username: string;
  readonly tokenType: TokenType | undefined;
  /** What it has in the column that rows are counted by. */
  readonly group: string | undefined;
  /** Absent for a row that was added by hand, and not tried since. */
  readonly settlement: Settlement | undefined;
}

/** A row that a page names. */
export interface Mention extends Pick<Standing, 'line' | 'failedLine' | 'username' | 'tokenType' | 'group'> {
  readonly outcome: Outcome | undefined;
  readonly retry: RetryMarker;
  readonly detail: string;
  /** Of a row that is left: what all rows of its person come to. */
  readonly token: TokenState;
}
