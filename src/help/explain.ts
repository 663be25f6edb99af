import { EXIT_CODES } from '../core/exit-code.js';
import { OUTCOME_NAMES, OUTCOMES } from '../row/outcome.js';
import type { Outcome, RetryMarker } from '../row/outcome.js';
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

const RETRIES: Readonly<Record<RetryMarker, string>> = {
  no: 'no: the row is done',
  yes: 'yes: a rerun tries the row as it is',
  fix: 'fix: correct the row or the user first; a rerun tries it then',
};

const EXITS: ReadonlyMap<string, (typeof EXIT_CODES)[keyof typeof EXIT_CODES]> = new Map(
  Object.values(EXIT_CODES).map((exit) => [String(exit.code), exit]),
);

export const EXPLAINED: readonly string[] = [...Object.keys(RETURN_CODES), ...OUTCOME_NAMES, ...EXITS.keys(), 'all'];

/** What a return code, an outcome or an exit code means, as text. @throws {UsageError} for what is none of them */
export function explain(word: string): string {
  if (word === 'all') {
    const codes = Object.keys(RETURN_CODES).map(explainReturnCode);
    return [...codes, ...OUTCOME_NAMES.map(explainOutcome), ...[...EXITS.keys()].map(explainExit)].join('\n');
  }
  const outcome = OUTCOME_NAMES.find((name) => name === word.toLowerCase().replaceAll(/[-\s]/g, '_'));
  if (outcome !== undefined) return explainOutcome(outcome);
  if (!/^\d{1,9}$/.test(word)) {
    const outcomes = OUTCOME_NAMES.join(', ');
    const problem = `"${showText(word, 40)}" is no return code, outcome or exit code: give a number, one of ${outcomes}, or all`;
    throw new UsageError([problem]);
  }
  // No return code that is known has fewer digits, but for the 0 that means the same in both.
  const isExit = EXITS.has(word);
  const texts = [
    ...(isExit && describeReturnCode(word) === undefined ? [] : [explainReturnCode(word)]),
    ...(isExit ? [explainExit(word)] : []),
  ];
  return texts.join('\n');
}

function explainReturnCode(code: string): string {
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

function explainOutcome(outcome: Outcome): string {
  const { meaning, retry, remedy } = OUTCOMES[outcome];
  return `${outcome}  outcome: ${meaning}\n    retry:  ${RETRIES[retry]}\n    remedy: ${remedy}\n`;
}

function explainExit(code: string): string {
  const exit = EXITS.get(code);
  if (exit === undefined) return '';
  const repeat = exit.isToRepeat
    ? 'a schedule may repeat the same command by itself'
    : 'a repetition by itself helps nobody';
  return `${code}  exit code: ${exit.meaning.replaceAll('`', '')}\n    repeat: ${exit.code === 0 ? 'nothing is left to repeat' : repeat}\n`;
}
