/** Whether what came out of a file has the shape that others rely on. */
export type Shape = (found: unknown) => boolean;

export const isText: Shape = (found) => typeof found === 'string';
export const isFlag: Shape = (found) => typeof found === 'boolean';
export const isNumber: Shape = (found) => Number.isFinite(found);
export const isCount: Shape = (found) => Number.isSafeInteger(found) && Number(found) >= 0;
export const isScalar: Shape = (found) => isText(found) || isNumber(found) || isFlag(found);
export const isTimeText: Shape = (found) => typeof found === 'string' && Number.isFinite(Date.parse(found));
/** Epoch ms, of a time that there is. */
export const isEpochMs: Shape = (found) => typeof found === 'number' && Math.abs(found) <= MOST_MS;

/** The last time that a `Date` has. */
const MOST_MS = 8.64e15;

export function maybe(shape: Shape): Shape {
  return (found) => found === undefined || shape(found);
}

export function orNull(shape: Shape): Shape {
  return (found) => found === null || shape(found);
}

export function listOf(shape: Shape): Shape {
  return (found) => Array.isArray(found) && found.every(shape);
}

export function mapOf(shape: Shape): Shape {
  return (found) => isObject(found) && Object.values(found).every(shape);
}

/** What else such an object has is nobody's concern. */
export function objectOf<Members>(members: Readonly<Record<keyof Members, Shape>>): Shape {
  const shapes = Object.entries<Shape>(members);
  return (found) =>
    isObject(found) && shapes.every(([name, shape]) => shape(Object.hasOwn(found, name) ? found[name] : undefined));
}

function isObject(found: unknown): found is Readonly<Record<string, unknown>> {
  return typeof found === 'object' && found !== null && !Array.isArray(found);
}
