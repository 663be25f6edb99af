import { isInDoubt } from './outcome.js';
import type { Outcome } from './outcome.js';
import type { Settlement } from './settlement.js';

/**
 * What a run notes of its rows, so that a killed one can go on. An intent is on the disk before its bytes leave; a try
 * and a settlement follow when they are known. Nothing in an entry is secret.
 */
export type JournalEntry = RunEntry | IntentEntry | TryEntry | SettledEntry;

/** The first entry. */
export interface RunEntry {
  readonly type: 'run';
  readonly version: 1;
  readonly id: string;
  /** The input's path, and the SHA-256 of its bytes. */
  readonly input: string;
  readonly sha256: string;
  /** Epoch ms. */
  readonly at: number;
}

/** A send is about to leave. */
export interface IntentEntry {
  readonly type: 'intent';
  /** Token type and username. */
  readonly key: string;
  /** The number that this send has among all of its row. */
  readonly attempt: number;
  /** Epoch ms. */
  readonly at: number;
}

/** A try ended, and the row is not settled. */
export interface TryEntry {
  readonly type: 'try';
  readonly key: string;
  /** Sends that may have left, over all runs. */
  readonly attempts: number;
  readonly inDoubt: boolean;
}

/** The row's life in this run is over. */
export interface SettledEntry {
  readonly type: 'settled';
  readonly key: string;
  readonly settlement: Settlement;
}

/** What the entries say of the rows, by key: what a results file would have said had the run ended there. */
export class JournalReplay {
  readonly #rows = new Map<string, ReplayedRow>();

  add(entry: JournalEntry): void {
    switch (entry.type) {
      case 'run':
        return;
      case 'intent': {
        const earlierSentAt = this.#rows.get(entry.key)?.sentAt;
        this.#rows.set(entry.key, { attempts: entry.attempt, outcome: 'unknown', sentAt: entry.at, earlierSentAt });
        return;
      }
      case 'try': {
        const outcome = entry.inDoubt ? 'unknown' : 'unavailable';
        const row = this.#rows.get(entry.key);
        // Fewer sends than the intent counted: this one never left.
        const hasLeft = row === undefined || 'detail' in row || entry.attempts >= row.attempts;
        const sentAt = hasLeft ? row?.sentAt : row.earlierSentAt;
        this.#rows.set(entry.key, { attempts: entry.attempts, outcome, sentAt, earlierSentAt: sentAt });
        return;
      }
      case 'settled':
        this.#rows.set(entry.key, entry.settlement);
    }
  }

  /** Rows that are done, in doubt, and neither. */
  counts(): { done: number; inDoubt: number; left: number } {
    const counts = { done: 0, inDoubt: 0, left: 0 };
    for (const row of this.#rows.values()) {
      if (isInDoubt(row.outcome)) counts.inDoubt += 1;
      else if (row.outcome === 'registered' || row.outcome === 'already_registered') counts.done += 1;
      else counts.left += 1;
    }
    return counts;
  }

  /** The row's history, once; nothing for a row that the run never came to. */
  take(key: string): Settlement | undefined {
    const settlement = this.#get(key);
    this.#rows.delete(key);
    return settlement;
  }

  /** The rows that nobody took. */
  rest(): readonly { readonly key: string; readonly settlement: Settlement }[] {
    return [...this.#rows.keys()].map((key) => ({ key, settlement: this.#get(key) })).filter(isKnown);
  }

  #get(key: string): Settlement | undefined {
    const row = this.#rows.get(key);
    if (row === undefined || 'detail' in row) return row;
    const detail =
      row.outcome === 'unknown'
        ? 'The run was cut off with a send of this row under way: it may have been applied. Rerun.'
        : 'The run was cut off while the row waited for another try: rerun.';
    const { outcome, attempts, sentAt } = row;
    return {
      outcome,
      returnCode: '',
      message: '',
      httpStatus: undefined,
      attempts,
      sentAt,
      latencyMs: undefined,
      detail,
    };
  }
}

function isKnown(row: {
  key: string;
  settlement: Settlement | undefined;
}): row is { key: string; settlement: Settlement } {
  return row.settlement !== undefined;
}

type ReplayedRow = Settlement | UnfinishedRow;

interface UnfinishedRow {
  readonly outcome: Outcome;
  readonly attempts: number;
  readonly sentAt: number | undefined;
  /** When the send before this one left, in the killed run. */
  readonly earlierSentAt: number | undefined;
}
