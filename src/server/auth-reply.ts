import type { Exchange, HttpReply, Sent } from './exchange.js';
import { describeStatus, isRead } from '../row/http-status.js';
import { codeOf, isRecord, parseJson, textOf } from './json.js';
import { parseRetryAfter } from './parse-reply.js';
import { describeReturnCode, verdictOf } from '../row/return-code.js';
import { showText } from '../core/safe-text.js';
import type { Secrets } from './secrets.js';
import type { Login, Logout, Tokens } from './session.js';

const UNLISTED =
  'No document lists this code. Perhaps the administrator has too many sessions: log out elsewhere, then rerun; else ask the vendor.';

/** Only what the network or a server in trouble did is worth another try. */
export function readLogin(exchange: Exchange, { hasLeft, now, secrets }: Sent): Login<Tokens> {
  switch (exchange.kind) {
    case 'failed':
      if (!exchange.canHeal) return refused(`${exchange.why}.`);
      if (exchange.isStrange === true) return refused(`${exchange.why}. ${ELSEWHERE}`);
      return { kind: 'failed', hasLeft, reason: `the login failed: ${exchange.why}` };
    case 'cut':
      return { kind: 'failed', hasLeft, reason: `the login failed: ${exchange.why}` };
    case 'reply':
      return isRead(exchange.status) ? readBody(exchange.body, secrets) : readStatus(exchange, now);
  }
}

function readStatus({ status, retryAfter }: HttpReply, now: Sent['now']): Login<Tokens> {
  switch (describeStatus(status).login) {
    case 'credentials':
      return refused(`HTTP status ${status}: check the credentials before another run, since accounts lock.`);
    case 'again': {
      const retryAfterMs = parseRetryAfter(retryAfter, now);
      return { kind: 'failed', hasLeft: true, reason: `the login failed: HTTP status ${status}`, retryAfterMs };
    }
    case 'elsewhere':
      return refused(`HTTP status ${status}: there is no login at this address. Check --server and --auth-base.`);
  }
}

function readBody(body: string, secrets: Secrets): Login<Tokens> {
  const reply = parseJson(body);
  const code = isRecord(reply) ? codeOf(reply, body) : undefined;
  if (!isRecord(reply) || code === undefined) {
    return refused(`the reply is not the JSON of the web API. ${ELSEWHERE}`);
  }
  const verdict = verdictOf(code, 'noToken');
  if (verdict === 'success') return readTokens(reply['object']);
  const known = describeReturnCode(code);
  const what = describeCode(code, reply['message'], secrets);
  if (verdict === 'temporary') {
    return { kind: 'failed', hasLeft: true, reason: `the login failed: ${what}` };
  }
  return refused(`${what}. ${known?.loginRemedy ?? known?.remedy ?? UNLISTED}`);
}

function describeCode(code: string, message: unknown, secrets: Secrets): string {
  const known = describeReturnCode(code);
  const said = secrets.hide(showText(textOf(message) ?? '', 200));
  return `return code ${known === undefined ? secrets.hide(showText(code, 40)) : code} (${known?.meaning ?? 'not listed'}${said === '' ? '' : `; the server says "${said}"`})`;
}

/** `object` is JSON in a string. */
function readTokens(object: unknown): Login<Tokens> {
  const found = typeof object === 'string' ? parseJson(object) : object;
  const fields = isRecord(found) ? found : {};
  if (['true', '1'].includes(String(fields['passwordExpired']).toLowerCase())) {
    return refused("the administrator's password has expired. Change it, then rerun.");
  }
  // As they are: the cenToken is made of every character.
  const [authToken, secretCode] = [fields['authToken'], fields['secretCode']].map((token) =>
    typeof token === 'string' && token.trim() !== '' ? token : undefined,
  );
  if (authToken === undefined) return refused('the reply has no authToken. Check --server and --auth-base.');
  if (secretCode === undefined) {
    return refused(
      'this administrator must confirm each login with a second factor (step-up), which a job can not do. Use an account without it, or give a session made elsewhere.',
    );
  }
  return { kind: 'opened', session: { authToken, secretCode } };
}

function refused(why: string): Login<Tokens> {
  return { kind: 'refused', reason: `the administrator could not log in: ${why}` };
}

/** A session that the server does not know is none that could be used. */
export function readLogout(exchange: Exchange, secrets: Secrets): Logout {
  if (exchange.kind === 'cut') return unended('failed', exchange.why);
  if (exchange.kind === 'failed')
    return unended(exchange.canHeal && exchange.isStrange !== true ? 'failed' : 'refused', exchange.why);
  const { status, body } = exchange;
  if (!isRead(status)) {
    const isForLater = describeStatus(status).login === 'again';
    return unended(isForLater ? 'failed' : 'refused', `HTTP status ${status}${isForLater ? '' : `. ${ELSEWHERE}`}`);
  }
  const reply = parseJson(body);
  const code = isRecord(reply) ? codeOf(reply, body) : undefined;
  if (!isRecord(reply) || code === undefined) {
    return unended('refused', `the reply is not the JSON of the web API. ${ELSEWHERE}`);
  }
  const known = describeReturnCode(code);
  const what = describeCode(code, reply['message'], secrets);
  switch (verdictOf(code, 'noToken')) {
    case 'success':
      return { kind: 'ended' };
    case 'session':
      return { kind: 'over' };
    case 'temporary':
    case 'once_more':
    case 'later':
      return unended('failed', what);
    case 'already':
    case 'refused':
    case 'stop':
      return unended('refused', `${what}. ${known?.loginRemedy ?? known?.remedy ?? 'No document lists this code.'}`);
  }
}

const ELSEWHERE = 'Check --server and --auth-base.';

function unended(kind: 'refused' | 'failed', why: string): Logout {
  return { kind, reason: `the session was not ended: ${why}` };
}
