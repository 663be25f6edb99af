import { usedCell } from '../input/header.js';
import { People } from '../report/people.js';
import { parseKey } from '../row/registration.js';
import { byTokenType } from '../row/token-type.js';
import type { TokenType } from '../row/token-type.js';
import type { PlannedRows } from './plan-context.js';

/** What there is for an undo to do, counted before anything is sent. */
export interface UndoSurvey {
  readonly rows: number;
  readonly people: number;
  readonly byType: Readonly<Record<TokenType, number>>;
  /** Rows that an undo has already made what this one would. */
  readonly done: number;
  /** Rows that it may not touch, by their outcome. */
  readonly notOurs: Readonly<Record<string, number>>;
  readonly notSelected: number;
}

/** Reads all rows. @param random from 0 to 1 */
export async function surveyUndo({ header, rows }: PlannedRows, random: () => number): Promise<UndoSurvey> {
  const people = new People(random);
  const byType = byTokenType(() => 0);
  const notOurs: Record<string, number> = {};
  let [count, done, notSelected] = [0, 0, 0];
  for await (const { cells, plan, undo } of rows) {
    if (undo?.standing !== undefined) {
      count += 1;
      people.add(usedCell(header, cells, 'username'), { isLeft: true, token: 'there' });
      const key = parseKey(header, cells);
      if (key !== undefined) byType[key.tokenType] += 1;
    } else if (undo?.leftFor === 'done') done += 1;
    else if (undo?.leftFor === 'not_selected') notSelected += 1;
    else if (plan.kind === 'carry') notOurs[plan.settlement.outcome] = (notOurs[plan.settlement.outcome] ?? 0) + 1;
  }
  return { rows: count, people: people.count().all, byType, done, notOurs, notSelected };
}
