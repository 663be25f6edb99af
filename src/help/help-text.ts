import type { HelpPage, HelpSection } from './help-page.js';

/** Narrower, and there is no room for two columns; wider, and the eye loses the line. In characters. */
const NARROWEST = 50;
const WIDEST = 120;
const WITHOUT_TERMINAL = 80;
const INDENT = 2;
const GAP = 2;
/** A longer term has its text on the next line. */
const LONGEST_TERM = 26;

/** @param columns of the terminal; some have no width of their own, and say 0 */
export function toHelpText(page: HelpPage, { columns = 0, bold }: Look): string {
  const width = Math.min(WIDEST, Math.max(NARROWEST, columns > 0 ? columns : WITHOUT_TERMINAL));
  const usage = page.usage.map((line, at) => `${at === 0 ? bold('Usage:') : '      '} ${line}`);
  const parts = [
    wrap(page.describe, width),
    usage,
    ...page.sections.map((section) => [bold(`${section.title}:`), ...toColumns(section, width)]),
    ...page.notes.map((note) => wrap(note, width)),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

export interface Look {
  readonly columns?: number | undefined;
  readonly bold: (text: string) => string;
}

function toColumns({ entries }: HelpSection, width: number): readonly string[] {
  const lengths = entries.map(({ term }) => term.length).filter((length) => length <= LONGEST_TERM);
  const at = INDENT + Math.max(6, ...lengths) + GAP;
  return entries.flatMap(({ term, text }) => {
    const [first = '', ...more] = wrap(text, width - at);
    const begun = `${' '.repeat(INDENT)}${term}`;
    const rest = more.map((line) => `${' '.repeat(at)}${line}`);
    if (term.length <= at - INDENT - GAP) return [`${begun.padEnd(at)}${first}`, ...rest];
    return [begun, `${' '.repeat(at)}${first}`, ...rest];
  });
}

/** At blanks alone: what is longer than a line, as an address can be, has one to itself. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
