import { openPaint } from '../core/colour.js';
import { showText } from '../core/safe-text.js';
import type { AuditCheck } from '../checks/audit.js';

const MARKS = { good: 'ok', odd: 'odd', bad: 'BAD', skipped: '-' } as const;
const LOOKS = { good: 'green', odd: 'yellow', bad: 'red', skipped: undefined } as const;
const MAX_CHARACTERS = 2000;

export function toAuditLine({ name, verdict, says }: AuditCheck, paint = openPaint(false)): string {
  const look = LOOKS[verdict];
  const mark = MARKS[verdict].padEnd(4);
  return `${look === undefined ? mark : paint[look](mark)} ${name.padEnd(11)} ${showText(says, MAX_CHARACTERS)}\n`;
}

/** How somebody signs what was proved; this program holds no key to do so. @param quoted the file of the digests, for the shell */
export function toSigningLines(quoted: string): string {
  return [
    'To sign what these files are, one of:',
    `  openssl cms -sign -binary -in ${quoted} -signer cert.pem -inkey key.pem -outform DER -out ${quoted}.p7s`,
    `  ssh-keygen -Y sign -f key -n centagate-provision ${quoted}`,
    '',
  ].join('\n');
}
