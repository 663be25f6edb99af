import { isCount, isEpochMs, isFlag, isScalar, isText, listOf, mapOf, maybe, objectOf } from './shape.js';
import type { Shape } from './shape.js';
import { parseDelimiter } from '../input/dialect.js';
import type { Reading } from '../input/dialect.js';
import { parseEncoding } from '../input/encoding.js';
import type { Origin } from '../report/origin.js';
import type { SelectionReport, SettingsReport } from '../report/run-report.js';
import type { Registration } from '../row/registration.js';
import { OUTCOMES } from '../row/outcome.js';
import type { Settlement } from '../row/settlement.js';
import { UNDO_WAYS } from '../row/undo.js';
import type { UndoWay } from '../row/undo.js';
import type { Signature } from '../signature/signature.js';
import { isOrigin, isSelection } from './summary-shape.js';

/** Another one is of another version of this program, which nobody should guess over. */
export const JOURNAL_VERSION = 1;
/** Of an undo: a version that knows of none must not take its journal for that of a run, and send again what was taken back. */
export const UNDO_JOURNAL_VERSION = 2;

/** What a run notes so that a killed one can go on; an intent is on the disk before its bytes leave. Never a secret. */
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
  /** Of an undo. */
  readonly undo?: UndoWay;
}

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

const isRun = objectOf<RunEntry>({
  type: isText,
  version: isCount,
  id: isText,
  input: isText,
  sha256: isText,
  size: maybe(isCount),
  at: isEpochMs,
  reading: objectOf<Reading>({
    encoding: maybe((found) => typeof found === 'string' && parseEncoding(found) === found),
    delimiter: maybe((found) => typeof found === 'string' && parseDelimiter(found) === found),
    columns: maybe(mapOf(isText)),
    sheet: maybe(isText),
    headerLine: maybe((found) => isCount(found) && found !== 0),
    unwrapFormulas: maybe(isFlag),
    encodingBy: maybe(isText),
    allowed: maybe(listOf(isText)),
  }),
  signaturesDir: isText,
  bootId: maybe(isText),
  settings: mapOf(isScalar),
  madeBy: maybe(isOrigin),
  selection: maybe(isSelection),
  undo: maybe((found) => typeof found === 'string' && Object.hasOwn(UNDO_WAYS, found)),
});

const isIntent = objectOf<IntentEntry>({
  type: isText,
  key: isText,
  attempt: isCount,
  at: isEpochMs,
  content: maybe(mapOf(isText)),
  // That is told by the mark alone.
  hasLeft: (found) => found === undefined,
});

const isSettlement = objectOf<Settlement>({
  outcome: (found) => typeof found === 'string' && Object.hasOwn(OUTCOMES, found),
  returnCode: isText,
  message: isText,
  httpStatus: maybe(isCount),
  attempts: isCount,
  sentAt: maybe(isEpochMs),
  latencyMs: maybe(isCount),
  connection: maybe(isCount),
  detail: isText,
  needsFix: maybe(isFlag),
});

const isOfRow = objectOf<SettledEntry>({ type: isText, key: isText, settlement: isSettlement });

const SHAPES: Readonly<Record<JournalEntry['type'], Shape>> = {
  // What another version says of its run is not ours to judge: that it is another one is said elsewhere.
  run: (found) => !isOfThisVersion(found) || isRun(found),
  intent: isIntent,
  try: isOfRow,
  settled: isOfRow,
  taken_back: isOfRow,
};

const isOfThisVersion = objectOf<Pick<RunEntry, 'version'>>({ version: isJournalVersion });

/** Of a run, or of an undo, as this version writes them. */
function isJournalVersion(found: unknown): boolean {
  return found === JOURNAL_VERSION || found === UNDO_JOURNAL_VERSION;
}

/** Whether it could be an entry of ours, as far as others rely on it. */
export function isEntry(found: unknown): found is JournalEntry {
  if (typeof found !== 'object' || found === null || !('type' in found)) return false;
  const { type } = found;
  return typeof type === 'string' && isKind(type) && SHAPES[type](found);
}

function isKind(type: string): type is JournalEntry['type'] {
  return Object.hasOwn(SHAPES, type);
}
