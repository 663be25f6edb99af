import { allowedLines } from '../core/allowance.js';
import { INPUT_COLUMN_NAMES } from '../input/column.js';
import type { ColumnMap } from '../input/column-map.js';
import { FINDING_KINDS, FINDINGS } from '../checks/finding.js';
import type { Finding } from '../checks/finding.js';
import { showName, showText } from '../core/safe-text.js';
import { openPaint } from '../core/colour.js';
import { openPlainTable } from './plain-table.js';
import type { ValidationReport } from '../checks/validation.js';
import { describeTokenType, TOKEN_TYPE_NAMES } from '../row/token-type.js';

const MAX_CHARACTERS = 1000;

export function toColumnsLine(input: string, columns: ColumnMap): string {
  const read = INPUT_COLUMN_NAMES.map((column) => {
    const name = columns[column];
    return name === undefined ? `no ${column}` : `${column} from "${showText(name, 40)}"`;
  });
  return `${showName(input)}: ${read.join(', ')}\n`;
}

export const FOLDED = 'further ones of this kind are only counted: --all shows them\n';

export function toFindingLine(input: string, { file = input, line, kind, text, isOfHeader }: Finding): string {
  const place = line === undefined || isOfHeader === true ? showName(file) : `${showName(file)}:${line}`;
  return `${place}: ${showText(`${FINDINGS[kind].severity}: ${text}`, MAX_CHARACTERS)}\n`;
}

export function toFindingJson(input: string, { file = input, line, kind, column, value, text }: Finding): string {
  const { severity } = FINDINGS[kind];
  return `${JSON.stringify({ type: 'problem', severity, kind, file, line, column, value, text })}\n`;
}

const LOOKS = { error: 'red', warning: 'yellow' } as const;

export function toValidationLines(report: ValidationReport, paint = openPaint(false)): string {
  const { rows, to_send: toSend, done, with_errors: withErrors, others, found } = report;
  const head = ['found', 'severity', 'times', 'first line', 'meaning'];
  const table = openPlainTable(head, ['left', 'left', 'right', 'right', 'left']);
  for (const kind of FINDING_KINDS) {
    const its = found[kind];
    if (its === undefined) continue;
    const { severity, meaning } = FINDINGS[kind];
    table.push([kind.replaceAll('_', ' '), paint[LOOKS[severity]](severity), its.count, its.first_line ?? '', meaning]);
  }
  const sends = TOKEN_TYPE_NAMES.reduce((sum, name) => sum + toSend[name], 0);
  const byType = TOKEN_TYPE_NAMES.map((name) => `${describeTokenType(name).label} ${toSend[name]}`);
  const counts = [
    `${rows} ${rows === 1 ? 'row' : 'rows'}`,
    `${sends} to send (${byType.join(', ')})`,
    ...(done > 0 ? [`${done} done before`] : []),
    `${withErrors} with errors`,
    ...(others > 0 ? [`${others} that repeat another row or wait`] : []),
  ];
  const allowed = allowedLines(report.allowed);
  return [...(table.length > 0 ? [table.toString()] : []), ...allowed, counts.join(', '), conclusion(report), ''].join(
    '\n',
  );
}

function conclusion({ found, with_errors: withErrors }: ValidationReport): string {
  if (found.file !== undefined) return 'The file breaks: mend it and validate again.';
  if (withErrors === 0) return 'No errors.';
  const signatures = found.signature_path === undefined ? '' : ' (signatures: as far as its --check-signatures goes)';
  return `A run leaves the rows with errors out, as invalid${signatures}.`;
}
