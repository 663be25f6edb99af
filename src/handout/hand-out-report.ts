import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import type { WithheldKey, WithheldKeys, WithheldReason } from './withheld.js';

/** What `keys` says to a machine: one JSON object, its names in snake case like the columns. Never a key. */
export interface HandOutReport {
  readonly version: 1;
  readonly results: string;
  /** Null where no key was handed out. */
  readonly file: string | null;
  readonly sha256: string | null;
  readonly handed_out: number;
  readonly handed_out_before: number;
  readonly withheld: Readonly<Partial<Record<WithheldReason, number>>>;
  readonly withheld_keys: readonly WithheldKey[];
  readonly ledger: string;
  readonly exit_code: ExitCode;
}

export interface EndedHandOut {
  readonly results: string;
  readonly ledger: string;
  readonly keys: number;
  readonly before: number;
  readonly handOut: { readonly path: string; readonly sha256: string } | undefined;
  readonly withheld: WithheldKeys;
}

export function toHandOutReport({ results, ledger, keys, before, handOut, withheld }: EndedHandOut): HandOutReport {
  return {
    version: 1,
    results,
    file: handOut?.path ?? null,
    sha256: handOut?.sha256 ?? null,
    handed_out: keys,
    handed_out_before: before,
    withheld: withheld.counts,
    withheld_keys: withheld.named,
    ledger,
    exit_code: (withheld.isAmiss ? EXIT_CODES.fix : EXIT_CODES.done).code,
  };
}
