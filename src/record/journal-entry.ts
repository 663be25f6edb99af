import type { Reading } from '../input/dialect.js';
import type { Origin } from '../report/origin.js';
import type { SelectionReport, SettingsReport } from '../report/run-report.js';
import type { Registration } from '../row/registration.js';
import { OUTCOMES } from '../row/outcome.js';
import type { Settlement } from '../row/settlement.js';
import type { Signature } from '../signature/signature.js';

/** Another one is of another version of this program, which nobody should guess over. */
export const JOURNAL_VERSION = 1;

/**
 * What a run notes of its rows, so that a killed one can go on. An intent is on the disk before its bytes leave, and marked
 * when they are about to; a try and a settlement follow when they are known. Nothing in an entry is secret.
 */
export type JournalEntry = RunEntry | IntentEntry | TryEntry | SettledEntry | TakenBackEntry;

export interface RunEntry {
  readonly type: 'run';
  readonly version: number;
  readonly id: string;
  /** The input's path, and the SHA-256 of its bytes. */
  readonly input: string;
  readonly sha256: string;
  readonly size?: number | undefined;
  /** Epoch ms. */
  readonly at: number;
  /** How the operator says that the input is to be read. */
  readonly reading: Reading;
  readonly signaturesDir: string;
  /** The boot of the machine that the run began in; empty where nothing tells it, absent in journals without marks. */
  readonly bootId?: string;
  readonly settings: SettingsReport;
  readonly madeBy?: Origin;
  readonly selection?: SelectionReport;
}

/** A send is about to leave. */
export interface IntentEntry {
  readonly type: 'intent';
  /** Token type and username. */
  readonly key: string;
  readonly attempt: number;
  /** Epoch ms. */
  readonly at: number;
  /** What is registered for the key, where the key does not say all. */
  readonly content?: SentContent;
  /** Its line bears the mark of bytes that were about to leave; told when it is read. */
  readonly hasLeft?: true;
}

/** What was sent of each thing, by its name: of a signature, the digest. */
export type SentContent = Readonly<Record<string, string>>;

export interface TryEntry {
  readonly type: 'try';
  readonly key: string;
  /** What the row is if the run ends here: answered, in doubt, or with no more sends than before when none left. */
  readonly settlement: Settlement;
}

export interface SettledEntry {
  readonly type: 'settled';
  readonly key: string;
  readonly settlement: Settlement;
}

/** An answer of the row may be another row's: whatever was noted of it before is not believed. */
export interface TakenBackEntry {
  readonly type: 'taken_back';
  readonly key: string;
  readonly settlement: Settlement;
}

export function contentOf(registration: Registration, signature: Signature | undefined): SentContent | undefined {
  switch (registration.tokenType) {
    case 'otp':
      return undefined;
    case 'pki': {
      if (signature === undefined) return undefined;
      const { status, algorithm = signature.algorithm ?? '' } = registration;
      return { signature: signature.digest, status, algorithm };
    }
  }
}

/** What a row is when its journal ends with an intent that may have left: nothing tells what became of the send. */
export function settlementOfIntent({ attempt, at }: IntentEntry): Settlement {
  return {
    outcome: 'unknown',
    returnCode: '',
    message: '',
    httpStatus: undefined,
    attempts: attempt,
    sentAt: at,
    latencyMs: undefined,
    detail: 'The run was cut off with a send of this row under way: it may have been applied. Rerun.',
  };
}

/** Whether it could be an entry of ours, as far as others rely on it. */
export function isEntry(found: unknown): found is JournalEntry {
  if (typeof found !== 'object' || found === null || !('type' in found)) return false;
  // Each is looked at below.
  const { type, key, settlement } = found as { type: unknown; key?: unknown; settlement?: Partial<Settlement> | null };
  if (type === 'run') return true;
  if (typeof key !== 'string') return false;
  if (type === 'intent') return true;
  const { outcome = '', attempts } = settlement ?? {};
  return Object.hasOwn(OUTCOMES, outcome) && Number.isSafeInteger(attempts);
}
