import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { handOut, MARKS, tellLeft } from '../handout/hand-out.js';
import type { HandedOut, KeyWriter } from '../handout/hand-out.js';
import { KeyIndex } from '../handout/key-index.js';
import type { CurrentKey } from '../handout/key-index.js';
import { ExtendedLedger, readLedger } from '../handout/ledger-file.js';
import type { LedgerEnd } from '../handout/ledger-file.js';
import type { HandOut } from '../handout/ledger.js';
import { WithheldKeys } from '../handout/withheld.js';
import { readInputBytes } from '../input/input-bytes.js';
import type { RowFile } from '../input/file-row.js';
import { showName } from '../core/safe-text.js';
import { orUsageError, toUsageError } from '../core/state-error.js';
import type { StemFiles } from '../core/stem.js';
import { UsageError } from '../core/usage-error.js';
import { CUT_TIME, readSavedKeys } from '../record/keys-file.js';
import { KeyReader } from '../record/key-reader.js';
import type { ReadKey } from '../record/key-reader.js';
import { placeFinished, temporaryOf } from '../record/replaced-file.js';

export interface HandOutJob {
  readonly files: StemFiles;
  readonly results: RowFile;
  readonly again: string | undefined;
  readonly withheld: WithheldKeys;
  /** System user and host. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  /** Can a key be written in the form that is asked for? */
  readonly takes: (key: ReadKey) => boolean;
  /** What the keys go into. @param number of this hand-out, from 1 */
  readonly open: (number: number) => { readonly path: string; readonly writer: KeyWriter };
  readonly note: (text: string) => void;
  /** @throws {UsageError} when somebody else has taken the stem meanwhile */
  readonly checkLock: () => void;
}

export interface HandOutEnd extends Pick<HandedOut, 'keys' | 'before' | 'unregistered'> {
  /** Absent where no key was handed out. */
  readonly handOut: (HandOut & { readonly path: string }) | undefined;
}

/**
 * Hands out what was not handed out before. The keys are whole on the disk under a temporary name before the ledger tells of
 * them, and have their own name afterwards; the ledger decides. A kill before it has handed nothing out: the next hand-out
 * begins anew. After one behind it, the next one finds the keys under their temporary name, by their digest, and gives
 * them their own.
 * @throws {UsageError, InputError} when nothing was handed out
 */
export async function handOutJob(job: HandOutJob): Promise<HandOutEnd> {
  const { files, results, again, withheld, note } = job;
  const { index, ledger } = await indexKeys(files, withheld);
  if (ledger.last !== undefined) await completeKilled(ledger.last, files, note);
  let opened: { readonly path: string; readonly writer: KeyWriter } | undefined;
  const open = (): KeyWriter => (opened = job.open(ledger.handOuts + 1)).writer;
  const reader = existsSync(files.keys) ? new KeyReader(files.keys) : undefined;
  const readKey = (key: CurrentKey, username: string): ReadKey => {
    const read = reader?.read(key);
    if (read?.username !== username) throw new Error('the keys file is another one than a moment ago');
    return read;
  };
  const { writer, ...counts } = await handOut({ results, index, readKey, takes: job.takes, open, again, withheld })
    .catch((error: unknown) => {
      throw toUsageError(error);
    })
    .finally(() => reader?.close());
  if (writer === undefined || opened === undefined) {
    await eachLast(files, index, (username) => tellLeft(username, { index, withheld }));
    return { ...counts, handOut: undefined };
  }
  const { path } = opened;
  return { ...counts, handOut: { path, ...(await record(writer, { path, index, job })) } };
}

/** How many keys {@link handOutJob} would hand out now. */
export async function countKeysWaiting(files: StemFiles, results: RowFile): Promise<number> {
  const withheld = new WithheldKeys();
  const { index } = await indexKeys(files, withheld);
  const nothing = (): undefined => undefined;
  const { keys } = await handOut({
    ...{ results, index, withheld, again: undefined, takes: () => true },
    readKey: (_, username) => ({ username, key: '', registeredAt: '', written: '' }),
    open: () => ({ write: nothing, finish: () => '', place: nothing, discard: nothing }),
  });
  return keys;
}

/** Whose keys there are, and which of them were handed out. */
export async function indexKeys(
  files: StemFiles,
  withheld: WithheldKeys,
): Promise<{ readonly index: KeyIndex; readonly ledger: LedgerEnd }> {
  const index = new KeyIndex();
  await readSavedKeys(files.keys, (username, savedAt, place) => {
    const reason = index.note(username, savedAt, place);
    if (reason !== undefined) withheld.add({ username, reason });
  });
  const ledger = await readLedger(files.handedOut, (username, savedAt) => {
    if (index.isCurrent(username, savedAt)) index.mark(username, MARKS.before);
  });
  return { index, ledger };
}

async function record(
  writer: KeyWriter,
  { path, index, job }: { readonly path: string; readonly index: KeyIndex; readonly job: HandOutJob },
): Promise<HandOut> {
  const { files, withheld, by, at } = job;
  let isDecided = false;
  let ledger: ExtendedLedger | undefined;
  try {
    const extended = (ledger = await ExtendedLedger.open(files.handedOut));
    const handOut = { at, by, file: relative(dirname(files.handedOut), path), sha256: writer.finish() };
    await eachLast(files, index, (username, savedAt) => {
      if (tellLeft(username, { index, withheld })) extended.add({ username, savedAt, handOut });
    });
    extended.finish();
    job.checkLock();
    // Also when this fails: nobody knows then whether it has its place.
    isDecided = true;
    extended.place();
    writer.place();
    return handOut;
  } catch (error) {
    if (!isDecided) {
      ledger?.discard();
      writer.discard();
      throw toUsageError(error);
    }
    const { message } = error instanceof Error ? error : new Error(String(error));
    throw new UsageError([
      `${message}\nThe keys are in ${showName(temporaryOf(path))}: run the same command again, and they get their name`,
    ]);
  }
}

/** Each user's last line, in the order of the file. */
async function eachLast(
  { keys }: StemFiles,
  index: KeyIndex,
  tell: (username: string, savedAt: number) => unknown,
): Promise<void> {
  await readSavedKeys(keys, (username, savedAt, { start, isTakenBack }) => {
    if (isTakenBack || index.find(username)?.start !== start || savedAt === CUT_TIME) return;
    tell(username, savedAt);
  });
}

async function completeKilled(last: HandOut, files: StemFiles, note: (text: string) => void): Promise<void> {
  const path = resolve(dirname(files.handedOut), last.file);
  const temporary = temporaryOf(path);
  if (existsSync(path) || !existsSync(temporary)) return;
  if ((await readInputBytes(temporary)).sha256 !== last.sha256) return;
  orUsageError(() => placeFinished(path));
  note(`an earlier hand-out of keys was cut off behind the ledger: its file is in its place now, ${showName(path)}`);
}
