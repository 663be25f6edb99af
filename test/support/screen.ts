import { Writable } from 'node:stream';

const ESCAPE = '\u001b[';
/** A sequence that drives the terminal, or one character. */
// eslint-disable-next-line no-control-regex
const TOKEN = /\u001b(?:\[[?\d;]*[A-Za-z]|[78])|[^]/gu;

/** A terminal of any height that shows what a person would see, with what was drawn over gone. */
export class Screen extends Writable {
  readonly isTTY = true;
  readonly columns: number;
  readonly #lines: string[] = [];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    super({ decodeStrings: false });
    this.columns = columns;
  }

  get lines(): readonly string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  override _write(text: string | Buffer, _encoding: string, done: () => void): void {
    for (const [token] of text.toString().matchAll(TOKEN)) this.#take(token);
    done();
  }

  #take(token: string): void {
    if (token === '\n') [this.#row, this.#column] = [this.#row + 1, 0];
    else if (token === '\r') this.#column = 0;
    else if (token.startsWith(ESCAPE)) this.#obey(token.slice(-1), token.slice(ESCAPE.length, -1));
    else this.#put(token);
  }

  #put(character: string): void {
    const line = this.#line.padEnd(this.#column);
    this.#line = line.slice(0, this.#column) + character + line.slice(this.#column + 1);
    this.#column += 1;
  }

  /** What the reports use: to move, to erase, and how the cursor and letters look. */
  #obey(command: string, parameter: string): void {
    const count = Number(parameter || '1');
    if (command === 'A') this.#row = Math.max(0, this.#row - count);
    else if (command === 'G') this.#column = count - 1;
    else if (command === 'J') this.#eraseBelow();
    else if (command === 'K') this.#line = parameter === '2' ? '' : this.#line.slice(0, this.#column);
    else if (!'hlm'.includes(command)) throw new Error(`a sequence that this screen does not know: ${command}`);
  }

  #eraseBelow(): void {
    this.#line = this.#line.slice(0, this.#column);
    this.#lines.splice(this.#row + 1);
  }

  get #line(): string {
    return this.#lines[this.#row] ?? '';
  }

  set #line(text: string) {
    while (this.#lines.length < this.#row) this.#lines.push('');
    this.#lines[this.#row] = text;
  }
}
