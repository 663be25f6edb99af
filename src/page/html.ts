import { showText } from '../core/safe-text.js';

/** A piece of a page: whatever was put into it is text, unless it was a piece itself. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = Html | string | number | undefined | readonly Piece[];

/** Escapes all that is put in, so that no text can be more than a text, between tags or in a quoted attribute. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(strings.map((text, at) => text + (at < pieces.length ? toText(pieces[at]) : '')).join(''));
}

function toText(piece: Piece): string {
  if (piece === undefined) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'object') return piece.map(toText).join('');
  return String(piece).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Text of a file or of the server's: whatever it holds, its direction is its own. */
export function said(text: string, maxLength: number): Html {
  return html`<bdi>${showText(text, maxLength)}</bdi>`;
}

/** Something to type: no line ends within one of its words, as it could behind each dash. */
export function commandText(command: string, maxLength: number): Html {
  const words = showText(command, maxLength).split(' ');
  return html`<code>${words.map((word, at) => html`${at > 0 ? ' ' : ''}<span>${word}</span>`)}</code>`;
}

export interface Fitting {
  readonly shown: readonly Html[];
  readonly left: number;
}

/** The first pieces that have room, so that no page grows with what stands in a job. */
export function fitting(pieces: readonly Html[], maxBytes: number): Fitting {
  let bytes = 0;
  const end = pieces.findIndex(({ text }) => (bytes += Buffer.byteLength(text)) > maxBytes);
  const shown = end < 0 ? pieces : pieces.slice(0, end);
  return { shown, left: pieces.length - shown.length };
}
