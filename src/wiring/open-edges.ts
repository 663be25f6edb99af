import type { Settings } from '../settings/settings.js';
import type { Clock } from '../core/clock.js';
import type { RunStop } from '../core/run-stop.js';
import { telling } from '../report/reporter.js';
import type { Reporter } from '../report/reporter.js';
import type { StateError } from '../core/state-error.js';
import type { StemFiles } from '../core/stem.js';
import { showText } from '../core/safe-text.js';
import type { AdministratorLock } from '../record/administrator-lock.js';
import { DurableFile, UNHURRIED } from '../record/durable-file.js';
import { keyText, toKeysText } from '../record/keys-file.js';
import type { SavedKey } from '../record/keys-file.js';
import { Reserve } from '../record/reserve.js';
import { RunJournal } from '../record/run-journal.js';
import { outliveBugs } from '../batch/bugs.js';
import { listenForSignals, stopBy } from './signals.js';
import { stoppingAfterFaults } from '../batch/machine-faults.js';
import type { RowEdges } from '../batch/row-attempt.js';
import type { RunProofs } from '../batch/run.js';
import { refusingExchanged } from '../plan/certificate-owners.js';
import type { RegisterPlan } from '../plan/planned-row.js';
import { UnprovedRows } from '../record/unproved-rows.js';
import type { Settlement } from '../row/settlement.js';
import { openGate } from './open-gate.js';
import type { Server } from './open-server.js';
import { signerFingerprint } from '../signature/signer-fingerprint.js';
import { openSharedReader } from '../signature/shared-signature-reader.js';
import type { Sharing } from '../signature/shared-signature-reader.js';
import type { StemState } from './stem-state.js';

/** What a run may still wait for what is in flight, after the first signal. */
const GRACE_MS = 20_000;
/** Windows ends a process within 5 s whose console is closed. */
const LAST_GRACE_MS = 3_000;
/** A settled row takes up to 1.5 KB of the journal, and its key some more: room for the rows in the slots and those next. */
const RESERVED_BYTES_PER_SLOT = 2048;
const RESERVED_BYTES = 64 * RESERVED_BYTES_PER_SLOT;

export interface OpenedEdges {
  readonly edges: RowEdges;
  readonly proofs: RunProofs;
  /** Lines of the keys file, beneath its header. */
  readonly countKeys: () => number;
  readonly close: () => Promise<void>;
}

export interface EdgeContext {
  readonly settings: Settings;
  /** One clock for all stamps: a key is compared with the send that brought it. */
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly server: Server;
  readonly administratorLock: AdministratorLock;
  readonly files: StemFiles;
  readonly state: StemState;
  readonly sharing: Sharing;
  readonly onSent: () => void;
}

/** Opens what a sending run needs. @throws {StateError} when the keys file or the journal can't be written */
export function openEdges(context: EdgeContext): OpenedEdges {
  const { settings, clock, reporter, server, administratorLock, files, state } = context;
  const { endpoint } = server;
  const signatures = openSharedReader({ folder: state.signaturesDir, settings, sharing: context.sharing }, clock);
  const readSignature = refusingExchanged(signatures.read, {
    input: state.input,
    results: state.results,
    allowed: settings.allowed,
  });
  const { gate, stop, cut, end } = openGate({ settings, clock, server, administratorLock, note: reporter.note });
  const reserve = openReserve(files, settings);
  const onFailure = (failure: StateError): boolean => {
    stop.stop({ kind: 'stopped', reason: failure.message });
    return failure.isForRoom && reserve.release();
  };
  const openFiles = () => ({
    ...openKeys(files.keys, state, onFailure),
    journal: new RunJournal(files.journal, onFailure),
  });
  const { keys, countKeys, journal } = orRelease(reserve, openFiles);
  const ignoreSignals = stopOnSignals({ clock, stop, cut, note: telling(reporter.note, 'signal') });
  const endOutliving = outliveBugs({ clock, stop, cut });
  const unproved = new UnprovedRows({ clock, stop, journal, keys });
  const edges: RowEdges = {
    clock,
    gate,
    stop,
    keys,
    journal,
    unproved,
    onOddKey: tellingOddKey(context),
    maxAttempts: settings.attempts,
    readSignature: stoppingAfterFaults(readSignature, stop),
    send: endpoint.register,
    onSent: context.onSent,
    cut: cut.signal,
    listTokens: (username, current) => endpoint.listTokens(username, current, cut.signal),
    fingerprintOf: signerFingerprint,
  };
  const close = async (): Promise<void> => {
    ignoreSignals();
    endOutliving();
    reserve.release();
    keys.close();
    journal.close();
    await signatures.close();
    await end();
  };
  return { edges, proofs: proofsOf(unproved, server), countKeys, close };
}

