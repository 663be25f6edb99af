export function namesOf<Name extends string>(table: Readonly<Partial<Record<Name, unknown>>>): readonly Name[] {
  // Object.keys takes them for any text, since an object may have more than its type says: a table has not.
  return Object.keys(table) as Name[];
}

export function entriesOf<Name extends string, Value>(
  table: Readonly<Partial<Record<Name, Value>>>,
): readonly (readonly [Name, Value])[] {
  // As for the names.
  return Object.entries(table) as [Name, Value][];
}
