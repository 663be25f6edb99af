import { showLines, showText } from '../core/safe-text.js';
import type { ReadKey } from '../record/key-reader.js';
import type { OutputFile } from '../record/result-writer.js';
import type { HandedKey, KeyWriter } from './hand-out.js';
import type { LetterPart, LetterTemplate } from './letter-template.js';

export interface Letters {
  readonly template: LetterTemplate;
  readonly salt: string;
  /** Absent: letters have no QR code. */
  readonly toQrCode: ((text: string) => string) | undefined;
}

/** One page a person, as a page of HTML in UTF-8. */
export function openLetters(file: OutputFile, { template, salt, toQrCode }: Letters): KeyWriter {
  const { head, letter, tail } = template;
  const write = (text: string): void => file.writeBytes(Buffer.from(text));
  write(head);
  return {
    write: (handed) => write(letter.map((part) => toText(part, handed, toQrCode)).join('')),
    finish: () => {
      write(`${tail.trimEnd()}\n<!-- salt: ${salt} -->\n`);
      return file.finish();
    },
    place: () => file.place(),
    discard: () => file.discard(),
  };
}

/** Can a person type the key from a sheet of paper? */
export function isTypable({ key, written }: ReadKey): boolean {
  return showText(key, Infinity) === key && !written.startsWith('key ');
}

/** In groups of four, unless it comes in groups of its own. */
export function inGroups(key: string): string {
  return /[^\p{L}\p{N}]/u.test(key) ? key : (key.match(/.{1,4}/gu) ?? []).join(' ');
}

function toText(part: LetterPart, handed: HandedKey, toQrCode: Letters['toQrCode']): string {
  if (typeof part === 'string') return part;
  if ('column' in part) return toHtml(handed.cells[part.column] ?? '');
  switch (part.placeholder) {
    case 'key':
      return toHtml(inGroups(handed.key));
    case 'qr':
      return toQrCode?.(handed.key) ?? '';
    case 'registered_at':
      return toHtml(handed.registeredAt);
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A cell may have lines, as an address has. */
function toHtml(text: string): string {
  const lines = showLines(text.replaceAll(/\r\n?/g, '\n'), Infinity);
  return lines.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '').replaceAll('\n', '<br>');
}
