import { columnAt } from '../input/header.js';
import type { Header } from '../input/header.js';
import { showName, showText } from '../core/safe-text.js';
import { UsageError } from '../core/usage-error.js';

/** What a placeholder stands for beside the columns of the input. */
export const LETTER_PLACEHOLDERS = {
  key: 'the activation key, in groups of four',
  qr: 'its QR code, with `--qr`; else nothing',
  registered_at: 'when the key was saved',
} as const;
export type LetterPlaceholder = keyof typeof LETTER_PLACEHOLDERS;

/** A piece of a letter: text as it stands, one of ours, or an own column by its position. */
export type LetterPart = string | { readonly placeholder: LetterPlaceholder } | { readonly column: number };

/** What stands around the letters, and one of them. */
export interface LetterTemplate {
  readonly head: string;
  readonly letter: readonly LetterPart[];
  readonly tail: string;
}

export interface TemplateRules {
  /** Of its file. */
  readonly name: string;
  readonly header: Header;
  readonly hasQr: boolean;
}

const LETTER = /^([^]*<!-- letter -->)([^]*)(<!-- \/letter -->[^]*)$/;
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

/** @throws {UsageError} for what would make no letter, or one in which a cell could be more than text */
export function parseLetterTemplate(text: string, { name, header, hasQr }: TemplateRules): LetterTemplate {
  const fail = (problem: string, at?: number): never => {
    const line = at === undefined ? '' : `:${text.slice(0, at).split('\n').length}`;
    throw new UsageError([`${showName(name)}${line}: ${problem}`]);
  };
  const [, head = '', body = '', tail = ''] =
    LETTER.exec(text) ?? fail('put what each person gets between <!-- letter --> and <!-- /letter -->');
  if (!/charset=["']?utf-8/i.test(head)) fail('say <meta charset="utf-8"> in its head');
  const script = text.search(/<script|<iframe|<object|<embed|javascript:/i);
  if (script >= 0) fail('a letter is a text: take scripts and frames away', script);
  if (/<style/i.test(body)) fail('put styles into its head, and not between the letters');
  const letter: LetterPart[] = [];
  let from = 0;
  for (const found of body.matchAll(PLACEHOLDER)) {
    const at = head.length + found.index;
    const word = (found[1] ?? '').trim();
    if (isWithinTag(body.slice(0, found.index))) {
      fail(`{{${showText(word, 60)}}} stands within a tag: put it between tags`, at);
    }
    letter.push(body.slice(from, found.index), partOf(word, header) ?? fail(unknownText(word, header), at));
    from = found.index + found[0].length;
  }
  letter.push(body.slice(from));
  if (!has(letter, 'key')) fail('a letter needs {{key}}');
  if (hasQr && !has(letter, 'qr')) fail('with --qr, a letter needs {{qr}}');
  const outside = [head, tail].find((part) => part.includes('{{'));
  if (outside !== undefined) fail('a placeholder stands outside of the letter: move it between the two remarks');
  return { head, letter, tail };
}

/** A tag or a remark as far as it goes, and what ends it: a `>` within quotes or within a remark ends none. */
const TAG = /<!--(?:[^]*?(-->)|[^]*)|<[a-z/!?](?:"[^"]*"?|'[^']*'?|[^"'>])*(>)?/gi;

function isWithinTag(before: string): boolean {
  const isOpen = [...before.matchAll(TAG)].some(([, remarkEnd, tagEnd]) => (remarkEnd ?? tagEnd) === undefined);
  return isOpen || before.lastIndexOf('<') > before.lastIndexOf('>');
}

function has(letter: readonly LetterPart[], placeholder: LetterPlaceholder): boolean {
  return letter.some((part) => typeof part === 'object' && 'placeholder' in part && part.placeholder === placeholder);
}

function partOf(word: string, header: Header): LetterPart | undefined {
  if (isOurs(word)) return { placeholder: word };
  const column = columnAt(header, word);
  return column < 0 ? undefined : { column };
}

function isOurs(word: string): word is LetterPlaceholder {
  return Object.hasOwn(LETTER_PLACEHOLDERS, word);
}

function unknownText(word: string, header: Header): string {
  const known = [...Object.keys(LETTER_PLACEHOLDERS), ...header.ownNames].join(', ');
  return `{{${showText(word, 60)}}} is no column of the input; there are: ${showText(known, 300)}`;
}
