import { availableParallelism } from 'node:os';
import type { Clock } from '../core/clock.js';
import type { ReadSignature } from './signature.js';
import { SignatureThreads } from './signature-threads.js';
import { openSignatureReader } from './signature-reader.js';
import type { ReaderSettings } from './signature-reader.js';
import { openSignatureRules } from './signature-rules.js';

/** More would wait for the one that plans the rows. */
const MAX_THREADS = 16;

/** To check an input is all that goes on, and to start threads takes as long as some hundred files. */
export const FOR_A_CHECK: Sharing = { few: 300, coresLeft: 0 };
/** A run sends with one core, and whatever it judges itself holds up what is sent. */
export const FOR_A_RUN: Sharing = { few: 16, coresLeft: 1 };

interface Sharing {
  /** So many files are read by who asks. */
  readonly few: number;
  /** Cores that are for something else, as far as there are others. */
  readonly coresLeft: number;
}

export interface SharedReader {
  readonly read: ReadSignature;
  readonly close: () => Promise<void>;
}

/**
 * Reads signatures and judges them in full, unless the settings say otherwise: the first few here, then on other cores. What
 * no thread can be had for, or none lives to answer, is read here too.
 */
export function openSharedReader(
  { folder, settings, sharing: { few, coresLeft } }: ReaderSettings & { readonly sharing: Sharing },
  clock: Pick<Clock, 'now'>,
  script = new URL('./signature-thread.js', import.meta.url),
): SharedReader {
  const rules = openSignatureRules(settings);
  const readHere = openSignatureReader(folder, rules, clock);
  const cores = Math.min(availableParallelism(), MAX_THREADS);
  const count = Math.max(1, cores - coresLeft);
  let left = rules.checks === 'full' && cores > 1 ? few : Infinity;
  let threads: SignatureThreads | undefined;
  return {
    read: (registration) => {
      if (left > 0) {
        left -= 1;
        return readHere(registration);
      }
      threads ??= new SignatureThreads(script, { count, settings: { folder, settings } satisfies ReaderSettings });
      return threads.read(registration, clock.now()).catch(() => readHere(registration));
    },
    close: async () => threads?.close(),
  };
}
