import { showText } from '../core/safe-text.js';
import { openPaint } from '../core/colour.js';
import { openPlainTable } from './plain-table.js';
import { PRESENCE_NAMES, PRESENCES } from '../checks/verification.js';
import type { NamedRegistration, VerifyReport } from '../checks/verification.js';

/** Rows that are named on a terminal; `--json` names more. */
const MAX_NAMED = 50;

const LOOKS = {
  there: 'green',
  missing: 'red',
  gone: 'green',
  still_there: 'red',
  uncheckable: 'yellow',
  unclear: 'yellow',
} as const;

export function toVerifyLines(report: VerifyReport, paint = openPaint(false)): string {
  const { presence, missing_rows: missing, still_there_rows: stillThere } = report;
  const table = openPlainTable(['registered rows', 'rows', 'meaning'], ['left', 'right', 'left']);
  for (const name of PRESENCE_NAMES)
    if (presence[name] > 0) table.push([paint[LOOKS[name]](name), presence[name], PRESENCES[name]]);
  const named = [
    ...namedLines('missing', missing, presence.missing),
    ...namedLines('still there', stillThere, presence.still_there),
  ];
  const lines = [
    ...named,
    ...(report.rows > 0 ? [table.toString()] : ['No row is registered, or was unregistered by undo.']),
  ];
  if (report.stopped_by !== null) lines.push(`Stopped early: ${showText(report.stopped_by, 2000)}`);
  if (presence.missing > 0)
    lines.push('Look at these users on the server: what is gone is to be registered anew (--fresh).');
  if (presence.still_there > 0) lines.push('Look at these users on the server: somebody has registered them anew.');
  return `${lines.join('\n')}\n`;
}

function namedLines(what: string, rows: readonly NamedRegistration[], count: number): readonly string[] {
  const lines = rows.slice(0, MAX_NAMED).map(({ line, username, token_type: tokenType }) => {
    return `${what}: line ${line}, ${showText(username, 60)} (${tokenType})`;
  });
  return count > MAX_NAMED ? [...lines, `and ${count - MAX_NAMED} more: --json names them`] : lines;
}
