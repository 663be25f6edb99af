import type { IncomingHttpHeaders } from 'node:http';
import type { TokenType } from '../row/token-type.js';
import { refuse, succeed, type ApiReply } from './api-reply.js';
import type { Directory } from './directory.js';
import { findFormProblem, readFields } from './registration-request.js';
import type { Sessions } from './sessions.js';

/** `unregister` takes a token away, `updateStatus` gives it another status and leaves it there (vendor documentation). */
export type TakingBackCall = 'unregister' | 'updateStatus';

/** Of a PKI token; which one an offline OTP token has, no document says. */
const PKI_TYPE = '4';
const TYPES = ['1', '2', '3', PKI_TYPE];
const STATUSES = ['1', '2', '3', '4'];

export interface TakingBackRequest {
  readonly call: TakingBackCall;
  readonly admin: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  readonly at: number;
}

interface TakingBackRules {
  readonly session: Sessions;
  readonly directory: Directory;
  /** By which this server knows an offline OTP token. */
  readonly otpType: string;
}

/** Answers both calls that take back what was registered. */
export function takeBack(
  { call, admin, headers, body, at }: TakingBackRequest,
  { session, directory, otpType }: TakingBackRules,
): { readonly reply: ApiReply; readonly applied: boolean } {
  const no = (code: string, problem?: string) => ({ reply: refuse(code, problem), applied: false });
  const { username, cenToken, status } = readFields(body);
  const { type, rest } = parted(body, call);
  const problem =
    findFormProblem({ tokenType: 'otp', admin, headers, body: rest, at }) ??
    (TYPES.includes(type) ? undefined : 'type must be 1, 2, 3 or 4, as a JSON string') ??
    (call === 'unregister' || STATUSES.includes(status) ? undefined : 'status must be 1, 2, 3 or 4, as a JSON string');
  if (problem !== undefined) return no('10002', problem);
  if (!session.permits(admin, cenToken) || !session.permitsUser(username)) return no('10001');
  const user = directory.find(username);
  if (user === undefined) return no('22002');
  const tokenType: TokenType | undefined = type === PKI_TYPE ? 'pki' : type === otpType ? 'otp' : undefined;
  const isThere = tokenType === 'pki' ? user.hasCertificate : tokenType === 'otp' && user.hasOtp;
  if (tokenType === undefined || !isThere) return no(type === PKI_TYPE && call === 'unregister' ? '26011' : '29001');
  if (call === 'unregister') directory.unregister(username, tokenType);
  else directory.setStatus(username, tokenType, status);
  return { reply: succeed(''), applied: true };
}

/** What these calls have beside the fields of any other one. */
function parted(body: unknown, call: TakingBackCall): { readonly type: string; readonly rest: unknown } {
  if (typeof body !== 'object' || body === null) return { type: '', rest: body };
  const own = call === 'unregister' ? ['type'] : ['type', 'status'];
  const entries = Object.entries(body) as [string, unknown][];
  const type = entries.find(([name]) => name === 'type')?.[1];
  const rest = Object.fromEntries(entries.filter(([name]) => !own.includes(name)));
  return { type: typeof type === 'string' ? type : '', rest };
}
