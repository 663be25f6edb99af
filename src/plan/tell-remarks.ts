import type { PlannedRow } from './planned-row.js';
import type { PkiRegistration } from '../row/registration.js';
import type { SignatureReading, SignatureWarning } from '../signature/signature.js';

export interface RemarkedRows {
  readonly rows: AsyncIterable<PlannedRow>;
  readonly readSignature: (registration: PkiRegistration) => SignatureReading;
}

/** Tells what a full check has to say of a signature that is sent: once, however often its row is tried. */
export function tellRemarks(
  { rows, readSignature }: RemarkedRows,
  warn: (warning: SignatureWarning & { readonly line: number }) => void,
): RemarkedRows {
  /** Of rows whose signature was not read yet. */
  const lines = new WeakMap<PkiRegistration, number>();
  return {
    rows: noteLines(rows, lines),
    readSignature: (registration) => {
      const reading = readSignature(registration);
      const line = lines.get(registration);
      lines.delete(registration);
      const warnings = 'signature' in reading ? reading.remarks?.warnings : undefined;
      if (line !== undefined) for (const warning of warnings ?? []) warn({ ...warning, line });
      return reading;
    },
  };
}

async function* noteLines(
  rows: AsyncIterable<PlannedRow>,
  lines: WeakMap<PkiRegistration, number>,
): AsyncGenerator<PlannedRow> {
  for await (const row of rows) {
    if (row.plan.kind === 'register' && row.plan.registration.tokenType === 'pki') {
      lines.set(row.plan.registration, row.inputLine ?? row.line);
    }
    yield row;
  }
}
