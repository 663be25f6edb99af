import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Mark } from './check.js';

/** What `audit` looks at, in its order. */
export const AUDIT_CHECKS = {
  chain: 'each manifest names the one before it',
  digests: 'the files are those of SHA256SUMS',
  results: 'the results are what the last manifest says',
  failed: 'the failed file has the rows of the results that need another run',
  summary: 'the summary is that of the last manifest',
  keys: 'the keys file has the lines of the last manifest, and one for each OTP row that is registered; the keys themselves no digest proves',
  undone: 'the rows that undo took back are those of its own file',
  input: 'every row of the input is in the results, and no other',
  signatures: 'the signatures are those that were sent',
  shards: 'the files of shards that are kept are those that were merged',
  signature: 'SHA256SUMS is signed by somebody who is trusted',
} as const;
export type AuditCheckName = keyof typeof AUDIT_CHECKS;

export interface Audited {
  readonly verdict: Mark;
  readonly says: string;
}

export interface AuditCheck extends Audited {
  readonly name: AuditCheckName;
}

/** What `audit` says to a machine. */
export interface AuditReport {
  readonly version: 1;
  readonly results: string;
  readonly exit_code: ExitCode;
  readonly checks: readonly AuditCheck[];
}

export function toAuditReport(results: string, checks: readonly AuditCheck[]): AuditReport {
  const isBad = checks.some(({ verdict }) => verdict === 'bad');
  return { version: 1, results, exit_code: (isBad ? EXIT_CODES.fix : EXIT_CODES.done).code, checks };
}

const MOST_TOLD = 5;

/** What differs, of which the first few are told. */
export class Differences {
  readonly #told: string[] = [];
  #count = 0;

  add(text: string): void {
    this.#count += 1;
    if (this.#told.length < MOST_TOLD) this.#told.push(text);
  }

  addAll({ count, told }: Differences): void {
    this.#count += count - told.length;
    told.forEach((text) => this.add(text));
  }

  get count(): number {
    return this.#count;
  }

  get told(): readonly string[] {
    return this.#told;
  }

  /** @param what as in `rows` */
  addFigure(what: string, found: string | number, said: string | number): void {
    if (found !== said) this.add(`${what}: ${found}, the manifest says ${said}`);
  }

  get isNone(): boolean {
    return this.#count === 0;
  }

  judge(otherwise: string): Audited {
    if (this.isNone) return { verdict: 'good', says: otherwise };
    const more = this.#count - this.#told.length;
    return { verdict: 'bad', says: `${this.#told.join('; ')}${more > 0 ? `; and ${more} more` : ''}` };
  }
}

export function bad(says: string): Audited {
  return { verdict: 'bad', says };
}

export function skip(says: string): Audited {
  return { verdict: 'skipped', says };
}
