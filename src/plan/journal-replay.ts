import { settlementOfIntent } from '../record/journal-entry.js';
import type { JournalEntry, SentContent, TakenBackEntry } from '../record/journal-entry.js';
import { isInDoubt } from '../row/outcome.js';
import type { Outcome } from '../row/outcome.js';
import type { Settlement } from '../row/settlement.js';
import { LineSet } from './line-set.js';
import { LastNumbers } from './number-list.js';
import { RowIndex } from './row-index.js';

export interface Replayed {
  readonly key: string;
  readonly settlement: Settlement;
}

/** What entries say of rows, by key; of settled ones, which most are, only the entry's number is kept to read it by. */
export class JournalReplay {
  readonly #read: (number: number) => JournalEntry;
  readonly #bootId: string;
  /** The numbers of the entries that settled rows, and which of them nobody took yet. */
  readonly #settled = new RowIndex();
  readonly #left = new LineSet();
  readonly #open = new Map<string, Settlement>();
  readonly #contents = new Map<string, SentContent>();
  /** The number of each row's last intent that tells a content. */
  readonly #intents = new LastNumbers();
  readonly #counts = { done: 0, inDoubt: 0, left: 0 };
  #sends = 0;
  #number = 0;
  /** What the kernel was told is all there: an intent without a mark surely never left. */
  #isSameBoot = false;

  /** @param read an entry by its number, from 1; @param bootId of the machine's present boot, empty where unknown */
  constructor(read: (number: number) => JournalEntry, bootId: string) {
    this.#read = read;
    this.#bootId = bootId;
  }

  get sends(): number {
    return this.#sends;
  }

  add(entry: JournalEntry): void {
    this.#number += 1;
    switch (entry.type) {
      case 'run':
        this.#isSameBoot = this.#bootId !== '' && entry.bootId === this.#bootId;
        return;
      case 'intent':
        if (this.#isSameBoot && entry.hasLeft === undefined) return;
        this.#sends += 1;
        this.#open.set(entry.key, settlementOfIntent(entry));
        if (entry.content === undefined) return;
        this.#contents.set(entry.key, entry.content);
        this.#intents.note(entry.key, this.#number);
        return;
      case 'try':
      case 'settled':
        // Fewer sends than the intent counted: this one never left.
        if (entry.settlement.attempts < (this.#open.get(entry.key)?.attempts ?? 0)) this.#sends -= 1;
        if (!isInDoubt(entry.settlement.outcome)) this.#contents.delete(entry.key);
        if (entry.type === 'try') this.#open.set(entry.key, entry.settlement);
        else this.#noteSettled(entry.key, entry.settlement.outcome);
        return;
      case 'taken_back':
        this.#takeBack(entry);
    }
  }

  counts(): { done: number; inDoubt: number; left: number } {
    const counts = { ...this.#counts };
    for (const { outcome } of this.#open.values()) counts[countOf(outcome)] += 1;
    return counts;
  }

  /** The row's history, once; nothing for a row that the run never came to. */
  take(key: string): Settlement | undefined {
    const open = this.#open.get(key);
    if (open !== undefined) {
      this.#open.delete(key);
      return open;
    }
    const settled = this.#settled.get(key);
    return settled !== undefined && this.#left.delete(settled.line)
      ? this.#readSettled(settled.line).settlement
      : undefined;
  }

  /** What was sent last of a row that is in doubt, taken or not. */
  contentInDoubt(key: string): SentContent | undefined {
    return this.#contents.get(key);
  }

  /** What was sent last of a row, whatever became of it. */
  contentOf(key: string): SentContent | undefined {
    const number = this.#intents.of(key);
    const entry = number === undefined ? undefined : this.#read(number);
    return entry?.type === 'intent' ? entry.content : undefined;
  }

  *rest(): Generator<Replayed> {
    for (const number of this.#left) yield this.#readSettled(number);
    for (const [key, settlement] of this.#open) yield { key, settlement };
  }

  #noteSettled(key: string, outcome: Outcome): void {
    this.#open.delete(key);
    // A run settles a row once.
    if (this.#settled.add(key, this.#number) !== undefined) throw new Error(`the journal settles ${key} twice`);
    this.#left.add(this.#number);
    this.#counts[countOf(outcome)] += 1;
  }

  #takeBack({ key, settlement }: TakenBackEntry): void {
    const number = this.#settled.get(key)?.line;
    if (number !== undefined && this.#left.delete(number)) {
      this.#counts[countOf(this.#readSettled(number).settlement.outcome)] -= 1;
    }
    // Another send of it may have been under way.
    const { attempts = 0, sentAt } = this.#open.get(key) ?? {};
    this.#open.set(key, attempts > settlement.attempts ? { ...settlement, attempts, sentAt } : settlement);
  }

  #readSettled(number: number): Replayed {
    const entry = this.#read(number);
    if (entry.type !== 'settled') throw new Error(`entry ${number} of the journal settles no row`);
    return entry;
  }
}

function countOf(outcome: Outcome): 'done' | 'inDoubt' | 'left' {
  if (isInDoubt(outcome)) return 'inDoubt';
  return outcome === 'registered' || outcome === 'already_registered' || outcome === 'undone' ? 'done' : 'left';
}
