/** What the operating system, Node or a library calls an error, such as `ENOENT`; undefined where it has no such name. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The limit of open files, which is no fault of what was to be opened, whatever that is. */
export const NO_MORE_FILES: Readonly<Record<string, string>> = {
  EMFILE: 'this program may open no more files: raise the limit (ulimit -n), or lower --concurrency',
  ENFILE: 'this machine can open no more files: see what has so many open, or lower --concurrency',
};
