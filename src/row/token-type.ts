import type { InputColumn } from '../input/column.js';

/** What there is to know of one type of token. What goes into its request stands in server/request-body.ts. */
export interface TokenTypeFacts {
  /** As people write it. */
  readonly label: string;
  /** One row of it, with its article. */
  readonly aRow: string;
  /** What a CSV may call it, in lower case, with `-` between words. */
  readonly words: readonly string[];
  /** Of the call that registers it; the administrator follows. */
  readonly path: string;
  /** What it reads of a row, beside whose it is; what else stands in the row is ignored. */
  readonly columns: readonly TypedColumn[];
  /**
   * What shows that a token is ours:
   * - `key`: the activation key that its reply brings, this once; `user/auth/list` only shows that one of its `listedType`
   *   is there
   * - `fingerprint`: of the signer's certificate, which `user/auth/list` shows too; the reply brings nothing
   */
  readonly proof:
    { readonly by: 'key'; readonly listedType: string } | { readonly by: 'fingerprint'; readonly of: string };
  /** As the calls that take tokens back know it: documented by the vendor, or said by the operator (`--otp-type`). */
  readonly takenBackAs: { readonly type: string } | { readonly saidBy: 'otpType' };
  /** Rows to start from, but for their token type. */
  readonly examples: readonly Readonly<Partial<Record<InputColumn, string>>>[];
}

/** A column that not every type of token has a use for. */
export type TypedColumn = Exclude<InputColumn, 'username' | 'token_type'>;

/** The types of token that can be registered (OTP seed, PKI seed). */
export const TOKEN_TYPES = {
  otp: {
    label: 'OTP',
    aRow: 'an OTP row',
    words: ['otp', 'otp-offline'],
    path: '/token/register/otp/offline',
    columns: [],
    proof: { by: 'key', listedType: '2' },
    takenBackAs: { saidBy: 'otpType' },
    examples: [{ username: 'alice' }],
  },
  pki: {
    label: 'PKI',
    aRow: 'a PKI row',
    words: ['pki', 'pkcs7', 'cert'],
    path: '/cert/register/pkcs7',
    columns: ['signature_path', 'status', 'algorithm'],
    proof: { by: 'fingerprint', of: 'its certificate' },
    takenBackAs: { type: '4' },
    examples: [
      { username: 'bob', signature_path: 'signatures/bob.p7s', status: 'valid' },
      { username: 'carol', signature_path: 'signatures/carol.pem', status: '1', algorithm: 'sha256' },
    ],
  },
} as const satisfies Record<string, TokenTypeFacts>;
export type TokenType = keyof typeof TOKEN_TYPES;
// Object.keys loses the names, which are all there.
export const TOKEN_TYPE_NAMES = Object.keys(TOKEN_TYPES) as readonly TokenType[];

export function describeTokenType(tokenType: TokenType): TokenTypeFacts {
  return TOKEN_TYPES[tokenType];
}

/** Does its registration bring an activation key? */
export function bringsKey(tokenType: TokenType): boolean {
  return TOKEN_TYPES[tokenType].proof.by === 'key';
}

/** Does nobody but the operator know how it is taken back? */
export function isOtpTypeAsked(tokenType: TokenType): boolean {
  return 'saidBy' in TOKEN_TYPES[tokenType].takenBackAs;
}

export function byTokenType<Value>(make: (tokenType: TokenType) => Value): Record<TokenType, Value> {
  // Object.fromEntries loses the names, which are all there.
  return Object.fromEntries(TOKEN_TYPE_NAMES.map((name) => [name, make(name)])) as Record<TokenType, Value>;
}
