import type { Connect } from './undici-parts.js';

/** What was tried for a connection to the server, whatever it was for. */
export interface ConnectionCount {
  readonly tried: number;
  /** Those of them that brought none. */
  readonly failed: number;
}

/** Counts what comes past it: once for a connection, which hundreds of requests may go over. */
export class CountedConnect {
  readonly connect: Connect;
  #tried = 0;
  #failed = 0;

  constructor(connect: Connect) {
    this.connect = (to, callback) => {
      this.#tried += 1;
      connect(to, (...made) => {
        if (made[0] !== null) this.#failed += 1;
        callback(...made);
      });
    };
  }

  get count(): ConnectionCount {
    return { tried: this.#tried, failed: this.#failed };
  }
}
