import type { Proof } from '../core/proof.js';
import type { Exchange } from './exchange.js';
import { describeStatus } from '../row/http-status.js';
import type { Outcome } from '../row/outcome.js';
import type { Registration, SignedRegistration } from '../row/registration.js';
import { describeTokenType } from '../row/token-type.js';
import type { TokenType } from '../row/token-type.js';
import { codeOf, isRecord, parseJson, textOf } from './json.js';
import type { Reply } from '../row/reply.js';
import { describeReturnCode, verdictOf } from '../row/return-code.js';

/** What `user/auth/list` shows of one user. What it doesn't show may still come: a late commit is possible. */
export interface TokenListing {
  /** Of the user's tokens, as the server numbers them. */
  readonly types: readonly string[];
  /** SHA-1 of the certificates that are not revoked, as lower-case hex digits. */
  readonly fingerprints: readonly string[];
}

/**
 * Why there is no listing. `not_offered`: the server has no such endpoint; `refused`: our session is over, or we have no
 * right over this user; `no_user`: nobody has this name; `unclear`: there is no usable answer.
 */
export type ListingGap = 'not_offered' | 'refused' | 'no_user' | 'unclear';

export interface Listed {
  readonly listing: TokenListing | ListingGap;
  readonly reply: Reply | undefined;
  /** What it rests on, where that is still to be proved. */
  readonly proof?: Proof | undefined;
}

export function readListing(exchange: Exchange): TokenListing | ListingGap {
  if (exchange.kind !== 'reply') return 'unclear';
  const { isRead, listing } = describeStatus(exchange.status);
  const reply = isRead === true ? parseJson(exchange.body) : undefined;
  if (!isRecord(reply)) return listing;
  const code = codeOf(reply, exchange.body) ?? '';
  if (describeReturnCode(code)?.isNoUser === true) return 'no_user';
  const verdict = verdictOf(code, 'noToken');
  if (verdict === 'session') return 'refused';
  // As elsewhere, the object comes as such or as JSON in a string.
  const { object } = reply;
  const lists = typeof object === 'string' ? parseJson(object) : object;
  if (verdict !== 'success' || !isRecord(lists)) return 'unclear';
  return {
    types: recordsOf(lists['tokenList']).map((token) => textOf(token['type']) ?? ''),
    fingerprints: recordsOf(lists['certList'])
      .filter((certificate) => !isRevoked(certificate['revoked']))
      .map((certificate) => (textOf(certificate['fingerprint']) ?? '').replaceAll(/[^0-9a-f]/gi, '').toLowerCase()),
  };
}

function recordsOf(list: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function isRevoked(flag: unknown): boolean {
  return flag === true || ['true', '1', 'yes', 'y'].includes((textOf(flag) ?? '').toLowerCase());
}

/** A row, as it is looked for in its user's listing. */
export interface Sought {
  readonly tokenType: TokenType;
  /** What {@link markOf} finds. */
  readonly mark: string | undefined;
}

/** SHA-1 of the signer's certificate, by which a listing shows this token alone; undefined where there is none. */
export function markOf(
  registration: Registration,
  fingerprintOf: (registration: SignedRegistration) => string | undefined,
): string | undefined {
  switch (registration.tokenType) {
    case 'otp':
      return undefined;
    case 'pki':
      return fingerprintOf(registration);
  }
}

/**
 * How a row stands in its user's listing:
 * - `ours`: its own token is there
 * - `another`: tokens of its kind are there, and not its own
 * - `some`: so they are, and nobody here knows its mark
 * - `one`: a token of its type is there, and the server shows nobody whose
 * - `none`: there is no token of its type
 */
type Sight = 'ours' | 'another' | 'some' | 'one' | 'none';

export function findToken({ types, fingerprints }: TokenListing, { tokenType, mark }: Sought): Sight {
  const { proof } = describeTokenType(tokenType);
  switch (proof.by) {
    case 'key':
      return types.includes(proof.listedType) ? 'one' : 'none';
    case 'fingerprint':
      if (fingerprints.length === 0) return 'none';
      if (mark === undefined) return 'some';
      return fingerprints.includes(mark) ? 'ours' : 'another';
  }
}

/** What the listing says of a row in doubt; nothing where the doubt stays. */
export function decideByListing(
  listing: TokenListing,
  sought: Sought,
): { readonly outcome: Outcome; readonly detail: string } | undefined {
  switch (findToken(listing, sought)) {
    case 'ours':
      return { outcome: 'registered', detail: SHOWS_OURS };
    case 'another':
      return { outcome: 'already_registered', detail: SHOWS_ANOTHER };
    case 'one':
      return { outcome: 'key_lost', detail: SHOWS_TOKEN };
    case 'some':
    case 'none':
      return undefined;
  }
}

const SHOWS_TOKEN =
  'A send got no clear answer, and the server shows an OTP token: if it is ours, its key is lost. It may have existed before: look, unregister it, then rerun.';
const SHOWS_OURS = "A send got no clear answer, but the server shows this signature's certificate.";
const SHOWS_ANOTHER =
  "After a send without a clear answer, the server shows another certificate, and not this signature's.";
