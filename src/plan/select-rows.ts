import { Selection, selectsAll } from './selection.js';
import type { SelectionRules } from './selection.js';
import type { PlannedRows } from './plan-context.js';

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
