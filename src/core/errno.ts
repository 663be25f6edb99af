/** What the operating system, Node or a library calls an error, such as `ENOENT`; undefined where it has no such name. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
