import type { Connect } from './undici-parts.js';

/**
 * undici tries some failures again by itself, at once and without end, as that of a connection that is closed before its
 * request could leave. What a failure means is not for it to decide: so many sockets are made as requests ask for one.
 */
export class Tries {
  readonly connect: Connect;
  #left = 0;

  constructor(connect: Connect) {
    this.connect = (to, callback) => {
      if (this.#left === 0) {
        callback(toldAs('EPIPE'), null);
        return;
      }
      this.#left -= 1;
      connect(to, callback);
    };
  }

  /** So many requests wait for a socket. */
  allow(requests: number): void {
    this.#left = requests;
  }
}

/** By its cause alone, as which it is described: undici would try again by the code of the error itself. */
function toldAs(code: string): Error {
  return new Error('no more tries', { cause: Object.assign(new Error(code), { code }) });
}
