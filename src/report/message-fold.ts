import type { Reporter } from './reporter.js';

/** Of messages that differ in their numbers alone, so many are shown. */
const MOST_SHOWN = 10;
/** Kinds that are told apart; what comes of more of them is one. */
const MOST_KINDS = 200;

/** Shows messages as they come, but of each kind the first few: what a server brings about again and again is counted. */
export class MessageFold {
  readonly #show: (text: string) => void;
  readonly #counts = new Map<string, number>();

  constructor(show: (text: string) => void) {
    this.#show = show;
  }

  readonly say = (text: string): void => {
    const own = text.replaceAll(/\d+/g, '#');
    const kind = this.#counts.has(own) || this.#counts.size < MOST_KINDS ? own : 'messages of other kinds';
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= MOST_SHOWN) this.#show(text);
    if (count === MOST_SHOWN) this.#show('further messages of this kind are only counted');
  };

  /** Tells how many were not shown. */
  readonly end = (): void => {
    for (const [kind, count] of this.#counts) {
      if (count > MOST_SHOWN) this.#show(`${count - MOST_SHOWN} more of: ${kind}`);
    }
    this.#counts.clear();
  };
}

export function folding(reporter: Reporter): Reporter {
  const [notes, warnings] = [new MessageFold(reporter.note), new MessageFold(reporter.warn)];
  return {
    note: notes.say,
    warn: warnings.say,
    progress: reporter.progress,
    end: () => {
      notes.end();
      warnings.end();
      reporter.end();
    },
  };
}
