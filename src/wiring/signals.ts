import { EXIT_CODES } from '../core/exit-code.js';
import type { Stop, StopKind } from '../core/stop.js';

const STOP_KINDS = {
  SIGINT: 'interrupted',
  SIGTERM: 'terminated',
  /** Ctrl-Break. */
  SIGBREAK: 'interrupted',
  /** The console is closed, and Windows ends us some seconds later. */
  SIGHUP: 'terminated',
} as const satisfies Record<string, StopKind>;
export type Signal = keyof typeof STOP_KINDS;

// Elsewhere a run outlives its terminal: nobody there ends it soon afterwards.
const SIGNALS: readonly Signal[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGBREAK', 'SIGHUP'] : ['SIGINT', 'SIGTERM'];
/** Of what has no end of its own. */
export const ALL_SIGNALS: readonly Signal[] = [...SIGNALS.filter((signal) => signal !== 'SIGHUP'), 'SIGHUP'];

/** How a run ends that a signal stops. */
export function stopBy(signal: Signal): Stop {
  return { kind: STOP_KINDS[signal], reason: `interrupted by ${signal}` };
}

/** @param onSignal is told how many came so far, this one included. @returns what gives back their usual effect */
export function listenForSignals(onSignal: (signal: Signal, count: number) => void, signals = SIGNALS): () => void {
  let count = 0;
  const listeners = signals.map((signal) => {
    const listener = (): void => {
      count += 1;
      onSignal(signal, count);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}

/** Ends process 1 of a container too, which the kernel spares otherwise. @returns as {@link listenForSignals} */
export function endOnSignals(beforeEnd: (signal: Signal) => void): () => void {
  return listenForSignals((signal) => {
    beforeEnd(signal);
    process.exit(EXIT_CODES[STOP_KINDS[signal]].code);
  });
}