/** @throws {StateError} */
export function openReserve({ reserve }: StemFiles, { concurrency }: Pick<Settings, 'concurrency'>): Reserve {
  return new Reserve(reserve, RESERVED_BYTES + concurrency * RESERVED_BYTES_PER_SLOT);
}

interface Stopping {
  readonly clock: Clock;
  readonly stop: RunStop;
  readonly cut: AbortController;
  readonly note: (text: string) => void;
}

/** @returns what ends it */
export function stopOnSignals({ clock, stop, cut, note }: Stopping): () => void {
  let endGrace = (): void => undefined;
  const ignoreSignals = listenForSignals((signal, count) => {
    stop.stop(stopBy(signal));
    const graceMs = signal === 'SIGHUP' ? LAST_GRACE_MS : GRACE_MS;
    note(
      count === 1
        ? `${signal}: waiting for what is in flight, at most ${graceMs / 1000} s`
        : `${signal} again: cutting it off`,
    );
    if (count === 1) endGrace = clock.after(graceMs, () => cut.abort());
    else cut.abort();
  });
  return () => {
    ignoreSignals();
    endGrace();
  };
}

export function proofsOf(unproved: UnprovedRows, server: Server): RunProofs {
  return {
    isOpen: (row: RegisterPlan) => unproved.isOpen(row),
    close: (row: RegisterPlan, settlement: Settlement) => unproved.close(row, settlement),
    prove: async () => {
      await server.prove();
      await unproved.noted();
    },
  };
}

function openKeys(
  path: string,
  { savedKeys: { length, missing, count, width }, knownKeys }: Pick<StemState, 'savedKeys' | 'knownKeys'>,
  onFailure: (failure: StateError) => boolean,
): { readonly keys: RowEdges['keys'] & { readonly close: () => void }; readonly countKeys: () => number } {
  let lines = count;
  const toBytes = (saved: readonly SavedKey[]): Buffer => {
    lines += saved.length;
    return Buffer.from(toKeysText(saved, width));
  };
  const file = new DurableFile(path, { toBytes, length, head: missing, gathering: UNHURRIED, onFailure });
  const append = (saved: SavedKey): void => {
    // Before it is there: the next reply may quote it.
    knownKeys.add(keyText(saved.key, saved.form));
    file.append(saved);
  };
  return { keys: { append, sync: () => file.sync(), close: () => file.close() }, countKeys: () => lines };
}

/** Of the first one, and at once: there may be thousands. */
function tellingOddKey({ reporter, files }: EdgeContext): RowEdges['onOddKey'] {
  let isTold = false;
  return (username) => {
    if (isTold) return;
    isTold = true;
    reporter.warn(
      'keys',
      `the key of ${showText(username, 60)} came in another shape than documented, and those of others may: ${showText(files.keys, 300)} has what looks like the key, and what came with it. Try one before you hand them out`,
    );
  };
}

export function orRelease<Opened>(reserve: Reserve, open: () => Opened): Opened {
  try {
    return open();
  } catch (error) {
    reserve.release();
    throw error;
  }
}
