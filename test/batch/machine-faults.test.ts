import { describe, expect, test } from 'vitest';
import { MOST_FAULTS, stoppingAfterFaults } from '../../src/batch/machine-faults.js';
import { RunStop } from '../../src/core/run-stop.js';
import type { SignatureReading } from '../../src/signature/signature.js';
import { aRegistration } from '../support/builders.js';
import { SIGNATURE } from '../support/row-world.js';

const FAULT: SignatureReading = { fault: { column: 'signature_path', reason: 'a.p7s could not be read (EIO)' } };
const REJECTION: SignatureReading = { rejection: { column: 'signature_path', reason: 'a.p7s does not exist' } };
const READ: SignatureReading = { signature: SIGNATURE };

/** How a run stops that meets these readings, one after the other. */
async function stopAfter(readings: readonly SignatureReading[]): Promise<RunStop['reason']> {
  const stop = new RunStop();
  let at = 0;
  const read = stoppingAfterFaults(() => readings[at++]!, stop);
  for (const reading of readings) expect(await read(aRegistration())).toBe(reading);
  return stop.reason;
}

const times = (count: number, reading: SignatureReading): SignatureReading[] =>
  Array<SignatureReading>(count).fill(reading);

describe('a disk or share that is away', () => {
  test('stops the run when so many signatures in a row could not be read, so that a repetition goes on', async () => {
    expect(MOST_FAULTS).toBe(20);
    expect(await stopAfter(times(19, FAULT))).toBeUndefined();
    expect(await stopAfter([...times(3, READ), ...times(20, FAULT)])).toEqual({
      kind: 'stopped',
      reason: '20 signatures in a row could not be read, the last since signature_path a.p7s could not be read (EIO)',
    });
  });

  test.each([READ, REJECTION])('is there when one was read, good or not', async (reading) => {
    expect(await stopAfter([...times(19, FAULT), reading, ...times(19, FAULT)])).toBeUndefined();
  });

  test('is not what rows with a fault of their own tell of', async () => {
    expect(await stopAfter(times(100, REJECTION))).toBeUndefined();
  });
});
