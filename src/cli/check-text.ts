import { openPaint } from '../core/colour.js';
import type { Check } from '../checks/check.js';
import { showText } from '../core/safe-text.js';

const MARKS = { good: 'ok', odd: 'odd', bad: 'BAD', skipped: '-' } as const;

const MAX_CHARACTERS = 2000;
const LOOKS = { good: 'green', odd: 'yellow', bad: 'red', skipped: undefined } as const;

export function toCheckLine({ name, verdict, ms, says, remedy }: Check, paint = openPaint(false)): string {
  const look = LOOKS[verdict];
  const mark = MARKS[verdict].padEnd(4);
  const what = `${look === undefined ? mark : paint[look](mark)} ${name.padEnd(11)} ${`${ms} ms`.padStart(8)}  ${showText(says, MAX_CHARACTERS)}`;
  return remedy === undefined ? `${what}\n` : `${what}. To do: ${showText(remedy, MAX_CHARACTERS)}\n`;
}
