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

export interface ActivationKey {
  /** Empty where nothing that came looks like a key. */
  readonly text: string;
  /** How it is written; as it is where it is plain text. */
  readonly form?: WrittenForm;
  /** The reply's `object` was a plain text where a `key` was expected; kept, since it is not shown again. */
  readonly bare: boolean;
  /** All that came, where the key alone would not say it. */
  readonly raw?: RawObject;
}

/** `json`: a JSON text. `base64`: bytes, which are no UTF-8 or no single line of text. */
export type WrittenForm = 'json' | 'base64';

/** The `object` of a reply, or the whole of it, to the byte. */
export interface RawObject {
  readonly text: string;
  /** `left_out`: it quotes a secret of ours, and so has no text. */
  readonly form: WrittenForm | 'left_out';
  /** The key did not stand in it where the documents have it, or is no plain text. */
  readonly isOdd: boolean;
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
  /** What is called a key in JSON without a code: nothing says whose it is, and it is not shown again. */
  readonly key?: ActivationKey;
}

/** The request left, or may have left, and no whole reply came. */
export interface Unanswered {
  readonly kind: 'unanswered';
  readonly why: string;
  /** No other try will fare better; absent: one may. */
  readonly canHeal?: false;
  /** Something came that is no reply. */
  readonly isStrange?: true;
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
