import { EXIT_CODES } from '../core/exit-code.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
export type Signal = (typeof SIGNALS)[number];

/**
 * Calls `onSignal` for each SIGINT or SIGTERM with how many came so far, this one included. The returned function gives
 * the signals their usual effect back.
 */
export function listenForSignals(onSignal: (signal: Signal, count: number) => void): () => void {
  let count = 0;
  const listeners = SIGNALS.map((signal) => {
    const listener = (): void => {
      count += 1;
      onSignal(signal, count);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}

/**
 * Lets a signal end this process at once, as it does by itself; but also process 1 of a container, which the kernel spares
 * as long as nobody listens. The returned function gives the signals their usual effect back.
 */
export function endOnSignals(beforeEnd: (signal: Signal) => void): () => void {
  return listenForSignals((signal) => {
    beforeEnd(signal);
    process.exit(EXIT_CODES[signal === 'SIGINT' ? 'interrupted' : 'terminated'].code);
  });
}
