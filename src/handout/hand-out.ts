import { eachRow } from '../input/file-row.js';
import type { RowFile } from '../input/file-row.js';
import { isRepetition, settlementOf } from '../plan/earlier-row.js';
import type { ReadKey } from '../record/key-reader.js';
import { OUTCOME_NAMES } from '../row/outcome.js';
import type { Outcome } from '../row/outcome.js';
import { parseKey } from '../row/registration.js';
import type { Settlement } from '../row/settlement.js';
import { bringsKey } from '../row/token-type.js';
import type { CurrentKey, KeyIndex } from './key-index.js';
import type { WithheldKeys, WithheldReason } from './withheld.js';

export interface HandedKey extends ReadKey {
  /** The row's own cells. */
  readonly cells: readonly string[];
}

/** A file of keys, of whatever form, that nobody sees before it is whole. */
export interface KeyWriter {
  readonly write: (key: HandedKey) => void;
  /** All of it is on the disk. @returns its SHA-256, hex */
  readonly finish: () => string;
  readonly place: () => void;
  readonly discard: () => void;
}

export interface HandOutEdges {
  readonly results: RowFile;
  readonly index: KeyIndex;
  readonly readKey: (key: CurrentKey, username: string) => ReadKey;
  /** Can it be written in this form? */
  readonly takes: (key: ReadKey) => boolean;
  /** Called with the first key. */
  readonly open: () => KeyWriter;
  /** One user, who gets their key in any case. */
  readonly again: string | undefined;
  readonly withheld: WithheldKeys;
}

/** What the index notes of a user's key: handed out now or before, or withheld and named; else its row's outcome. */
export const MARKS = { none: 0, handedOut: 1, before: 2, named: 3, outcome: 10 } as const;

/** A clock set right between a send and its reply can put a key before it; one that is older than this is another's. */
const MOST_BEFORE_MS = 3_600_000;

export interface HandedOut {
  /** Absent where no key is handed out. */
  readonly writer: KeyWriter | undefined;
  readonly keys: number;
  /** Keys that an earlier hand-out has had. */
  readonly before: number;
  /** Of a row of the one user who is asked for, where it is not registered. */
  readonly unregistered: Outcome | undefined;
}

/** Writes the key of each registered row that was not handed out before, in the order of the results. */
export async function handOut(edges: HandOutEdges): Promise<HandedOut> {
  const { results, index, again, withheld } = edges;
  let writer: KeyWriter | undefined;
  let unregistered: Outcome | undefined;
  let [keys, before] = [0, 0];
  try {
    for await (const row of eachRow(results)) {
      const key = parseKey(results.header, row.cells);
      if (key === undefined || isRepetition(row) || !bringsKey(key.tokenType)) continue;
      const { username } = key;
      if (again !== undefined && username !== again) continue;
      const settlement = settlementOf(results, row);
      // The turn of a row that was added by hand did not come either.
      const outcome = settlement?.outcome ?? 'not_sent';
      if (again !== undefined && outcome !== 'registered') unregistered ??= outcome;
      if (settlement === undefined) continue;
      const found = judge(username, settlement, edges);
      if (found === 'before') before += 1;
      if (found === undefined || found === 'before') continue;
      if (typeof found === 'string') {
        withheld.add({ username, reason: found });
        index.mark(username, MARKS.named);
        continue;
      }
      writer ??= edges.open();
      writer.write({ ...found, cells: row.cells });
      index.mark(username, MARKS.handedOut);
      keys += 1;
    }
    return { writer, keys, before, unregistered };
  } catch (error) {
    writer?.discard();
    throw error;
  }
}

/** The key to hand out; else why not, or nothing where another row or the keys file will tell. */
function judge(
  username: string,
  { outcome, sentAt }: Settlement,
  { index, readKey, takes, again }: HandOutEdges,
): ReadKey | WithheldReason | 'before' | undefined {
  const mark = index.markOf(username);
  if (outcome !== 'registered') {
    if (mark === MARKS.none) index.mark(username, MARKS.outcome + OUTCOME_NAMES.indexOf(outcome));
    return undefined;
  }
  if (mark === MARKS.handedOut || mark === MARKS.named) return undefined;
  if (mark === MARKS.before && again === undefined) return 'before';
  const key = keyOfRow(index, username, sentAt);
  if (typeof key === 'string') return key;
  const read = readKey(key, username);
  return takes(read) ? read : 'not_plain';
}

/** The key that a registered row brought its user; else why there is none. @param sentAt epoch ms, of its last send */
export function keyOfRow(
  index: KeyIndex,
  username: string,
  sentAt = 0,
): CurrentKey | Extract<WithheldReason, 'no_key' | 'too_old'> {
  const key = index.find(username);
  if (key === undefined) return 'no_key';
  return key.savedAt < sentAt - MOST_BEFORE_MS ? 'too_old' : key;
}

/** Tells of a key that stands last for its user, once all rows were seen. @returns whether it is handed out now */
export function tellLeft(username: string, { index, withheld }: Pick<HandOutEdges, 'index' | 'withheld'>): boolean {
  const mark = index.markOf(username);
  const outcome = OUTCOME_NAMES[mark - MARKS.outcome];
  if (outcome !== undefined) withheld.add({ username, reason: 'not_registered', outcome });
  else if (mark === MARKS.none) withheld.add({ username, reason: 'no_row' });
  return mark === MARKS.handedOut;
}
