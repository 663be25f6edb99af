/** Spellings that mark what they changed, each undone without knowing what is looked for: they may be composed. */
const ESCAPES = {
  /** JSON, JavaScript, Java, C. */
  backslash: (text: string) => text.replaceAll(BACKSLASH, fromBackslash),
  html: (text: string) => text.replaceAll(TAG, '').replaceAll(ENTITY, fromEntity),
  /** Of a URL, a form, or a mail (quoted-printable). */
  percent: (text: string) =>
    text.replaceAll(PERCENT_UNIT, (_, hex: string) => fromCode(hex)).replaceAll(PERCENT, fromPercent),
};
const MARKS_OF_ESCAPES = /[\\&<%=]/;
/** What may stand between the characters of a text that was split: not what the escapes are made of. */
const SEPARATOR = /[^\p{L}\p{N}%&#;\\=+/_{}<>"']/gu;

/** Two, and one more for what stands in a text of its own, such as JSON in a string. */
const DEPTH = 3;
/** No text that a server writes for people has as many; one that has may hold anything. */
const MOST_READINGS = 200;
/** What is shorter is found by chance in bytes that are no text. */
const SHORTEST = 4;

/** All that a text may be a spelling of, as {@link fold} and {@link squeeze} have it; undefined where that is too much. */
export function readingsOf(text: string): ReadonlySet<string> | undefined {
  const seen = new Set([text]);
  let latest: readonly string[] = [text];
  for (let depth = 0; depth < DEPTH && latest.length > 0; depth += 1) {
    const found = [...new Set(latest.flatMap(decoded))].filter((reading) => !seen.has(reading));
    for (const reading of found) seen.add(reading);
    if (seen.size > MOST_READINGS) return undefined;
    latest = found;
  }
  const readings = new Set<string>();
  for (const reading of seen) {
    const folded = fold(reading);
    readings.add(folded).add(squeeze(folded));
  }
  return readings;
}

function decoded(text: string): readonly string[] {
  const found = [...fromHex(text), ...fromBase64(text), ...fromDecimals(text)];
  if (MARKS_OF_ESCAPES.test(text)) {
    for (const unescape of Object.values(ESCAPES)) found.push(unescape(text), unescape(text.replaceAll(SEPARATOR, '')));
  }
  return found.filter(({ length }) => length >= SHORTEST);
}

/** A text as it is compared: whatever its case, its width, its accents, and the blanks in it. */
export function fold(text: string): string {
  const upper = ASCII.test(text) ? text.toUpperCase() : withoutMarks(text);
  if (PLAIN.test(upper)) return upper;
  return upper.replaceAll(/[\s\p{C}]/gu, '');
}

/** Down first, since a capital may have two letters that it becomes by way of its small one; then up, where they have one form. */
function withoutMarks(text: string): string {
  const upper = text.normalize('NFKD').toLowerCase().toUpperCase();
  return upper.normalize('NFKD').replaceAll(/\p{M}/gu, '');
}

/** No more than the letters and digits of a folded text. */
export function squeeze(folded: string): string {
  return PLAIN.test(folded) ? folded : folded.replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** How base64 writes a text, wherever in it that begins: without what hangs on its neighbours. */
export function base64Forms(text: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const bytes = Buffer.from('\0'.repeat(before) + text);
    return bytes.toString('base64').slice(Math.ceil((before * 4) / 3), Math.floor((bytes.length * 4) / 3));
  });
}

