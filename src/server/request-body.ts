import type { PkiRegistration, Registration } from '../row/registration.js';
import { toBase64 } from '../signature/signature.js';
import type { Signature } from '../signature/signature.js';

/** `ms`: 13 digits, as the endpoint's table of parameters says; `s`: 10 digits, as its sample code sends (PKI seed). */
export type TimestampUnit = 'ms' | 's';

const DIGITS = { ms: 13, s: 10 } as const satisfies Record<TimestampUnit, number>;

export interface RequestBody {
  readonly text: string;
  /** Where the timestamp's digits stand, in bytes; absent where it has none. */
  readonly timestampAt: number | undefined;
}

export interface RequestSecrets {
  readonly cenToken: string;
  readonly signature: Pick<Signature, 'bytes' | 'algorithm'> | undefined;
}

/** The documented keys, all values strings (both seeds' sample code); the timestamp's zeros are written over later. */
export function toRequestBody(registration: Registration, secrets: RequestSecrets, unit: TimestampUnit): RequestBody {
  switch (registration.tokenType) {
    case 'otp': {
      const { username } = registration;
      return { text: JSON.stringify({ username, cenToken: secrets.cenToken }), timestampAt: undefined };
    }
    case 'pki':
      return toPkiBody(registration, secrets, unit);
  }
}

/** The JSON that takes a registration back; every value is a string, as elsewhere. */
export function toUndoBody(
  { username }: Pick<Registration, 'username'>,
  { type, status }: UndoFields,
  { cenToken }: Pick<RequestSecrets, 'cenToken'>,
): string {
  return JSON.stringify({ username, type, ...(status !== undefined && { status }), cenToken });
}

/** What says what is to become of which token of a user (vendor documentation). */
export interface UndoFields {
  readonly type: string;
  /** None where the token is taken away. */
  readonly status: string | undefined;
}

function toPkiBody(registration: PkiRegistration, secrets: RequestSecrets, unit: TimestampUnit): RequestBody {
  const { username } = registration;
  const { cenToken, signature } = secrets;
  const algorithm = registration.algorithm ?? signature?.algorithm;
  const base64 = signature === undefined ? '' : toBase64(signature.bytes);
  const head = JSON.stringify({ username }).slice(0, -1);
  // Base64 stands in JSON as it is: to escape kilobytes of it, and to count their bytes, would take longer than the rest.
  const plain = `,"signature":"${base64}"${algorithm === undefined ? '' : `,"algorithm":"${algorithm}"`},"timestamp":"`;
  const tail = JSON.stringify({ status: registration.status, cenToken }).slice(1);
  return {
    text: `${head}${plain}${'0'.repeat(DIGITS[unit])}",${tail}`,
    timestampAt: byteLength(head) + plain.length,
  };
}

/** The digits of the moment `nowMs`, as many as a body has room for: a clock that was never set must not become 2361. */
export function toTimestamp(nowMs: number, unit: TimestampUnit): string {
  return String(Math.floor(unit === 'ms' ? nowMs : nowMs / 1000)).padStart(DIGITS[unit], '0');
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
