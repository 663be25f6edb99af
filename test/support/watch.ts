/** What a promise has come to by now: no `value` until then. */
export function watch<Value>(promise: Promise<Value>): { value?: Value } {
  const seen: { value?: Value } = {};
  void promise.then((value) => (seen.value = value));
  return seen;
}
