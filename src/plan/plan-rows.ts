import type { PlannedRow } from './planned-row.js';
import type { PlanContext, PlannedRows } from './plan-context.js';
import { planInput } from './plan-input.js';
import { planLeftovers } from './plan-leftovers.js';

/**
 * Joins an input with what earlier runs left. A first input leads: its rows find their history by username and token
 * type. A results or failed file is led by the results, or leads itself where there are none: its rows take their place
 * there by line, and a row that is done or in doubt keeps its user, so that neither is ever forgotten.
 */
export function planRows(context: PlanContext): PlannedRows {
  const { input, results } = context;
  const planned = input.header.added === undefined ? planInput(context) : planLeftovers(context, results ?? input);
  return context.forgotten === undefined ? planned : { ...planned, rows: withForgotten(planned, context.forgotten) };
}

/** A row that the operator took away after a killed run had sent it: what the journal knows of it is kept. */
async function* withForgotten(
  planned: PlannedRows,
  forgotten: NonNullable<PlanContext['forgotten']>,
): AsyncGenerator<PlannedRow> {
  let line = 1;
  for await (const row of planned.rows) {
    line = Math.max(line, row.line);
    yield row;
  }
  const { ownKeys } = planned.header;
  for (const { key, settlement } of forgotten()) {
    const colon = key.indexOf(':');
    const [tokenType, username] = [key.slice(0, colon), key.slice(colon + 1)];
    const cells = ownKeys.map((key) => (key === 'username' ? username : key === 'token_type' ? tokenType : ''));
    line += 1;
    yield { line, cells, plan: { kind: 'carry', settlement } };
  }
}
