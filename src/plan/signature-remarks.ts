import type { PlannedRow } from './planned-row.js';
import { isSigned } from '../row/registration.js';
import type { SignedRegistration } from '../row/registration.js';
import type { ReadSignature, SignatureWarning } from '../signature/signature.js';

/** Tells what a full check has to say of a signature that is sent: once, however often its row is tried. */
export class SignatureRemarks {
  readonly #warn: (warning: SignatureWarning & { readonly line: number }) => void;
  /** Of rows whose signature was not read yet. */
  readonly #lines = new WeakMap<SignedRegistration, number>();

  constructor(warn: (warning: SignatureWarning & { readonly line: number }) => void) {
    this.#warn = warn;
  }

  /** Notes the lines of the rows that come by. */
  async *watch(rows: AsyncIterable<PlannedRow>): AsyncGenerator<PlannedRow> {
    for await (const row of rows) {
      if (row.plan.kind === 'register' && isSigned(row.plan.registration)) {
        this.#lines.set(row.plan.registration, row.inputLine ?? row.line);
      }
      yield row;
    }
  }

  telling(readSignature: ReadSignature): ReadSignature {
    return async (registration) => {
      const reading = await readSignature(registration);
      const line = this.#lines.get(registration);
      this.#lines.delete(registration);
      const warnings = 'signature' in reading ? reading.remarks?.warnings : undefined;
      if (line !== undefined) for (const warning of warnings ?? []) this.#warn({ ...warning, line });
      return reading;
    };
  }
}
