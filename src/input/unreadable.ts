import { errnoOf, NO_MORE_FILES } from '../core/errno.js';

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'this is a folder: give a CSV or a workbook',
  ENOTDIR: 'its folder is a file',
  EIO: 'the disk failed while reading it',
  ...NO_MORE_FILES,
};

/** What the system says of a file, as a sentence. @throws what it doesn't say, which is no problem of the file */
export function unreadableText(error: unknown): string {
  const code = errnoOf(error) ?? '';
  if (!/^E[A-Z0-9]+$/.test(code)) throw error;
  return PROBLEMS[code] ?? `it can't be read (${code})`;
}
