import type { Exchange } from './exchange.js';
import { describeStatus } from '../row/http-status.js';
import type { Outcome } from '../row/outcome.js';
import type { TokenType } from '../row/token-type.js';
import { isRecord, parseJson, textOf } from './json.js';
import type { Reply } from '../row/reply.js';
import { describeReturnCode, verdictOf } from '../row/return-code.js';

/** What `user/auth/list` shows of one user. What it doesn't show may still come: a late commit is possible. */
export interface TokenListing {
  readonly hasOtp: boolean;
  /** SHA-1 of the certificates that are not revoked, as lower-case hex digits. */
  readonly fingerprints: readonly string[];
}

/**
 * Why there is no listing. `not_offered`: the server has no such endpoint; `refused`: our session is over, or we have no
 * right over this user; `no_user`: nobody has this name; `unclear`: there is no usable answer.
 */
export type ListingGap = 'not_offered' | 'refused' | 'no_user' | 'unclear';

/** What came of asking. */
export interface Listed {
  readonly listing: TokenListing | ListingGap;
  /** What it says of the server; absent where nobody asked, since there is no such endpoint. */
  readonly reply: Reply | undefined;
}

export function readListing(exchange: Exchange): TokenListing | ListingGap {
  if (exchange.kind !== 'reply') return 'unclear';
  const { isRead, listing } = describeStatus(exchange.status);
  const reply = isRead === true ? parseJson(exchange.body) : undefined;
  if (!isRecord(reply)) return listing;
  const code = textOf(reply['code']) ?? '';
  if (describeReturnCode(code)?.isNoUser === true) return 'no_user';
  const verdict = verdictOf(code, 'noToken');
  if (verdict === 'session') return 'refused';
  // As elsewhere, the object comes as such or as JSON in a string.
  const { object } = reply;
  const lists = typeof object === 'string' ? parseJson(object) : object;
  if (verdict !== 'success' || !isRecord(lists)) return 'unclear';
  return {
    hasOtp: recordsOf(lists['tokenList']).some((token) => textOf(token['type']) === OTP_TYPE),
    fingerprints: recordsOf(lists['certList'])
      .filter((certificate) => !isRevoked(certificate['revoked']))
      .map((certificate) => (textOf(certificate['fingerprint']) ?? '').replaceAll(/[^0-9a-f]/gi, '').toLowerCase()),
  };
}

/** Type of an OTP token in `tokenList` (vendor documentation). */
const OTP_TYPE = '2';

function recordsOf(list: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function isRevoked(flag: unknown): boolean {
  return flag === true || ['true', '1', 'yes', 'y'].includes((textOf(flag) ?? '').toLowerCase());
}

/** A row in doubt, as it is looked for in its user's listing. */
export interface Sought {
  readonly tokenType: TokenType;
  /** Of the signer's certificate; undefined where it can't be read, or for OTP. */
  readonly fingerprint: string | undefined;
}

/** What the listing settles of a row that is in doubt; nothing where it leaves the doubt. */
export function settleByListing(
  { hasOtp, fingerprints }: TokenListing,
  { tokenType, fingerprint }: Sought,
): { readonly outcome: Outcome; readonly detail: string } | undefined {
  if (tokenType === 'otp') return hasOtp ? { outcome: 'key_lost', detail: SHOWS_TOKEN } : undefined;
  if (fingerprint === undefined || fingerprints.length === 0) return undefined;
  if (fingerprints.includes(fingerprint)) return { outcome: 'registered', detail: SHOWS_OURS };
  return { outcome: 'already_registered', detail: SHOWS_ANOTHER };
}

const SHOWS_TOKEN =
  'A send got no clear answer, and the server shows an OTP token: if it is ours, its key is lost. It may have existed before: look, unregister it, then rerun.';
const SHOWS_OURS = "A send got no clear answer, but the server shows this signature's certificate.";
const SHOWS_ANOTHER =
  "After a send without a clear answer, the server shows another certificate, and not this signature's.";