const ASCII = /^[ -~]*$/;
/** Most keys are, and are known by it sooner. */
const PLAIN = /^[A-Z0-9]*$/;
const BACKSLASH = /\\(?:u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|x([0-9a-f]{2})|([0-7]{3})|([^]))/gi;
const TAG = /<\/?[a-z][^<>]{0,100}>/gi;
const ENTITY = /&(?:#x0*([0-9a-f]{1,6})|#0*([0-9]{1,7})|([a-z][a-z0-9]{1,30}));?/gi;
const PERCENT_UNIT = /%u([0-9a-f]{4})/gi;
const PERCENT = /(?:[%=][0-9a-f]{2})+/gi;

function fromCode(digits: string, radix = 16): string {
  const code = parseInt(digits, radix);
  return code > 0 && code <= 0x10_ffff ? String.fromCodePoint(code) : '';
}

function fromBackslash(...[, unit, point, byte, octal, other = '']: (string | undefined)[]): string {
  const hex = unit ?? point ?? byte;
  if (hex !== undefined) return fromCode(hex);
  if (octal !== undefined) return fromCode(octal, 8);
  return /[bfnrtv]/i.test(other) ? ' ' : other;
}

/** By HTML's own names. Of letters, only with the marks that many of them have. */
const NAMES: Readonly<Record<string, string>> = {
  ...{ excl: '!', quot: '"', num: '#', dollar: '$', percnt: '%', amp: '&', apos: "'", lpar: '(', rpar: ')', ast: '*' },
  ...{
    midast: '*',
    plus: '+',
    comma: ',',
    period: '.',
    sol: '/',
    colon: ':',
    semi: ';',
    lt: '<',
    equals: '=',
    gt: '>',
  },
  ...{ quest: '?', commat: '@', lsqb: '[', lbrack: '[', bsol: '\\', rsqb: ']', rbrack: ']', hat: '^', lowbar: '_' },
  ...{ grave: '`', lcub: '{', lbrace: '{', verbar: '|', vert: '|', rcub: '}', rbrace: '}', tilde: '~', hyphen: '-' },
  ...{ szlig: 'ß', aelig: 'æ', oslash: 'ø', eth: 'ð', thorn: 'þ', dash: '-', minus: '-' },
};
const MARKS = /^([a-z])(?:acute|grave|circ|uml|tilde|ring|cedil|caron)$/i;

function fromEntity(...[, hex, decimal, name = '']: (string | undefined)[]): string {
  if (hex !== undefined) return fromCode(hex);
  if (decimal !== undefined) return fromCode(decimal, 10);
  const known = name.toLowerCase();
  // The mark itself says nothing: a folded text has none.
  return (Object.hasOwn(NAMES, known) ? NAMES[known] : undefined) ?? MARKS.exec(name)?.[1] ?? '';
}

function fromPercent(run: string): string {
  const bytes = Buffer.from(run.replaceAll(/[%=]/g, ''), 'hex');
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}

/** Nobody knows where it began, in what it is glued to. */
function fromHex(text: string): readonly string[] {
  const runs = text.replaceAll(/0x|\\x|[^a-z0-9]/gi, '').match(/[0-9a-f]{8,}/gi) ?? [];
  return runs.flatMap((run) => [0, 1].map((phase) => readable(Buffer.from(run.slice(phase), 'hex'))));
}

/** A list of bytes, or of code points, as programs print one; also where its digits are split, while commas part its numbers. */
function fromDecimals(text: string): readonly string[] {
  const lists = [text, text.replaceAll(/[^\d,]/g, '')].flatMap((variant) => variant.match(DECIMALS) ?? []);
  return lists.flatMap((list) => {
    const numbers = (list.match(/\d+/g) ?? []).map(Number);
    const points = numbers.map((number) => fromCode(String(number), 10)).join('');
    return numbers.every((number) => number < 256) ? [readable(Buffer.from(numbers)), points] : [points];
  });
}
const DECIMALS = /\d{1,7}(?:[\s,;:|.[\]"']{1,4}\d{1,7}){3,}/g;

function fromBase64(text: string): readonly string[] {
  const [plain, forUrls] = [text.replaceAll(/[^a-z0-9+/]/gi, ''), text.replaceAll(/[^a-z0-9_-]/gi, '')];
  const variants = plain === forUrls ? [plain] : [plain, forUrls];
  return variants.flatMap((digits) =>
    digits.length < 6 ? [] : [0, 1, 2, 3].map((phase) => readable(Buffer.from(digits.slice(phase), 'base64'))),
  );
}

/** What is no text in bytes that were guessed to be one says nothing, and would be read on for ever. */
function readable(bytes: Buffer): string {
  return (
    bytes
      .toString('utf8')
      .replaceAll('\0', '')
      .match(/[\t\n\r -~\u00a0-\ufffc]{4,}/g) ?? []
  ).join(' ');
}
