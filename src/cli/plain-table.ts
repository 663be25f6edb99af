import Table from 'cli-table3';

/** A table without lines between its rows, nor colours but those of its cells: its own would ask the environment. */
export function openPlainTable(head: readonly string[], colAligns: readonly ('left' | 'right')[]): Table.Table {
  return new Table({
    head: [...head],
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    colAligns: [...colAligns],
    style: { head: [], border: [] },
  });
}
