/** A request to the authentication API: its timestamp and the HMAC over it are made when the bytes leave. */
export interface AuthBody {
  readonly text: string;
  /** Where their digits stand, in bytes. */
  readonly timestampAt: number;
  readonly hmacAt: number;
  readonly signedText: (timestamp: string) => string;
}

/** Unix time in seconds (vendor documentation). */
const TIMESTAMP_DIGITS = 10;
const HMAC_DIGITS = 64;
/** Sources disagree on the order in which these are signed: left empty, they agree. */
const EMPTY = { supportFido: '', ipAddress: '', userAgent: '', browserFp: '' };

export function toLoginBody(login: { username: string; password: string; integrationKey: string }): AuthBody {
  const { username, password, integrationKey } = login;
  return toAuthBody(
    { username, password, integrationKey, ...EMPTY },
    (timestamp) => `${username}${password}${integrationKey}${timestamp}`,
  );
}

export function toLogoutBody(session: { username: string; integrationKey: string; authToken: string }): AuthBody {
  const { username, integrationKey, authToken } = session;
  return toAuthBody(
    { username, integrationKey, authToken },
    (timestamp) => `${username}${integrationKey}${timestamp}${authToken}`,
  );
}

export function toAuthTimestamp(nowMs: number): string {
  return String(Math.floor(nowMs / 1000)).padStart(TIMESTAMP_DIGITS, '0');
}

/** The two come first, so that nothing of any other length stands before them. */
function toAuthBody(fields: Readonly<Record<string, string>>, signedText: AuthBody['signedText']): AuthBody {
  const toTimestamp = '{"unixTimestamp":"';
  const toHmac = `${toTimestamp}${'0'.repeat(TIMESTAMP_DIGITS)}","hmac":"`;
  const rest = JSON.stringify(fields).slice(1);
  return {
    text: `${toHmac}${'0'.repeat(HMAC_DIGITS)}",${rest}`,
    timestampAt: toTimestamp.length,
    hmacAt: toHmac.length,
    signedText,
  };
}
