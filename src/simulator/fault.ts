/** What can go wrong with one send, by name; the rest are return codes and HTTP statuses. */
export const NAMED_FAULTS = {
  ok: 'nothing: the send is handled as usual',
  html: "HTTP 200 with a proxy's HTML page, not applied",
  empty: 'HTTP 200 without a body, not applied',
  'no-code': 'HTTP 200 with a JSON object that has no code, not applied',
  oversize: 'HTTP 200 with a body far over 1 MiB, not applied',
  reset: 'the connection is destroyed, not applied (the same as reset-before)',
  'reset-before': 'the connection is destroyed, not applied',
  'reset-after': 'applied, then the connection is destroyed',
  lost: 'applied, and never answered',
  'no-reply': 'not applied, and never answered',
  'applied-500': 'applied, then HTTP 500',
  truncated: 'applied, then a reply that ends before its content-length',
  'no-key': 'applied, and an OTP reply without its key',
  drip: 'HTTP 200 with one byte a second, for ever, not applied',
} as const satisfies Readonly<Record<string, string>>;

export type NamedFault = keyof typeof NAMED_FAULTS;

/** A named fault, a return code (four digits or more), an HTTP status (300 to 599) or a status with its Retry-After. */
export type FaultKind = NamedFault | `${number}` | `${number}:${number}`;

export interface Fault {
  readonly kind: FaultKind;
  /** Over 0, at most 1: the part of all sends without a script of their own. */
  readonly share: number;
}

/** An answer that is no more than a status line. */
export interface HttpStatus {
  readonly status: number;
  /** `Retry-After` in seconds, or nothing. */
  readonly headers: Readonly<Record<string, string>>;
}

/** All that `--fault` takes for a kind, and what the send meets. */
export const FAULT_KINDS = {
  ...NAMED_FAULTS,
  '<return code>': 'HTTP 200 with that code, such as `10004`, not applied',
  '<HTTP status>': 'that status, from 300 to 599, such as `500`, not applied',
  '429:<seconds>': '429 with that `Retry-After`, not applied',
  '503:<seconds>': '503 with that `Retry-After`, not applied',
} as const satisfies Readonly<Record<string, string>>;

export function isNamedFault(text: string): text is NamedFault {
  return Object.hasOwn(NAMED_FAULTS, text);
}

export function isReturnCode(text: string): boolean {
  return /^\d{4,}$/.test(text);
}

export function parseStatus(text: string): HttpStatus | undefined {
  const [, status, retryAfter] = /^([345]\d\d)(?::(\d{1,6}))?$/.exec(text) ?? [];
  if (status === undefined) return undefined;
  if (retryAfter === undefined) return { status: Number(status), headers: {} };
  return status === '429' || status === '503'
    ? { status: Number(status), headers: { 'Retry-After': retryAfter } }
    : undefined;
}

export function isFaultKind(text: string): text is FaultKind {
  return isNamedFault(text) || isReturnCode(text) || parseStatus(text) !== undefined;
}

/** Reads `kind=share`, as in `10004=0.02` or `429:2=0.1`; a string says what is wrong with it. */
export function parseFault(text: string): Fault | string {
  const [, kind = '', share = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (kind === '') return `"${text}" is not a fault: write <kind>=<share>, as in 10004=0.02`;
  if (!isFaultKind(kind)) return `"${kind}" is not a kind of fault; known are ${Object.keys(FAULT_KINDS).join(', ')}`;
  if (!/^(\d+(\.\d+)?|\.\d+)$/.test(share) || !isShare(Number(share))) {
    return `the share of ${kind} must be a number over 0 and at most 1, not "${share}"`;
  }
  return { kind, share: Number(share) };
}

export function findFaultProblem(faults: readonly Fault[]): string | undefined {
  const odd = faults.find(({ kind, share }) => !isFaultKind(kind) || !isShare(share));
  if (odd !== undefined) return `"${odd.kind}=${odd.share}" is not a fault`;
  const sum = faults.reduce((total, { share }) => total + share, 0);
  // Ten tenths add up to a little less or more than one.
  return sum > 1 + 1e-9 ? `the shares of all faults add up to ${Number(sum.toFixed(6))}, 1 is the most` : undefined;
}

function isShare(share: number): boolean {
  return share > 0 && share <= 1;
}
