import { describeReturnCode, RETURN_CODES } from '../row/return-code.js';
import type { Verdict } from '../row/return-code.js';
import { describeTokenType, TOKEN_TYPE_NAMES } from '../row/token-type.js';
import { showText } from '../core/safe-text.js';
import { UsageError } from '../core/usage-error.js';

const RERUN: Readonly<Record<Verdict, string>> = {
  success: 'no rerun needed',
  already: 'no rerun needed; after a send without an answer an OTP row is key_lost',
  temporary: 'tried again by itself; a rerun helps',
  once_more: 'tried once more by itself; a rerun may help',
  later: 'a rerun helps once it is mended',
  refused: 'a rerun helps once it is mended',
  session: 'the session check decides: this row alone, or the run stops',
  stop: 'the run stops; rerun once it is mended',
};

/** What a return code means, as text. @throws {UsageError} for what is no code */
export function explainCode(code: string): string {
  if (code === 'all') return Object.keys(RETURN_CODES).map(explainOne).join('\n');
  if (!/^\d{1,9}$/.test(code))
    throw new UsageError([`"${showText(code, 40)}" is no return code: give a number, or all`]);
  return explainOne(code);
}

function explainOne(code: string): string {
  const known = describeReturnCode(code);
  if (known === undefined) {
    return `${code}  not in any document: the row is refused and the server's message kept; a rerun tries it again\n`;
  }
  const { verdict } = known;
  const rerun =
    typeof verdict === 'string'
      ? RERUN[verdict]
      : TOKEN_TYPE_NAMES.map((name) => `${describeTokenType(name).label}: ${RERUN[verdict[name]]}`).join('. ');
  return `${code}  ${known.meaning} (${known.source})\n    rerun:  ${rerun}\n    remedy: ${known.remedy}\n`;
}
