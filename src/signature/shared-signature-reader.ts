import { availableParallelism } from 'node:os';
import type { Clock } from '../core/clock.js';
import type { PkiRegistration } from '../row/registration.js';
import type { SignatureReading } from './signature.js';
import { SignatureThreads } from './signature-threads.js';
import { openSignatureReader } from './signature-reader.js';
import type { ReaderSettings } from './signature-reader.js';
import { openSignatureRules } from './signature-rules.js';

/** So many files are read here first: to start threads takes as long as they do. */
const FEW_FILES = 300;
/** More would wait for the one that plans the rows. */
const MAX_THREADS = 16;

export interface SharedReader {
  readonly read: (registration: PkiRegistration) => SignatureReading | Promise<SignatureReading>;
  readonly close: () => Promise<void>;
}

/** Reads signatures and judges them in full, unless the settings say otherwise; many of them on all cores. */
export function openSharedReader(
  { folder, settings }: ReaderSettings,
  clock: Pick<Clock, 'now'>,
  script = new URL('./signature-thread.js', import.meta.url),
): SharedReader {
  const rules = openSignatureRules(settings, 'full');
  const readHere = openSignatureReader(folder, rules, clock);
  const cores = Math.min(availableParallelism(), MAX_THREADS);
  let left = rules.checks === 'full' && cores > 1 ? FEW_FILES : Infinity;
  let threads: SignatureThreads | undefined;
  return {
    read: (registration) => {
      if (left > 0) {
        left -= 1;
        return readHere(registration);
      }
      threads ??= new SignatureThreads(script, {
        count: cores,
        settings: { folder, settings } satisfies ReaderSettings,
      });
      return threads.read(registration, clock.now());
    },
    close: async () => threads?.close(),
  };
}
