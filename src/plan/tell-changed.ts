import type { Allowance } from '../core/allowance.js';
import { contentOf } from '../record/journal-entry.js';
import type { SentContent } from '../record/journal-entry.js';
import type { PlanWarning } from './plan-warning.js';
import type { PlannedRow } from './planned-row.js';
import { isSigned, keyOf, parseKey, parseRegistration } from '../row/registration.js';
import type { SignedRegistration, TokenStatus } from '../row/registration.js';
import { showText } from '../core/safe-text.js';
import type { SignatureReading } from '../signature/signature.js';
import type { PlannedRows } from './plan-context.js';

export interface ChangeRules {
  /** What was sent of a row that a killed run left in doubt. */
  readonly contentInDoubt: (key: string) => SentContent | undefined;
  readonly defaultStatus: TokenStatus | undefined;
  readonly allowed: readonly Allowance[];
  readonly readSignature: (registration: SignedRegistration) => SignatureReading;
  readonly warn: (warning: PlanWarning) => void;
}

/** Tells of rows in doubt that would be sent differently now: nobody could know which of both the server has. */
export function tellChanged({ ownNames, header, rows }: PlannedRows, rules: ChangeRules): PlannedRows {
  const change = ({ line, cells }: PlannedRow): PlanWarning | undefined => {
    const key = parseKey(header, cells);
    const before = key && rules.contentInDoubt(keyOf(key));
    if (key === undefined || before === undefined) return undefined;
    const parsed = parseRegistration(header, cells, rules);
    if ('rejections' in parsed) return undefined;
    const { registration } = parsed;
    const reading = isSigned(registration) ? rules.readSignature(registration) : undefined;
    const now = contentOf(registration, reading && 'signature' in reading ? reading.signature : undefined);
    if (now === undefined) return undefined;
    const changed = Object.keys(now).filter((name) => before[name] !== now[name]);
    if (changed.length === 0) return undefined;
    const who = showText(key.username, 60);
    const text = `${who} is in doubt, and was sent with another ${changed.join(', ')} than it has now: when it is registered, look which of the two the server has`;
    return { kind: 'changed_cells', line, text };
  };
  return {
    ownNames,
    header,
    rows: (async function* () {
      for await (const row of rows) {
        const warning = change(row);
        if (warning !== undefined) rules.warn(warning);
        yield row;
      }
    })(),
  };
}
