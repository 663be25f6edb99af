import { showText } from '../core/safe-text.js';

/** Whose rules a text is to be read by: `posix` is sh and all that come after it, `windows` both cmd and PowerShell. */
export type Shell = 'posix' | 'windows';

/** @param separator of folders, which tells the systems apart; on Windows a variable tells of Git Bash and its like */
export function shellOf(separator: string, { SHELL = '' }: Readonly<Record<string, string | undefined>>): Shell {
  return separator === '/' || /(?:^|[\\/])(?:ba|da|z|k)?sh(?:\.exe)?$/i.test(SHELL) ? 'posix' : 'windows';
}

/** A line that sets a variable for the commands that follow: in sh, or on Windows in PowerShell. */
export function toAssignment(name: string, value: string, shell: Shell): string {
  if (shell === 'posix') return `export ${name}=${quote(value, shell)}`;
  // Typographic quotes are quotes to it, and two of them one within a text.
  return `$env:${name} = '${value.replaceAll(/['‘’‚‛]/g, '$&$&')}'`;
}

/** Words that each of these shells takes as they are. */
const PLAIN: Readonly<Record<Shell, RegExp>> = {
  // Not `=` in front, which zsh expands.
  posix: /^[\w@%+:,./-][\w@%+=:,./-]*$/,
  // PowerShell parts what begins with a dash at a `.` or a `:`.
  windows: /^(?:[\w.\\/][\w.\\/:-]*|--?[\w-]+)$/,
};

/**
 * A line that a shell takes apart into just these words. Nothing for words that no line is sure to give: what a terminal
 * would not show as it is, and on Windows what cmd and PowerShell read differently.
 */
export function toShellText(words: readonly string[], shell: Shell): string | undefined {
  if (words.some((word) => showText(word, Infinity) !== word)) return undefined;
  const quoted = words.map((word) => (PLAIN[shell].test(word) ? word : quote(word, shell)));
  const line = quoted.join(' ');
  // cmd puts in a variable for what stands between two of them, quoted or not.
  const isSure = shell === 'posix' || (!words.some(isReadDifferently) && line.split('%').length <= 2);
  return isSure ? line : undefined;
}

function quote(word: string, shell: Shell): string {
  if (shell === 'posix') return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  // Programs take a backslash before the quote for a part of it.
  return `"${word.replace(/\\+$/, (backslashes) => backslashes + backslashes)}"`;
}

/** PowerShell puts in variables between double quotes, and takes typographic ones for them; cmd does neither. */
function isReadDifferently(word: string): boolean {
  return /["$`!^“”„]/u.test(word);
}
