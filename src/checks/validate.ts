import { equalName } from '../row/equal-name.js';
import { toFinding } from './finding.js';
import type { Finding } from './finding.js';
import type { ColumnHint, Header } from '../input/header.js';
import { InputError } from '../core/input-error.js';
import type { PlanWarning } from '../plan/plan-warning.js';
import type { PlannedRow } from '../plan/planned-row.js';
import { usedCell } from '../input/header.js';
import { isSigned } from '../row/registration.js';
import { showText } from '../core/safe-text.js';
import type { ReadSignature, Signature, SignatureReading } from '../signature/signature.js';
import { ValidationCounter } from './validation.js';
import { eachConcurrently } from '../batch/each-concurrently.js';
import type { PlannedRows } from '../plan/plan-context.js';
import { RowIndex } from '../plan/row-index.js';

export interface ValidateEdges {
  /** What is to be said of the file before any of its rows. */
  readonly remarks: readonly Finding[];
  /** What the header itself is worth a word for. */
  readonly hints: readonly ColumnHint[];
  readonly plan: (warn: (warning: PlanWarning) => void) => PlannedRows;
  readonly readSignature: ReadSignature;
  /** Takes each row in the plan's order, and what was found. */
  readonly show: (validated: Validated) => void | Promise<void>;
}

export interface Validated {
  readonly row?: PlannedRow;
  readonly findings: readonly Finding[];
  /** Of a row that would be sent with one. */
  readonly signature?: Signature | undefined;
}

/** A run's own plan and reading, and nothing sent. What is wrong is a value; a file that breaks is the last finding. */
export async function validate({
  remarks,
  hints,
  plan,
  readSignature,
  show,
}: ValidateEdges): Promise<ValidationCounter> {
  const counter = new ValidationCounter();
  const warnings: PlanWarning[] = [];
  const { header, rows } = plan((warning) => warnings.push(warning));
  const likeness = new LikenessCheck(header);
  const showRest = async (findings: readonly Finding[]): Promise<void> => {
    for (const finding of findings) counter.addFinding(finding);
    if (findings.length > 0) await show({ findings });
  };
  await showRest(remarks);
  const missed = new Set<string | undefined>();
  // A column that rows missed is told of already.
  const showHints = async (): Promise<void> => {
    const others = hints.filter(({ column }) => !missed.has(column));
    await showRest(others.map(({ text }) => ({ kind: 'unread_column', text })));
  };
  try {
    const read = eachConcurrently(rows, { concurrency: 1 }, async (row) => {
      // A plan warns of a row before it gives it.
      const warned = warnings.splice(0).map((warning): Finding => ({ ...warning, line: row.inputLine }));
      return { row, warned, reading: await readRow(row, readSignature) };
    });
    for await (const ready of read) {
      for (const { row, warned, reading } of ready) {
        const problems = findProblems(row, reading, header);
        const isKeptBack = warned.some(({ kind }) => kind === 'similar_username');
        // Its error says the same.
        const others = isKeptBack ? [] : likeness.find(row, reading);
        const findings = [...problems, ...warned.filter(({ kind }) => kind !== 'similar_username'), ...others];
        for (const { isOfHeader, column } of findings) if (isOfHeader === true) missed.add(column);
        counter.addRow(row, findings);
        const signature = reading && 'signature' in reading ? reading.signature : undefined;
        await show({ row, findings, signature });
      }
    }
    await showRest(warnings.map(({ kind, text }) => ({ kind, text })));
    await showHints();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { file, line, problem } = error;
    await showHints();
    await showRest([{ kind: 'file', file, line, text: problem }]);
  }
  return counter;
}

function readRow({ plan }: PlannedRow, read: ReadSignature): ReturnType<ReadSignature> | undefined {
  return plan.kind === 'register' && isSigned(plan.registration) ? read(plan.registration) : undefined;
}

function findProblems(row: PlannedRow, reading: SignatureReading | undefined, header: Header): readonly Finding[] {
  const { plan, inputLine: line } = row;
  if (reading !== undefined) {
    if ('rejection' in reading) return [toFinding(reading.rejection, row, header)];
    if ('fault' in reading) return [toFinding(reading.fault, row, header)];
    return (reading.remarks?.warnings ?? []).map((warning) => ({ ...warning, line, column: 'signature_path' }));
  }
  if (plan.kind === 'register') return [];
  if (plan.kind === 'carry') return [];
  const { outcome, detail } = plan.settlement;
  if (outcome === 'duplicate') return [{ kind: 'duplicate', line, text: detail }];
  return (plan.rejections ?? []).map((rejection) => toFinding(rejection, row, header));
}

/** Looks for rows that may be one user's, or of one card, by mistake. */
class LikenessCheck {
  readonly #header: Header;
  readonly #usernames = new RowIndex();
  readonly #certificates = new RowIndex();

  constructor(header: Header) {
    this.#header = header;
  }

  find({ inputLine: line, cells }: PlannedRow, reading: SignatureReading | undefined): Finding[] {
    const username = usedCell(this.#header, cells, 'username');
    if (line === undefined || username === '') return [];
    const findings: Finding[] = [];
    const similar = this.#usernames.add(equalName(username), line, { content: username });
    if (similar !== undefined && !similar.isSame(username)) {
      const value = showText(username, 60);
      const text = `username "${value}" is like that of line ${similar.line}: if that is the same user, keep one of them`;
      findings.push({ kind: 'similar_username', line, column: 'username', value, text });
    }
    const fingerprint = reading !== undefined && 'signature' in reading ? reading.remarks?.fingerprint : undefined;
    const same =
      fingerprint === undefined ? undefined : this.#certificates.add(fingerprint, line, { content: username });
    if (same !== undefined && !same.isSame(username)) {
      const text = `signature_path leads to a certificate that line ${same.line} has for another user: is it the right file?`;
      findings.push({ kind: 'same_certificate', line, column: 'signature_path', text });
    }
    return findings;
  }
}
