import type { Check } from '../checks/check.js';

const MARKS = { good: 'ok', odd: 'odd', bad: 'BAD', skipped: '-' } as const;

export function toCheckLine({ name, verdict, ms, says, remedy }: Check): string {
  const what = `${MARKS[verdict].padEnd(4)} ${name.padEnd(11)} ${`${ms} ms`.padStart(8)}  ${says}`;
  return remedy === undefined ? `${what}\n` : `${what}. To do: ${remedy}\n`;
}
