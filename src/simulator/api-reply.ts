import { describeReturnCode } from '../row/return-code.js';

/** The body of an answer in HTTP 200, as both registration endpoints give it. */
export interface ApiReply {
  readonly code: string;
  readonly message: string;
  /** JSON in a string for OTP, empty for PKI and for refusals. */
  readonly object: string;
}

export function succeed(object: string): ApiReply {
  return { code: '0', message: 'Success', object };
}

/** A no with its documented meaning and, for whoever has to mend the client, what exactly is wrong. */
export function refuse(code: string, problem?: string): ApiReply {
  const meaning = describeReturnCode(code)?.meaning ?? 'Undocumented return code';
  return { code, message: problem === undefined ? meaning : `${meaning}: ${problem}`, object: '' };
}
