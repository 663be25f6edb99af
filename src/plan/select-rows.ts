import { Selection, selectsAll } from './selection.js';
import type { SelectionRules } from './selection.js';
import type { PlannedRows } from './plan-context.js';

/** The same rows, of which only the selected are sent. */
export function selectRows(planned: PlannedRows, rules: SelectionRules): PlannedRows {
  if (selectsAll(rules)) return planned;
  const selection = new Selection(rules, planned.header);
  return {
    ...planned,
    rows: (async function* () {
      for await (const row of planned.rows) yield selection.select(row);
    })(),
  };
}
