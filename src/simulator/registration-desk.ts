import { ALGORITHMS, TOKEN_STATUSES, type Algorithm } from '../row/registration.js';
import { bringsKey, type TokenType } from '../row/token-type.js';
import type { Directory, SimulatorUser } from './directory.js';
import { Pkcs7Error, verifyPkcs7, type VerifiedSignature } from './pkcs7.js';
import { findFormProblem, readFields, type Fields, type RegistrationRequest } from './registration-request.js';
import { refuse, succeed, type ApiReply } from './api-reply.js';
import type { Sessions } from './sessions.js';

/** `ms` is what the parameter table of the PKI seed says, `s` what its sample code sends. */
export type TimestampUnit = 'ms' | 's';

export interface DeskRules {
  readonly session: Sessions;
  readonly directory: Directory;
  readonly timestampUnit: TimestampUnit;
  readonly drawKey: () => string;
}

/** What became of one request; `key` is the activation key that an OTP registration made. */
export interface Registered {
  readonly reply: ApiReply;
  readonly applied: boolean;
  readonly key?: string;
}

/** Further off the server's clock than this, a request is refused (PKI seed: "5 minutes more or less"). */
const TIMESTAMP_TOLERANCE_MS = 300_000;
const TIMESTAMP_UNITS = { ms: { digits: 13, inMs: 1 }, s: { digits: 10, inMs: 1000 } } as const;

/** Form before rights, rights before values, values before the user: who may not call learns nothing about users. */
export function register(request: RegistrationRequest, rules: DeskRules): Registered {
  const fields = readFields(request.body);
  const callerRefusal = findCallerRefusal(request, fields, rules.session);
  if (callerRefusal !== undefined) return { reply: callerRefusal, applied: false };
  const judged = request.tokenType === 'pki' ? judgePki(fields, request.at, rules.timestampUnit) : undefined;
  const refusal = judged?.refusal ?? findUserRefusal(rules.directory.find(fields.username), request.tokenType);
  if (refusal !== undefined) return { reply: refusal, applied: false };

  rules.directory.register(fields.username, request.tokenType, judged?.verified?.fingerprint);
  if (!bringsKey(request.tokenType)) return { reply: succeed(''), applied: true };
  const key = rules.drawKey();
  return { reply: succeed(JSON.stringify({ key })), applied: true, key };
}

function findCallerRefusal(
  request: RegistrationRequest,
  fields: Fields,
  session: DeskRules['session'],
): ApiReply | undefined {
  const problem = findFormProblem(request);
  if (problem !== undefined) return refuse('10002', problem);
  const permitted = session.permits(request.admin, fields.cenToken) && session.permitsUser(fields.username);
  return permitted ? undefined : refuse('10001');
}

interface JudgedPki {
  readonly refusal?: ApiReply;
  readonly verified?: VerifiedSignature;
}

function judgePki(fields: Fields, at: number, unit: TimestampUnit): JudgedPki {
  const refusal = findPkiRefusal(fields, at, unit);
  if (refusal !== undefined) return { refusal };
  const verified = verify(Buffer.from(fields.signature, 'base64'), fields.algorithm);
  return typeof verified === 'string' ? { refusal: refuse('10011', verified) } : { verified };
}

function findPkiRefusal(fields: Fields, at: number, unit: TimestampUnit): ApiReply | undefined {
  const { status, algorithm, signature, timestamp = '' } = fields;
  if (!Object.hasOwn(TOKEN_STATUSES, status)) return refuse('10002', 'status must be 1, 2, 3 or 4');
  if (algorithm !== undefined && !isAlgorithm(algorithm)) return refuse('10002', 'algorithm must be 0, 1, 2 or 3');
  const encoded = Buffer.from(signature, 'base64');
  if (signature === '' || encoded.toString('base64') !== signature) {
    return refuse('10002', 'signature must be standard base64, padded, in one line');
  }
  const timestampProblem = findTimestampProblem(timestamp, at, unit);
  return timestampProblem === undefined ? undefined : refuse('10002', timestampProblem);
}

function findTimestampProblem(timestamp: string, at: number, unit: TimestampUnit): string | undefined {
  const { digits, inMs } = TIMESTAMP_UNITS[unit];
  if (timestamp.length !== digits || !/^\d+$/.test(timestamp)) return `timestamp must be ${digits} digits (${unit})`;
  const aheadMs = Number(timestamp) * inMs - at;
  if (Math.abs(aheadMs) < TIMESTAMP_TOLERANCE_MS) return undefined;
  const off = `${Math.floor(Math.abs(aheadMs) / 1000)} s ${aheadMs < 0 ? 'behind' : 'ahead of'}`;
  return `timestamp is ${off} the server's clock, less than 300 s is allowed`;
}

/** @returns what is wrong with it, as a text, when it does not hold */
function verify(encoded: Uint8Array, algorithm: string | undefined): VerifiedSignature | string {
  try {
    const verified = verifyPkcs7(encoded);
    const { digest } = verified;
    if (algorithm === undefined || !isAlgorithm(algorithm) || ALGORITHMS[algorithm] === digest) return verified;
    return `the signature is made with ${digest}, but algorithm ${algorithm} says ${ALGORITHMS[algorithm]}`;
  } catch (error) {
    if (error instanceof Pkcs7Error) return error.message;
    throw error;
  }
}

function findUserRefusal(user: SimulatorUser | undefined, tokenType: TokenType): ApiReply | undefined {
  if (user === undefined) return refuse('22002');
  if (!user.active) return refuse('22004');
  switch (tokenType) {
    case 'otp':
      return user.hasOtp ? refuse('29008') : undefined;
    case 'pki':
      return user.hasCertificate ? refuse('22027') : undefined;
  }
}

function isAlgorithm(text: string): text is Algorithm {
  return Object.hasOwn(ALGORITHMS, text);
}
