import { namesOf } from '../core/table.js';

/** `no`: done. `yes`: rerun the row as it is. `fix`: correct the row or the user first. */
export const RETRY_MARKERS = ['no', 'yes', 'fix'] as const;
export type RetryMarker = (typeof RETRY_MARKERS)[number];

export const OUTCOMES = {
  registered: {
    retry: 'no',
    meaning: 'the server said code 0, or shows our certificate',
    remedy: 'OTP: hand out its key from the keys file. Nothing else to do; undo takes it back.',
  },
  already_registered: {
    retry: 'no',
    meaning: 'a token was there before this send',
    remedy:
      'Nothing to do, unless the user should get another token: unregister the old one in the console of CENTAGATE first. It is not of this job, so undo leaves it alone.',
  },
  duplicate: {
    retry: 'no',
    meaning: 'the same row stands on another line',
    remedy: 'Nothing to do: the other row has the user.',
  },
  refused: {
    retry: 'fix',
    meaning: "the server's final no",
    remedy: "Read the row's message and detail (explain its return code), mend the row or the user, then rerun.",
  },
  invalid: {
    retry: 'fix',
    meaning: 'our own checks; not sent',
    remedy: 'Correct what the detail names, then rerun.',
  },
  key_lost: {
    retry: 'fix',
    meaning: 'OTP: a token is there, and its key is not with us',
    remedy:
      'Look at the user in the console of CENTAGATE; unregister the token there (undo does not: whose it is can not be told), then rerun, to give the user a new one.',
  },
  undone: {
    retry: 'fix',
    meaning: 'registered by this job, and taken back by undo',
    remedy:
      'Nothing, if it was meant. What was deactivated, undo with --how activate makes valid again; run with --allow undone registers the row anew.',
  },
  unavailable: {
    retry: 'yes',
    meaning: 'not registered by us for certain',
    remedy: 'Rerun, once what its detail names is mended.',
  },
  unknown: {
    retry: 'yes',
    meaning: 'some send may have been applied without our knowing',
    remedy: 'Rerun: it asks the server, or tries again, until it is known.',
  },
  not_sent: {
    retry: 'yes',
    meaning: "this row's turn did not come",
    remedy: 'Rerun.',
  },
} as const satisfies Record<string, { retry: RetryMarker; meaning: string; remedy: string }>;

export type Outcome = keyof typeof OUTCOMES;
export const OUTCOME_NAMES = namesOf(OUTCOMES);

/** By the outcome, but for a doubt that reruns don't end. */
export function retryOf(settlement: { readonly outcome: Outcome; readonly needsFix?: true }): RetryMarker {
  const { outcome, needsFix } = settlement;
  return outcome === 'unknown' && needsFix === true ? 'fix' : OUTCOMES[outcome].retry;
}

/** May a send of this row have been applied without our knowing? */
export function isInDoubt(outcome: Outcome): boolean {
  return outcome === 'unknown' || outcome === 'key_lost';
}
