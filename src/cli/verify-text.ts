import { showText } from '../core/safe-text.js';
import { openPaint } from '../core/colour.js';
import { openPlainTable } from './plain-table.js';
import { PRESENCE_NAMES, PRESENCES } from '../checks/verification.js';
import type { VerifyReport } from '../checks/verification.js';

/** Rows that are named on a terminal; `--json` names more. */
const MAX_NAMED = 50;

const LOOKS = { there: 'green', missing: 'red', uncheckable: 'yellow', unclear: 'yellow' } as const;

export function toVerifyLines(report: VerifyReport, paint = openPaint(false)): string {
  const { presence, missing_rows: missing } = report;
  const table = openPlainTable(['registered rows', 'rows', 'meaning'], ['left', 'right', 'left']);
  for (const name of PRESENCE_NAMES)
    if (presence[name] > 0) table.push([paint[LOOKS[name]](name), presence[name], PRESENCES[name]]);
  const named = missing.slice(0, MAX_NAMED).map((row) => {
    return `missing: line ${row.line}, ${showText(row.username, 60)} (${row.token_type})`;
  });
  if (presence.missing > MAX_NAMED) named.push(`and ${presence.missing - MAX_NAMED} more: --json names them`);
  const lines = [...named, ...(report.rows > 0 ? [table.toString()] : ['No row is registered.'])];
  if (report.stopped_by !== null) lines.push(`Stopped early: ${showText(report.stopped_by, 2000)}`);
  if (presence.missing > 0)
    lines.push('Look at these users on the server: what is gone is to be registered anew (--fresh).');
  return `${lines.join('\n')}\n`;
}
