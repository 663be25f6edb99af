import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { MARKS, parseJournal } from './stem-files.mjs';

const DONE = ['registered', 'already_registered'];

/**
 * What all journals of a stem have said so far, read while the program writes them: at each send that the server sees,
 * and after each kill. Holds the laws that need no server: numbers of sends only rise.
 */
export class JournalWatch {
  /** By key: the number of the row's last send that is not known to have stayed. */
  #counted = new Map();
  /** Keys whose last intent of the present run has no word behind it yet. */
  #open = new Set();
  /** By key: where the marks of the row's intents are, of the present run. */
  #markAts = new Map();
  /** Intents that kills have found without a mark: after a power cut they would be in doubt too. */
  ahead = 0;
  /** By key: the last settlement of any run. */
  settled = new Map();
  #path;
  #fail;
  #fd;
  #offset = 0;
  #lines = 0;
  #id;

  constructor(path, fail) {
    this.#path = path;
    this.#fail = fail;
  }

  /** A new run begins; whatever it finds of an earlier journal was read already. */
  beginRun() {
    this.#close();
    this.#open = new Set();
    this.#markAts = new Map();
  }

  /** Reads on, at a send of the present run: the journal is this run's own. */
  readOn() {
    if (this.#fd === undefined) {
      if (!existsSync(this.#path)) return;
      this.#fd = openSync(this.#path, 'r');
      [this.#offset, this.#lines] = [0, 0];
    }
    const size = fstatSync(this.#fd).size;
    const bytes = Buffer.alloc(Math.max(0, size - this.#offset));
    readSync(this.#fd, bytes, 0, bytes.length, this.#offset);
    this.#take(bytes);
  }

  /**
   * Reads what a kill left, unless it is the journal of the run before: then it was read. A run that was killed when it had
   * taken its journal away was at its end.
   */
  readAfterKill() {
    if (!existsSync(this.#path)) {
      if (this.#fd !== undefined) this.#readToTheEnd();
      return [];
    }
    const { entries } = parseJournal(readFileSync(this.#path));
    const [first] = entries;
    if (first !== undefined && first.type !== 'run') this.#fail('the journal does not begin with its run');
    if (first === undefined || (this.#fd === undefined && first.id === this.#id)) return entries;
    this.#readToTheEnd();
    return entries;
  }

  #readToTheEnd() {
    this.readOn();
    // What bears no mark never left, and is forgotten.
    for (const key of this.#open) {
      if (this.#isMarked(this.#markAts.get(key).at(-1))) continue;
      this.#counted.set(key, this.counted(key) - 1);
      this.#open.delete(key);
      this.ahead += 1;
    }
  }

  /** Rows whose last send of the present run has no word behind it. */
  get open() {
    return [...this.#open];
  }

  /** How many intents of the row bear a mark: their bytes left, in the present run. */
  countLeft(key) {
    return (this.#markAts.get(key) ?? []).filter((markAt) => this.#isMarked(markAt)).length;
  }

  #isMarked(markAt) {
    const byte = Buffer.alloc(1);
    readSync(this.#fd, byte, 0, 1, markAt);
    return byte.toString() === MARKS[1];
  }

  counted(key) {
    return this.#counted.get(key) ?? 0;
  }

  /** A finished run's word on a row. */
  noteResult(key, attempts) {
    // The end of a finished run's journal was never read: that send may have turned out not to have left.
    const counted = this.counted(key) - (this.#open.has(key) ? 1 : 0);
    if (attempts < counted) {
      this.#fail(`${key}: attempts ${attempts}, though send ${counted} was in the journal`);
    }
    this.#counted.set(key, attempts);
  }

  #take(bytes) {
    let parsed;
    try {
      parsed = parseJournal(bytes, this.#lines + 1);
    } catch (error) {
      this.#fail(error.message);
      return;
    }
    for (const entry of parsed.entries) this.#add({ ...entry, markAt: this.#offset + entry.markAt });
    this.#offset += parsed.length;
    this.#lines += parsed.entries.length;
  }

  #add(entry) {
    const { type, key } = entry;
    if (type === 'run') {
      this.#id = entry.id;
    } else if (type === 'intent') {
      this.#markAts.set(key, [...(this.#markAts.get(key) ?? []), entry.markAt]);
      if (entry.attempt <= this.counted(key)) {
        this.#fail(`${key}: intent ${entry.attempt} after send ${this.counted(key)}`);
      }
      const { outcome } = this.settled.get(key) ?? {};
      if (DONE.includes(outcome)) this.#fail(`${key}: another intent, though it was settled as ${outcome}`);
      this.#counted.set(key, entry.attempt);
      this.#open.add(key);
    } else if (type === 'try') {
      this.#countTo(key, entry.settlement.attempts);
    } else if (type === 'settled') {
      this.settled.set(key, entry.settlement);
      this.#countTo(key, entry.settlement.attempts);
    }
  }

  /** One less than the intent said: that send never left. */
  #countTo(key, attempts) {
    const counted = this.counted(key);
    if (attempts !== counted && attempts !== counted - 1) {
      this.#fail(`${key}: attempts ${attempts} behind intent ${counted}`);
    }
    this.#counted.set(key, attempts);
    this.#open.delete(key);
  }

  #close() {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
