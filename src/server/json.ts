/** A text or a whole number, as text; nothing for all else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The one return code, the same to every reader: two of them, or a 0 beside what nobody sees, are none. */
export function codeOf(reply: Readonly<Record<string, unknown>>, text: string): string | undefined {
  const { code } = reply;
  if (typeof code !== 'string' && typeof code !== 'number') return undefined;
  // Most replies name it once, as a string, and so need no second look.
  const isPlain = typeof code === 'string' && isSaidOnce(text, '"code"');
  const [literal, ...more] = isPlain ? [''] : literalsOf(text, 'code');
  if (more.length > 0) return undefined;
  if (typeof code === 'number') return literal !== undefined && WHOLE.test(literal) ? textOf(code) : undefined;
  const trimmed = code.replaceAll(JSON_BLANKS, '');
  return WHOLE.test(trimmed) || isWord(trimmed) ? trimmed : undefined;
}

/** @param name in quotes; of what the text says for certain */
export function isSaidOnce(text: string, name: string): boolean {
  return !text.includes('\\u') && !text.includes(name, text.indexOf(name) + 1);
}

/** A code that no document lists may have letters. What could be a number in another spelling is neither: it may mean 0. */
function isWord(code: string): boolean {
  return WORD.test(code) && Number.isNaN(Number(code));
}

/** Only these are blanks to JSON: a no-break space or a byte order mark is a part of what is said. */
const JSON_BLANKS = /^[ \t\r\n]+|[ \t\r\n]+$/g;
/** What is 0 by rounding alone is no 0. */
const WHOLE = /^(?:0|-?[1-9]\d*)$/;
const WORD = /^[a-z1-9][\w.:-]*$/i;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/;
const TOKEN = new RegExp(`${STRING.source}|[{}[\\],:]|[^\\s"{}[\\],:]+`, 'gs');
const SCALAR = new RegExp(`${STRING.source}|-?\\d[\\d.eE+-]*`, 'gs');

/** How the values of this name are written in an object: all of them, where a parser keeps the last. */
export function literalsOf(text: string, name: string): readonly string[] {
  const literals: string[] = [];
  let depth = 0;
  let from: number | undefined;
  let [before, last] = ['', ''];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === '}' || token === ']') depth -= 1;
    if (from !== undefined && (depth === 0 || (depth === 1 && token === ','))) {
      literals.push(text.slice(from, index).trimEnd());
      from = undefined;
    } else if (from === undefined && depth === 1 && last === ':' && parseJson(before) === name) from = index;
    if (token === '{' || token === '[') depth += 1;
    [before, last] = [last, token];
  }
  return literals;
}

/** JSON with its numbers as the texts that they are written as: no parser rounds them. */
export function exactJson(text: string): unknown {
  if (parseJson(text) === undefined) return undefined;
  return parseJson(text.replaceAll(SCALAR, (scalar) => (scalar.startsWith('"') ? scalar : `"${scalar}"`)));
}
