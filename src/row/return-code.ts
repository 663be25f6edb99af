/**
 * What the server's return codes mean for one row. Sources: the two seed documents ("OTP seed", "PKI seed"), the
 * vendor's API document 3.1.3 of 2018 ("API 2018") and its later public documentation ("vendor documentation").
 */

import type { TokenType } from './token-type.js';

/**
 * What a return code decides:
 * - `success`: the token is registered
 * - `already`: a token was there before this send
 * - `temporary`: worth another attempt; whether something was applied is not known
 * - `once_more`: as `temporary`, but for a single further attempt in a run
 * - `later`: a final no for today; the same row can work another day
 * - `refused`: the server's final no to this row
 * - `session`: either our session is over or we have no right over this user; the session check decides
 * - `stop`: no row can succeed before somebody has mended something
 */
export type Verdict = 'success' | 'already' | 'temporary' | 'once_more' | 'later' | 'refused' | 'session' | 'stop';

export interface ReturnCode {
  readonly meaning: string;
  /** Where registrations differ: by token type, and for a call that registers nothing. */
  readonly verdict: Verdict | (Readonly<Record<TokenType, Verdict>> & { readonly noToken: Verdict });
  readonly source: string;
  readonly remedy: string;
  /** The same where a login was refused, if that is something else. */
  readonly loginRemedy?: string;
  /** What a database says that has too much to do. */
  readonly isStrain?: true;
  /** Nobody has the username that was asked about. */
  readonly isNoUser?: true;
  /** The user has no such token that could be taken back. */
  readonly isNoToken?: true;
  /** May be the answer to a stamp that is minutes off the server's clock; which code is, no document says. */
  readonly isForStamp?: true;
}

