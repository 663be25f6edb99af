import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join, parse, resolve, sep } from 'node:path';
import { allowText } from '../core/allowance.js';
import type { Allowance } from '../core/allowance.js';
import { showName } from '../core/safe-text.js';

const BY_GROUP = 0o020;
const BY_ALL = 0o002;
/** Who may write here may take away what is his alone. */
const STICKY = 0o1000;
const ROOT = 0;

/**
 * Who else could put files in the place of ours: in the folder, or in one on the way to it, by taking away the next. As
 * strict as OpenSSH is with its keys, but for a group that this user alone is in. Nothing where nobody could, and on Windows,
 * which has no such modes. @returns the rest of a sentence, with what to do
 */
export function sharedProblem(folder: string): string | undefined {
  const us = process.geteuid?.();
  if (us === undefined) return undefined;
  // The nearest first: what is mended there is mostly enough.
  for (const place of [...placesOn(resolve(folder))].reverse()) {
    const problem = problemOf(lstatSync(place), us);
    if (problem !== undefined) return `${showName(place)} ${problem}`;
  }
  return undefined;
}

/** As {@link sharedProblem}, unless allowed or not there. @param remedy beside its own, as in "give another one" */
export function sharedFolderProblem(folder: string, allowed: readonly Allowance[], remedy: string): string | undefined {
  const problem = allowed.includes('shared-folder') || !existsSync(folder) ? undefined : sharedProblem(folder);
  return problem && `${problem}, ${remedy}, or, where all of them are to be trusted, ${allowText('shared-folder')}`;
}

/** All folders that a path goes through, and its links and where they lead, from the root on. */
function* placesOn(path: string): Generator<string> {
  const { root } = parse(path);
  let place = root;
  yield place;
  for (const name of path.slice(root.length).split(sep)) {
    if (name === '') continue;
    const next = join(place, name);
    yield next;
    const isLink = lstatSync(next).isSymbolicLink();
    if (isLink) yield* placesOn(resolve(place, readlinkSync(next)));
    place = isLink ? realpathSync(next) : next;
  }
}

function problemOf(stats: Stats, us: number): string | undefined {
  const { uid, gid, mode } = stats;
  if (uid !== us && uid !== ROOT) return `belongs to user ${uid}: take one of your own`;
  if (stats.isSymbolicLink() || (mode & STICKY) !== 0) return undefined;
  if ((mode & BY_ALL) !== 0) return 'may be written by every user: take that right away (chmod o-w)';
  const isOfGroup = (mode & BY_GROUP) !== 0 && !isAlone(us, gid, readAccounts());
  return isOfGroup ? `may be written by group ${gid}: take that right away (chmod g-w)` : undefined;
}

/** What /etc/passwd and /etc/group say. */
export interface Accounts {
  readonly users: string;
  readonly groups: string;
}

function readAccounts(): Accounts {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  return { users: read('/etc/passwd'), groups: read('/etc/group') };
}

/** Is nobody but this user and root in a group, as many systems make one for each user? Of one that is not listed nobody knows. */
export function isAlone(us: number, gid: number, { users, groups }: Accounts): boolean {
  const accounts = rowsOf(users).map(([name, , uid, group]) => ({ name, uid: Number(uid), gid: Number(group) }));
  const listed = rowsOf(groups).find(([, , number]) => number === String(gid));
  if (listed === undefined) return false;
  const named = (listed[3] ?? '').split(',').filter((name) => name !== '');
  const members = accounts.filter((account) => account.gid === gid || named.includes(account.name ?? ''));
  const isKnown = named.every((name) => accounts.some((account) => account.name === name));
  return isKnown && members.every(({ uid }) => uid === us || uid === ROOT);
}

function rowsOf(text: string): readonly (readonly string[])[] {
  return text.split('\n').map((line) => line.split(':'));
}
