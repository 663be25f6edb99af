let secondMs = NaN;
/** Of that second, up to its milliseconds. */
let head = '';

/** `Date.toISOString`, where many times of one second come after each other. @throws {RangeError} for what is no time */
export function isoTime(epochMs: number): string {
  const wholeMs = Math.trunc(epochMs);
  const ms = ((wholeMs % 1000) + 1000) % 1000;
  if (wholeMs - ms !== secondMs) {
    head = new Date(wholeMs - ms).toISOString().slice(0, -'000Z'.length);
    secondMs = wholeMs - ms;
  }
  return `${head}${String(ms).padStart(3, '0')}Z`;
}
