import { telling } from './reporter.js';
import type { Reporter, Tell } from './reporter.js';

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

  /** @param show where this message is shown, if it is */
  readonly say = (text: string, show = this.#show): void => {
    const own = text.replaceAll(/\d+/g, '#');
    const kind = this.#counts.has(own) || this.#counts.size < MOST_KINDS ? own : 'messages of other kinds';
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= MOST_SHOWN) show(text);
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
  const notes = new MessageFold(telling(reporter.note, 'folded'));
  const warnings = new MessageFold(telling(reporter.warn, 'folded'));
  const through =
    (fold: MessageFold, tell: Tell): Tell =>
    (event, text, fields) =>
      fold.say(text, (shown) => tell(event, shown, fields));
  return {
    note: through(notes, reporter.note),
    warn: through(warnings, reporter.warn),
    progress: reporter.progress,
    end: () => {
      notes.end();
      warnings.end();
      reporter.end();
    },
  };
}