export const RETURN_CODES = {
  '0': {
    meaning: 'Success',
    verdict: 'success',
    source: 'OTP seed, PKI seed',
    remedy: 'Nothing to do.',
  },
  '10001': {
    meaning: 'Permission is not allowed',
    verdict: 'session',
    source: 'OTP seed, API 2018 (PKI)',
    remedy:
      'The session has ended, or this administrator has no right over this user: make a new session or use another administrator.',
    loginRemedy: 'This administrator may not log in: check the account.',
  },
  '10002': {
    meaning: 'Invalid input',
    verdict: 'refused',
    source: 'OTP seed, PKI seed',
    remedy: 'Correct the row. For PKI, a wrong clock or timestamp unit can look like this too (--timestamp-unit).',
    isForStamp: true,
  },
  '10003': {
    meaning: 'DB protection error',
    verdict: 'once_more',
    source: 'OTP seed, PKI seed',
    remedy: "Rerun once; if it stays, the integrity of the user record needs the server's administrator.",
  },
  '10004': {
    meaning: 'DB error',
    verdict: 'temporary',
    source: 'OTP seed, PKI seed',
    remedy: "Rerun; if it stays, look at the server's database.",
    isStrain: true,
  },
  '10011': {
    meaning: 'Crypto error',
    verdict: { otp: 'temporary', pki: 'refused', noToken: 'temporary' },
    source: 'OTP seed, PKI seed',
    remedy:
      "PKI: the signature is most likely not what the server can read; sign again. OTP: the server's key store; rerun.",
  },
  '20007': {
    meaning: 'Company is inactive',
    verdict: 'stop',
    source: 'vendor documentation',
    remedy: 'Have the company activated, then rerun.',
  },
  '22002': {
    meaning: 'User not found',
    verdict: 'refused',
    source: 'OTP seed, PKI seed',
    remedy: 'Correct the username, or create the user, then rerun.',
    isNoUser: true,
  },
  '22004': {
    meaning: 'User is not active',
    verdict: 'refused',
    source: 'PKI seed',
    remedy: 'Activate the user, then rerun.',
  },
  '22013': {
    meaning: 'User limit reached',
    verdict: 'stop',
    source: 'vendor documentation',
    remedy: 'The licence allows no more users: have it extended, then rerun.',
  },
  '22027': {
    meaning: 'User already bound with a token',
    verdict: 'already',
    source: 'PKI seed',
    remedy:
      'Nothing to do, unless the token should be another one: unregister it in the console of CENTAGATE first (undo does so only for rows that this job registered).',
  },
  '22029': {
    meaning: 'User edit is pending approval',
    verdict: 'later',
    source: 'vendor documentation',
    remedy: 'Have the pending change approved or rejected, then rerun.',
  },
  '23001': {
    meaning: 'Invalid credentials',
    verdict: 'stop',
    source: 'vendor documentation',
    remedy: "Check the administrator's credentials before another try: accounts lock.",
    loginRemedy:
      'The username, the password or the integration key is wrong: check them before another run, since accounts lock. No second login was tried.',
  },
  '23016': {
    meaning: 'Authentication API error',
    verdict: 'stop',
    source: 'vendor documentation',
    remedy: 'The server refuses this application: check the session and the integration settings.',
  },
  '23017': {
    meaning: 'Authentication API error',
    verdict: 'stop',
    source: 'vendor documentation',
    remedy: 'The server refuses this application: check the session and the integration settings.',
  },
  '23018': {
    meaning: 'Invalid session',
    verdict: 'session',
    source: 'vendor documentation',
    remedy: 'The session has ended: make a new one, then rerun.',
  },
  '23019': {
    meaning: 'Authentication API error',
    verdict: 'stop',
    source: 'vendor documentation',
    remedy: 'The server refuses this application: check the session and the integration settings.',
  },
  '23020': {
    meaning: "Caller's IP address is not allowed",
    verdict: 'stop',
    source: 'vendor documentation',
    remedy: 'Run from an allowed address, or have this one allowed.',
  },
  '23021': {
    meaning: 'Group is not allowed',
    verdict: 'stop',
    source: 'vendor documentation',
    remedy: "Have the administrator's group allowed for this application.",
  },
  '23022': {
    meaning: 'Wrong HMAC',
    verdict: 'stop',
    source: 'vendor documentation',
    remedy: 'The secret code and the authentication token do not belong together: make a new session.',
    loginRemedy: 'The HMAC is wrong: check --integration-secret-file.',
  },
  '23023': {
    meaning: 'Request expired',
    verdict: 'stop',
    source: 'vendor documentation',
    remedy: "Set this machine's clock, and check --timestamp-unit.",
    loginRemedy: "The login's timestamp is too old or too new: set this machine's clock.",
    isForStamp: true,
  },
  '23024': {
    meaning: 'Unknown integration key',
    verdict: 'stop',
    source: 'vendor documentation',
    remedy: 'Check the integration key.',
  },
  '23025': {
    meaning: 'Web API error',
    verdict: 'temporary',
    source: 'vendor documentation',
    remedy: 'Rerun; if it stays, look at the server.',
  },
  '26011': {
    meaning: 'Certificate not found',
    verdict: 'refused',
    source: 'API 2018 (undo)',
    remedy: 'Nothing of this user is left to take back: verify tells what the server has.',
    isNoToken: true,
  },
  '27001': {
    meaning: 'Licence error',
    verdict: 'stop',
    source: 'vendor documentation',
    remedy: 'Have the licence renewed, then rerun.',
  },
  '29001': {
    meaning: 'Token not found',
    verdict: 'refused',
    source: 'API 2018 (OTP)',
    remedy: 'OTP: perhaps no soft token is free; have some added, then rerun.',
    isNoToken: true,
  },
  '29008': {
    meaning: 'An OTP token already registered to this user',
    verdict: 'already',
    source: 'OTP seed',
    remedy:
      'Nothing to do, unless the activation key is missing: unregister the token in the console of CENTAGATE first (undo does so only for rows that this job registered).',
  },
  '230001': {
    meaning: 'Transaction quota is used up',
    verdict: 'stop',
    source: 'vendor documentation',
    remedy: 'Have the quota raised, then rerun.',
  },
} as const satisfies Record<string, ReturnCode>;

export function describeReturnCode(code: string): ReturnCode | undefined {
  return Object.hasOwn(RETURN_CODES, code) ? RETURN_CODES[code as keyof typeof RETURN_CODES] : undefined;
}

/** `noToken`: of a call that registers nothing. A code that no document lists is a final no: never a success. */
export function verdictOf(code: string, tokenType: TokenType | 'noToken'): Verdict {
  const verdict = describeReturnCode(code)?.verdict ?? 'refused';
  return typeof verdict === 'string' ? verdict : verdict[tokenType];
}
