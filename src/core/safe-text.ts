// Controls, line and paragraph separators, annotation marks, lone surrogates, and all that is drawn as nothing:
// bidirectional marks and overrides, blanks without width, soft hyphens, tags. Joiners and variation selectors shape the
// letters and emoji around them, and stay.
const UNSAFE =
  /[\p{Cc}\p{Cs}\u2028\u2029\ufff9-\ufffb]|(?!\p{Variation_Selector}|\p{Join_Control}|\u034f)\p{Default_Ignorable_Code_Point}/gu;

/** Most texts are plain, and are known by it sooner. */
const PLAIN = /^[ -~]*$/;

/** Text from a file or the server for a terminal, a log or a cell: controls escaped, at most `maxLength` characters. */
export function showText(text: string, maxLength = 120): string {
  return cut(escapeFirst(text, maxLength), maxLength);
}

/** {@link showText} of a text in lines, each at most `maxLength` characters. */
export function showLines(text: string, maxLength = 2000): string {
  return text
    .split('\n')
    .map((line) => showText(line, maxLength))
    .join('\n');
}

/** The name of a file in a sentence: in quotes where a reader, or a shell that it is copied into, could take it for more. */
export function showName(name: string): string {
  return PLAIN_NAME.test(name) ? name : `"${showText(name, 300).replaceAll('"', String.raw`\"`)}"`;
}

const PLAIN_NAME = /^[\p{L}\p{M}\p{N}_@%+:,./\\~-]+$/u;

/**
 * {@link showText}, and harmless in a spreadsheet: what could start a formula gets a quote in front, also behind a `;` or a
 * `,`, one of which parts cells when a file is saved anew. A guarded cell is guarded again by every rerun: it must not change.
 */
export function guardCell(text: string, maxLength = 500): string {
  const escaped = escapeFirst(text, maxLength);
  const guarded = /[=+\-@＝＋－＠]/u.test(escaped)
    ? escaped.replaceAll(/(^|[;,])(?=\s*[=+\-@＝＋－＠])/gu, "$1'")
    : escaped;
  return cut(guarded, maxLength);
}

/** Would a spreadsheet take this cell for a formula? Leading blanks don't stop it. */
export function startsFormula(text: string): boolean {
  return /^\s*[=+\-@\t\r＝＋－＠]/u.test(text);
}

/** One character more than will be shown, so that the rest is missed: a server may send a million that need escaping. */
function escapeFirst(text: string, maxLength: number): string {
  const seen = text.slice(0, maxLength + 1);
  return PLAIN.test(seen) ? seen : seen.replaceAll(UNSAFE, escapeCharacter);
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // Half a surrogate pair is no character. Joined anew, since a slice keeps all that it was cut from in memory.
  const kept = text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '');
  return `${Array.from(kept).join('')}…`;
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x1_0000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
