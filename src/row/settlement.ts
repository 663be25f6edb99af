import type { Outcome } from './outcome.js';

export interface Settlement {
  readonly outcome: Outcome;
  /** The server's word on the last answered send; empty without an answer. */
  readonly returnCode: string;
  readonly message: string;
  readonly httpStatus: number | undefined;
  /** Every send that may have left, over all runs. */
  readonly attempts: number;
  /** Epoch milliseconds of the last send that may have left. */
  readonly sentAt: number | undefined;
  readonly latencyMs: number | undefined;
  /** Of the run in which it was settled; the results don't have it. */
  readonly connection?: number | undefined;
  /** Our word: what happened and what to do. */
  readonly detail: string;
  /** In doubt, and no rerun will end that before a person has acted. */
  readonly needsFix?: true;
}

export function settleUnsent(outcome: Outcome, detail: string): Settlement {
  return {
    outcome,
    returnCode: '',
    message: '',
    httpStatus: undefined,
    attempts: 0,
    sentAt: undefined,
    latencyMs: undefined,
    detail,
  };
}
