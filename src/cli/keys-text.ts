import { openPaint } from '../core/colour.js';
import { showName, showText } from '../core/safe-text.js';
import type { HandOutReport } from '../handout/hand-out-report.js';
import { WITHHELD, WITHHELD_NAMES } from '../handout/withheld.js';
import { openPlainTable } from './plain-table.js';

/** Users that are named for each reason; `--json` names more. */
const MAX_NAMED = 10;

export function toHandOutLines(report: HandOutReport, paint = openPaint(false)): string {
  const { handed_out: count, handed_out_before: before, file, withheld } = report;
  const lines: string[] = [];
  const reasons = WITHHELD_NAMES.filter((reason) => withheld[reason] !== undefined);
  if (reasons.length > 0) {
    const table = openPlainTable(['not handed out', 'keys', 'why'], ['left', 'right', 'left']);
    for (const reason of reasons) {
      const { meaning, isAmiss } = WITHHELD[reason];
      table.push([paint[isAmiss ? 'red' : 'yellow'](reason), withheld[reason] ?? 0, meaning]);
    }
    lines.push(table.toString(), ...reasons.map((reason) => namesLine(report, reason)), '');
  }
  const earlier = before > 0 ? `; ${keysText(before)} handed out before` : '';
  if (file === null) lines.push(`No new key to hand out${earlier}.`);
  else
    lines.push(
      `${keysText(count)} handed out${earlier}`,
      `Keys:   ${showName(file)}`,
      `Ledger: ${showName(report.ledger)}`,
    );
  return `${lines.join('\n')}\n`;
}

function namesLine({ withheld, withheld_keys: keys }: HandOutReport, reason: (typeof WITHHELD_NAMES)[number]): string {
  const named = keys.filter((key) => key.reason === reason).slice(0, MAX_NAMED);
  const names = named.map(
    ({ username, outcome }) => `${showText(username, 60)}${outcome === undefined ? '' : ` (${outcome})`}`,
  );
  const more = (withheld[reason] ?? 0) - named.length;
  return `${reason}: ${names.join(', ')}${more > 0 ? ` and ${more} more: --json names them` : ''}`;
}

function keysText(count: number): string {
  return count === 1 ? '1 key' : `${count} keys`;
}
