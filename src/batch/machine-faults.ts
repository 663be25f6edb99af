import type { RunStop } from '../core/run-stop.js';
import { rejectionText } from '../row/registration.js';
import type { PkiRegistration } from '../row/registration.js';
import type { ReadSignature, SignatureReading } from '../signature/signature.js';

/** So many signatures one after the other that the machine keeps from being read: their disk or share is away. */
export const MOST_FAULTS = 20;

/** Reads signatures, and stops the run where going on would only make every row that is left unavailable. */
export function stoppingAfterFaults(
  read: ReadSignature,
  stop: RunStop,
): (registration: PkiRegistration) => Promise<SignatureReading> {
  let faults = 0;
  return async (registration) => {
    const reading = await read(registration);
    faults = 'fault' in reading ? faults + 1 : 0;
    if ('fault' in reading && faults >= MOST_FAULTS) {
      const reason = `${faults} signatures in a row could not be read, the last since ${rejectionText(reading.fault)}`;
      stop.stop({ kind: 'stopped', reason });
    }
    return reading;
  };
}
