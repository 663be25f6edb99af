import { UsageError } from '../core/usage-error.js';
import { Selection, selectsAll } from './selection.js';
import type { SelectionRules } from './selection.js';
import type { PlannedRows } from './plan-context.js';

/** The rows throw a {UsageError} at their end when `--where` means none of them: nothing was sent then. */
export function selectRows(planned: PlannedRows, rules: SelectionRules): PlannedRows {
  if (selectsAll(rules)) return planned;
  const selection = new Selection(rules, planned.header);
  return {
    ...planned,
    rows: (async function* () {
      for await (const row of planned.rows) yield selection.select(row);
      const problem = selection.problem();
      if (problem !== undefined) throw new UsageError([problem]);
    })(),
  };
}
