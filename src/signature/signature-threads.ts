import { Worker } from 'node:worker_threads';
import type { PkiRegistration } from '../row/registration.js';
import type { SignatureReading } from './signature.js';

export interface ThreadQuestion {
  readonly number: number;
  readonly registration: PkiRegistration;
  /** Epoch ms. */
  readonly nowMs: number;
}
export interface ThreadAnswer {
  readonly number: number;
  readonly reading: SignatureReading;
}

/** What such a thread may take, in MiB: a structure of 1 MiB, the most that is read, takes some 200. */
const MAX_THREAD_MIB = 512;

interface Thread {
  readonly worker: Worker;
  readonly asked: Map<number, Asked>;
}

interface Asked {
  readonly resolve: (reading: SignatureReading) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that dies is an error for whoever waits for any of them: none of them is waited for any longer. */
export class SignatureThreads {
  readonly #threads: Thread[] = [];
  #count = 0;
  #ended: Error | undefined;

  /** @param script the module that answers questions; it is given `settings` as its worker data */
  constructor(script: URL, { count, settings }: { readonly count: number; readonly settings: unknown }) {
    try {
      while (this.#threads.length < count) this.#threads.push(this.#start(script, settings));
    } catch (error) {
      // The system gives no more of them (a limit of processes, as containers have): those that there are do it.
      if (this.#threads.length === 0)
        this.#end(new Error('no thread that checks signatures can be had', { cause: error }));
    }
  }

  read(registration: PkiRegistration, nowMs: number): Promise<SignatureReading> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const [first, ...others] = this.#threads;
    const thread = others.reduce(
      (idlest, each) => (each.asked.size < (idlest?.asked.size ?? 0) ? each : idlest),
      first,
    );
    const number = (this.#count += 1);
    return new Promise((resolve, reject) => {
      thread?.asked.set(number, { resolve, reject });
      thread?.worker.postMessage({ number, registration, nowMs } satisfies ThreadQuestion);
    });
  }

  async close(): Promise<void> {
    this.#end(new Error('the threads that check signatures were closed'));
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #start(script: URL, settings: unknown): Thread {
    const worker = new Worker(script, {
      workerData: settings,
      resourceLimits: { maxOldGenerationSizeMb: MAX_THREAD_MIB },
    });
    const asked = new Map<number, Asked>();
    worker.on('message', ({ number, reading }: ThreadAnswer) => {
      asked.get(number)?.resolve(reading);
      asked.delete(number);
    });
    worker.on('error', (error) => this.#end(new Error('a thread that checks signatures failed', { cause: error })));
    worker.on('exit', (code) => this.#end(new Error(`a thread that checks signatures ended by itself (${code})`)));
    return { worker, asked };
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    for (const { asked } of this.#threads) {
      for (const { reject } of asked.values()) reject(this.#ended);
      asked.clear();
    }
  }
}
