import type { Page } from './page.js';

/**
 * What came back from one PUT. Only an HTTP 200 whose body is whole JSON with a `code` speaks of the row; the vendor's
 * clients read the body of nothing else, so no other reply says whether the registration happened.
 */
export type Reply = Answer | OtherStatus | Unreadable | Unanswered | Unsent;

export interface Answer {
  readonly kind: 'answer';
  readonly httpStatus: 200;
  readonly code: string;
  readonly message: string;
  /** The OTP activation key: a secret, shown by the server this once. */
  readonly key: ActivationKey | undefined;
}

/** `bare`: the reply's `object` was a plain text where a `key` was expected; kept, since it is not shown again. */
export interface ActivationKey {
  readonly text: string;
  readonly bare: boolean;
}

export interface OtherStatus {
  readonly kind: 'status';
  readonly httpStatus: number;
  readonly page?: Page;
  readonly retryAfterMs: number | undefined;
}

export interface Unreadable {
  readonly kind: 'unreadable';
  readonly httpStatus: 200;
  readonly why:
    'the reply is empty' | 'the reply is not JSON' | 'the reply has no return code' | 'the reply is over 1 MiB';
  readonly page?: Page;
}

/** The request left, or may have left, and no whole reply came. */
export interface Unanswered {
  readonly kind: 'unanswered';
  readonly why: string;
  /** No other try will fare better; absent: one may. */
  readonly canHeal?: false;
}

/** No byte of the request left. */
export interface Unsent {
  readonly kind: 'unsent';
  readonly why: string;
  /** No other try will fare better; absent: one may. */
  readonly canHeal?: false;
}

/** Does it say that no other try will fare better? */
export function isLasting(reply: Reply): reply is (Unanswered | Unsent) & { readonly canHeal: false } {
  return 'canHeal' in reply;
}

/** Why the run stops then. */
export function describeLasting({ why }: { readonly why: string }): string {
  return `${why}. Waiting does not heal it: see to it, then rerun`;
}
