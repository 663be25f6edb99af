import { INPUT_COLUMN_NAMES } from '../input/column.js';
import type { InputColumn } from '../input/column.js';
import { describeTokenType, TOKEN_TYPE_NAMES } from '../row/token-type.js';

/** A CSV to start from: rows of each kind. */
export const TEMPLATE = `${[INPUT_COLUMN_NAMES, ...examples()].map((cells) => cells.join(',')).join('\n')}\n`;

function examples(): readonly (readonly string[])[] {
  return TOKEN_TYPE_NAMES.flatMap((token_type) =>
    describeTokenType(token_type).examples.map((example) => {
      const cells: Readonly<Partial<Record<InputColumn, string>>> = { ...example, token_type };
      return INPUT_COLUMN_NAMES.map((column) => cells[column] ?? '');
    }),
  );
}
