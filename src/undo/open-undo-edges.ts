import { askFirst, decideGone } from '../batch/ask-first.js';
import { outliveBugs } from '../batch/bugs.js';
import type { RowEdges } from '../batch/row-attempt.js';
import type { RunProofs } from '../batch/run.js';
import type { StateError } from '../core/state-error.js';
import { RunJournal } from '../record/run-journal.js';
import { UnprovedRows } from '../record/unproved-rows.js';
import { telling } from '../report/reporter.js';
import { undoStatusOf, undoTypeOf } from '../row/undo.js';
import type { UndoWay } from '../row/undo.js';
import { openSignatureReader } from '../signature/signature-reader.js';
import { signerFingerprint } from '../signature/signer-fingerprint.js';
import { openReserve, orRelease, proofsOf, stopOnSignals } from '../wiring/open-edges.js';
import type { EdgeContext } from '../wiring/open-edges.js';
import { openGate } from '../wiring/open-gate.js';

export interface UndoSends {
  readonly way: UndoWay;
  /** By which the server knows an offline OTP token; undefined where no row is one. */
  readonly otpType: string | undefined;
}

export interface OpenedUndoEdges {
  readonly edges: RowEdges;
  readonly proofs: RunProofs;
  readonly close: () => Promise<void>;
}

/** Opens what a sending undo needs: all that a run does, but for keys. @throws {StateError} when the journal can't be written */
export function openUndoEdges(
  context: Omit<EdgeContext, 'sharing' | 'onSent'>,
  { way, otpType }: UndoSends,
): OpenedUndoEdges {
  const { settings, clock, reporter, server, administratorLock, files, state } = context;
  const { endpoint } = server;
  const { gate, stop, cut, end } = openGate({ settings, clock, server, administratorLock, note: reporter.note });
  const reserve = openReserve(files, settings);
  const onFailure = (failure: StateError): boolean => {
    stop.stop({ kind: 'stopped', reason: failure.message });
    return failure.isForRoom && reserve.release();
  };
  const journal = orRelease(reserve, () => new RunJournal(files.journal, onFailure));
  const ignoreSignals = stopOnSignals({ clock, stop, cut, note: telling(reporter.note, 'signal') });
  const endOutliving = outliveBugs({ clock, stop, cut });
  const unproved = new UnprovedRows({ clock, stop, journal, keys: NO_KEYS });
  const edges: RowEdges = {
    clock,
    gate,
    stop,
    journal,
    unproved,
    keys: NO_KEYS,
    onOddKey: () => undefined,
    maxAttempts: settings.attempts,
    // Whose it is was judged when it was sent: what it looks like now is no reason to leave it there.
    readSignature: openSignatureReader(state.signaturesDir, { checks: 'off', trust: [] }, clock),
    send: ({ registration, mayLeave }, session, signal) => {
      const type = undoTypeOf(registration.tokenType, otpType);
      if (type === undefined) throw new Error('an OTP row is sent without a type');
      const undo = { type, status: undoStatusOf(registration, way) };
      return endpoint.undo({ registration, mayLeave, undo }, session, signal);
    },
    onSent: () => undefined,
    cut: cut.signal,
    listTokens: (username, current) => endpoint.listTokens(username, current, cut.signal),
    fingerprintOf: signerFingerprint,
    decideListed: (listed) => decideGone(way, listed),
    undo: { way, askFirst },
  };
  const close = async (): Promise<void> => {
    ignoreSignals();
    endOutliving();
    reserve.release();
    journal.close();
    await end();
  };
  return { edges, proofs: proofsOf(unproved, server), close };
}

const NO_KEYS: RowEdges['keys'] = {
  append: () => {
    throw new Error('what takes back saves no key');
  },
  sync: () => Promise.resolve(),
};
