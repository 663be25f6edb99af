/** What a promise has come to by now: no `value` until then; a value that is there needs none. */
export function watch<Value>(promise: Value | Promise<Value>): { value?: Value } {
  const seen: { value?: Value } = {};
  void Promise.resolve(promise).then((value) => (seen.value = value));
  return seen;
}
