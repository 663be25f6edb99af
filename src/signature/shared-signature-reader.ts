import { availableParallelism } from 'node:os';
import type { Clock } from '../core/clock.js';
import type { ReadSignature } from './signature.js';
import { SignatureThreads } from './signature-threads.js';
import { openSignatureReader } from './signature-reader.js';
import type { ReaderSettings, ThreadSettings } from './signature-reader.js';
import { openSignatureFolder } from './signature-file.js';
import { openSignatureRules } from './signature-reader.js';

/** More would wait for the one that plans the rows. */
const MAX_THREADS = 16;

export interface Sharing {
  /** So many files are read by who asks. */
  readonly few: number;
  /** That read the others; none: who asks reads all. */
  readonly threads: number;
}

/** To check an input is all that goes on, and to start threads takes as long as some hundred files. */
export function sharingOfCheck(cores = availableParallelism()): Sharing {
  return { few: 300, threads: cores > 1 ? Math.min(cores, MAX_THREADS) : 0 };
}

/** A run sends with one core, and whatever it judges itself holds up what is sent. */
export function sharingOfRun(cores = availableParallelism()): Sharing {
  return { few: 16, threads: Math.min(cores - 1, MAX_THREADS) };
}

export interface SharedReader {
  readonly read: ReadSignature;
  readonly close: () => Promise<void>;
}

/** The first few are read here, the others on other cores; here too where no thread can be had, or none lives. */
export function openSharedReader(
  { folder, settings, sharing: { few, threads: count } }: ReaderSettings & { readonly sharing: Sharing },
  clock: Pick<Clock, 'now'>,
  script = new URL('./signature-thread.js', import.meta.url),
): SharedReader {
  const rules = openSignatureRules(settings);
  const here = openSignatureFolder(folder);
  const readHere = openSignatureReader(here, rules, clock);
  let left = rules.checks === 'full' && count > 0 ? few : Infinity;
  let threads: SignatureThreads | undefined;
  return {
    read: (registration) => {
      if (left > 0) {
        left -= 1;
        return readHere(registration);
      }
      threads ??= new SignatureThreads(script, {
        count,
        settings: { folder, settings, known: here.known } satisfies ThreadSettings,
      });
      return threads.read(registration, clock.now()).catch(() => readHere(registration));
    },
    close: async () => threads?.close(),
  };
}
