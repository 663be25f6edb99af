import type { ColumnMap } from '../input/column-map.js';
import type { Allowance } from '../core/allowance.js';
import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import { FINDING_KINDS, FINDINGS, isError } from './finding.js';
import type { Finding, FindingKind } from './finding.js';
import { retryOf } from '../row/outcome.js';
import type { PlannedRow } from '../plan/planned-row.js';
import { byTokenType } from '../row/token-type.js';
import type { TokenType } from '../row/token-type.js';

/** What `validate` says at its end; as JSON, its names are in snake case like the columns. */
export interface ValidationReport {
  readonly type: 'summary';
  readonly input: string;
  /** Of a workbook: the one that was read. */
  readonly sheet?: string | undefined;
  readonly columns: ColumnMap;
  readonly allowed: readonly Allowance[];
  readonly rows: number;
  readonly to_send: Readonly<Record<TokenType, number>>;
  /** Rows that need nothing more. */
  readonly done: number;
  readonly with_errors: number;
  /** Rows that are not sent for another reason: they repeat one, or wait. */
  readonly others: number;
  readonly found: Readonly<Partial<Record<FindingKind, FoundKind>>>;
  readonly exit_code: ExitCode;
}

interface FoundKind {
  readonly severity: 'error' | 'warning';
  readonly count: number;
  /** Of the first finding; null when that is about no line. */
  readonly first_line: number | null;
}

/** Counts rows and what was found in them as they come: memory does not grow with them. */
export class ValidationCounter {
  #rows = 0;
  readonly #toSend = byTokenType(() => 0);
  #done = 0;
  #withErrors = 0;
  #others = 0;
  readonly #found = new Map<FindingKind, FoundKind>();

  addFinding({ kind, line }: Finding): void {
    const { severity } = FINDINGS[kind];
    const before = this.#found.get(kind);
    const first = before === undefined ? (line ?? null) : before.first_line;
    this.#found.set(kind, { severity, count: (before?.count ?? 0) + 1, first_line: first });
  }

  /** Rows that only the results have are not counted. */
  addRow({ plan, inputLine }: PlannedRow, findings: readonly Finding[]): void {
    for (const finding of findings) this.addFinding(finding);
    if (inputLine === undefined) return;
    this.#rows += 1;
    if (findings.some(isError)) this.#withErrors += 1;
    else if (plan.kind === 'register') this.#toSend[plan.registration.tokenType] += 1;
    else if (plan.settlement.outcome !== 'duplicate' && retryOf(plan.settlement) === 'no') this.#done += 1;
    else this.#others += 1;
  }

  result({
    input,
    sheet,
    columns,
    allowed,
  }: Pick<ValidationReport, 'input' | 'sheet' | 'columns' | 'allowed'>): ValidationReport {
    const found = FINDING_KINDS.flatMap((kind) => {
      const its = this.#found.get(kind);
      return its === undefined ? [] : [[kind, its] as const];
    });
    return {
      type: 'summary',
      input,
      sheet,
      columns,
      allowed,
      rows: this.#rows,
      to_send: { ...this.#toSend },
      done: this.#done,
      with_errors: this.#withErrors,
      others: this.#others,
      found: Object.fromEntries(found),
      exit_code: this.#exitCode(),
    };
  }

  #exitCode(): ExitCode {
    if (this.#found.has('file')) return EXIT_CODES.usage.code;
    const hasErrors = [...this.#found.keys()].some((kind) => isError({ kind }));
    return hasErrors ? EXIT_CODES.fix.code : EXIT_CODES.done.code;
  }
}
