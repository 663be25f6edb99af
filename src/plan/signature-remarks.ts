import { isSigned } from '../row/registration.js';
import type { Registration, SignedRegistration } from '../row/registration.js';
import type { ReadSignature, SignatureWarning } from '../signature/signature.js';

/** Tells what a full check has to say of a signature that is sent: once, however often its row is tried. */
export class SignatureRemarks {
  readonly #warn: (warning: SignatureWarning & { readonly line: number }) => void;
  /** Of rows whose signature was not read yet. */
  readonly #lines = new WeakMap<SignedRegistration, number>();

  constructor(warn: (warning: SignatureWarning & { readonly line: number }) => void) {
    this.#warn = warn;
  }

  /** The row that is to be sent stands on this line of the input. */
  note(registration: Registration, line: number): void {
    if (isSigned(registration)) this.#lines.set(registration, line);
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
