import { AS_CSV, PartsError } from './parts.js';
import type { WorkbookParts } from './parts.js';
import { unescapeText } from './book.js';
import { XmlReader } from './xml.js';

/** What 128 MiB of a workbook can hold, where each is some text. */
const MAX_STRINGS = 2_000_000;

/** A text may be in runs of different fonts, each with how it is read aloud, which nobody sees. */
export class RichText {
  #runs: string[] = [];
  #length = 0;
  #isText = false;
  #isPhonetic = false;

  open(name: string): void {
    if (name === 't') this.#isText = true;
    if (name === 'rPh') this.#isPhonetic = true;
  }

  close(name: string): void {
    if (name === 't') this.#isText = false;
    if (name === 'rPh') this.#isPhonetic = false;
  }

  add(text: string): void {
    if (!this.#isText || this.#isPhonetic) return;
    this.#runs.push(text);
    this.#length += text.length;
    checkLength(this.#length);
  }

  take(): string {
    const text = unescapeText(this.#runs.length === 1 ? (this.#runs[0] ?? '') : this.#runs.join(''));
    [this.#runs, this.#length] = [[], 0];
    return text;
  }
}

/** A spreadsheet takes 32,767 characters in a cell; a row may have 1 MiB. */
export function checkLength(characters: number): void {
  if (characters > 1024 * 1024) throw new PartsError('this workbook has a cell over 1 MiB: shorten it');
}

/** The texts that cells name by their number. @throws {PartsError, XmlError} */
export async function readSharedStrings(parts: WorkbookParts, part: string): Promise<readonly string[]> {
  const strings: string[] = [];
  const rich = new RichText();
  const reader = new XmlReader({
    open: (name) => rich.open(name),
    close: (name) => {
      rich.close(name);
      if (name !== 'si') return;
      strings.push(rich.take());
      if (strings.length > MAX_STRINGS) throw new PartsError(`this workbook has over ${MAX_STRINGS} texts: ${AS_CSV}`);
    },
    text: (text) => rich.add(text),
  });
  for await (const piece of parts.read(part)) reader.write(piece);
  reader.end();
  return strings;
}
