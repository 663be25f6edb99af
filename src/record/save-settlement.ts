import type { Outcome } from '../row/outcome.js';
import { keyOf } from '../row/registration.js';
import type { Registration } from '../row/registration.js';
import type { ActivationKey, Reply } from '../row/reply.js';
import type { Settlement } from '../row/settlement.js';
import { verdictOf } from '../row/return-code.js';
import { bringsKey } from '../row/token-type.js';
import { StateError } from '../core/state-error.js';
import type { KeptKey, SavedKey } from './keys-file.js';
import type { IntentEdges } from './row-intents.js';

export interface SavingEdges extends IntentEdges {
  /** The keys file: what is synced is on the disk. */
  readonly keys: { readonly append: (key: SavedKey) => void; readonly sync: () => Promise<void> };
}

export interface Settled {
  readonly settlement: Settlement;
  /** What settled the row, when a try did; its key is only ever handed to the keys file. */
  readonly reply: Reply | undefined;
}

/** The key, then the settlement, are on the disk before the row is reported. */
export async function saveSettlement(
  registration: Registration,
  step: Settled,
  edges: SavingEdges,
): Promise<Settlement> {
  const { username } = registration;
  let { settlement } = step;
  const activationKey = keyToSave(registration, step);
  if (activationKey !== undefined) {
    try {
      edges.keys.append({ username, ...activationKey, savedAt: edges.clock.now() });
      await edges.keys.sync();
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      edges.stop.stop({ kind: 'stopped', reason: error.message });
      // It may be in the file all the same: that is for the next run to see, before anybody unregisters the token.
      const detail = `Registered, but the key may not be saved: ${error.message}. Rerun: the keys file decides.`;
      settlement = { ...settlement, outcome: 'unknown', detail };
    }
  }
  try {
    edges.journal.append({ type: 'settled', key: keyOf(registration), settlement });
    await edges.journal.sync();
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    // The results may still be writable: the row is as it is, and the run stops.
    edges.stop.stop({ kind: 'stopped', reason: error.message });
  }
  return settlement;
}

/** What may be a server's message is kept only if it says that it registered: it may be all there is of the key. */
export function keyToSave(
  { tokenType }: Registration,
  { settlement: { outcome }, reply }: Settled,
): KeptKey | undefined {
  if (!bringsKey(tokenType) || reply?.kind !== 'answer' || reply.key === undefined) return undefined;
  const { text: key, bare } = reply.key;
  const isSuccess = verdictOf(reply.code, tokenType) === 'success';
  if (!isRegistered(outcome) || ((bare || key === '') && !isSuccess)) return undefined;
  return toKeptKey(reply.key);
}

export function toKeptKey({ text: key, form, raw }: ActivationKey): KeptKey {
  return { key, ...(form && { form }), ...(raw && { raw }) };
}

export function isRegistered(outcome: Outcome): boolean {
  return outcome === 'registered' || outcome === 'already_registered' || outcome === 'key_lost';
}
