/** What a member of something that was read may be when no run wrote it. */
const JUNK = ['', 'x', '2026-01-31T08:00:00.000Z', -1.5, 1e300, true, null, [], {}, [null], { x: null }, undefined];

export interface Junked {
  /** Where, and what is there. */
  readonly what: string;
  readonly value: unknown;
}

/** The value, time and again, each with junk at another of its places. */
export function* junked(value: unknown, change: (junk: unknown) => unknown = (whole) => whole): Generator<Junked> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    const withMember = (other: unknown): unknown =>
      change(
        Array.isArray(value)
          ? value.map((each: unknown, at) => (String(at) === name ? other : each))
          : { ...value, [name]: other },
      );
    for (const junk of JUNK) yield { what: `${name}: ${JSON.stringify(junk)}`, value: withMember(junk) };
    for (const { what, value: deeper } of junked(member, withMember)) yield { what: `${name}.${what}`, value: deeper };
  }
}
