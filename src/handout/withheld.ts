import { namesOf } from '../core/table.js';
import type { Outcome } from '../row/outcome.js';

/** Why a key is not handed out. `isAmiss`: a registered row goes without one, so somebody must look. */
export const WITHHELD = {
  no_key: { meaning: 'the row is registered, and the keys file has no key of the user', isAmiss: true },
  too_old: {
    meaning: "the keys file's line is older than the send that registered the row, or has no time that can be read",
    isAmiss: true,
  },
  not_plain: { meaning: 'it is no plain text that a person can type: hand it out as a CSV', isAmiss: true },
  not_registered: { meaning: 'the row is not registered', isAmiss: false },
  no_row: { meaning: 'the results have no row of the user', isAmiss: false },
  superseded: { meaning: 'the user has got another key since', isAmiss: false },
  taken_back: {
    meaning: "it came with an answer that may be another row's, or that has no return code",
    isAmiss: false,
  },
} as const satisfies Record<string, { readonly meaning: string; readonly isAmiss: boolean }>;
export type WithheldReason = keyof typeof WITHHELD;
export const WITHHELD_NAMES = namesOf(WITHHELD);

/** Whose key it is; never the key. */
export interface WithheldKey {
  readonly username: string;
  readonly reason: WithheldReason;
  /** Of the row, where that is why. */
  readonly outcome?: Outcome;
}

/** Keys that are named: a keys file with a year of runs behind it must not fill the memory. */
const MAX_NAMED = 10_000;

export class WithheldKeys {
  readonly #counts = new Map<WithheldReason, number>();
  readonly #named: WithheldKey[] = [];
  readonly #only: string | undefined;

  /** @param only the one user who is asked for */
  constructor(only?: string) {
    this.#only = only;
  }

  add(key: WithheldKey): void {
    if (this.#only !== undefined && key.username !== this.#only) return;
    this.#counts.set(key.reason, (this.#counts.get(key.reason) ?? 0) + 1);
    if (this.#named.length < MAX_NAMED) this.#named.push(key);
  }

  get counts(): Readonly<Partial<Record<WithheldReason, number>>> {
    const found = WITHHELD_NAMES.filter((name) => this.#counts.has(name));
    return Object.fromEntries(found.map((name) => [name, this.#counts.get(name)]));
  }

  get named(): readonly WithheldKey[] {
    return this.#named;
  }

  /** Does a registered row go without a key? */
  get isAmiss(): boolean {
    return WITHHELD_NAMES.some((name) => WITHHELD[name].isAmiss && this.#counts.has(name));
  }
}
