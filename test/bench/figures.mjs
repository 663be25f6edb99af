// Numbers from rounds, and how they are shown.

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of what `a` is to `b` in the same round: what slows the machine down slows both. */
export function medianRatio(a, b) {
  return median(a.map((number, round) => number / b[round]));
}

/**
 * Who runs when in a round: in time each goes first as often, and next to each other one. With an order and its reverse in
 * turn, a program was 3 % slower than itself.
 */
export function orderOf(contenders, round) {
  const turned = contenders.map((_, at) => contenders[(at + round) % contenders.length]);
  return Math.floor(round / contenders.length) % 2 === 0 ? turned : turned.reverse();
}

export function toTable(rows) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const text = (value) => (typeof value === 'number' ? shown(value) : (value ?? ''));
  const lines = [names, ...rows.map((row) => names.map((name) => text(row[name])))];
  const widths = names.map((_, at) => Math.max(...lines.map((line) => line[at].length)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function shown(number) {
  if (Number.isNaN(number)) return '-';
  return number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2);
}
