import { namesOf } from '../core/table.js';

/** `no`: done. `yes`: rerun the row as it is. `fix`: correct the row or the user first. */
export type RetryMarker = 'no' | 'yes' | 'fix';

export const OUTCOMES = {
  registered: { retry: 'no', meaning: 'the server said code 0, or shows our certificate' },
  already_registered: { retry: 'no', meaning: 'a token was there before this send' },
  duplicate: { retry: 'no', meaning: 'the same row stands on another line' },
  refused: { retry: 'fix', meaning: "the server's final no" },
  invalid: { retry: 'fix', meaning: 'our own checks; not sent' },
  key_lost: { retry: 'fix', meaning: 'OTP: a token is there, and its key is not with us' },
  unavailable: { retry: 'yes', meaning: 'not registered by us for certain' },
  unknown: { retry: 'yes', meaning: 'some send may have been applied without our knowing' },
  not_sent: { retry: 'yes', meaning: "this row's turn did not come" },
} as const satisfies Record<string, { retry: RetryMarker; meaning: string }>;

export type Outcome = keyof typeof OUTCOMES;
export const OUTCOME_NAMES = namesOf(OUTCOMES);

export function retryOf(outcome: Outcome): RetryMarker {
  return OUTCOMES[outcome].retry;
}

/** May a send of this row have been applied without our knowing? */
export function isInDoubt(outcome: Outcome): boolean {
  return outcome === 'unknown' || outcome === 'key_lost';
}
