import type { Directory } from './directory.js';
import { findFormProblem, readFields, type RegistrationRequest } from './registration-request.js';
import { refuse, succeed, type ApiReply } from './api-reply.js';
import type { Sessions } from './sessions.js';

/** Shows what is registered to a user, as `user/auth/list` does; its form is that of an OTP request. */
export function listTokens(
  request: Omit<RegistrationRequest, 'tokenType'>,
  { session, directory }: { readonly session: Sessions; readonly directory: Directory },
): ApiReply {
  const { username, cenToken } = readFields(request.body);
  const problem = findFormProblem({ ...request, tokenType: 'otp' });
  if (problem !== undefined) return refuse('10002', problem);
  if (!session.permits(request.admin, cenToken) || !session.permitsUser(username)) return refuse('10001');
  const user = directory.find(username);
  if (user === undefined) return refuse('22002');
  const tokenList = user.hasOtp ? [{ sn: `otp-${username}`, type: '2', status: '1' }] : [];
  const certList = directory.fingerprintsOf(username).map((fingerprint) => ({ sn: '1', fingerprint, revoked: false }));
  return succeed(JSON.stringify({ tokenList, certList }));
}
