import { existsSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { resolve } from 'node:path';

/** Whether both names lead to one file; of files that are not there, whether the names are the same. */
export function isSameFile(one: string, other: string): boolean {
  if (resolve(one) === resolve(other)) return true;
  if (!existsSync(one) || !existsSync(other)) return false;
  return identityOf(statSync(one, { bigint: true })) === identityOf(statSync(other, { bigint: true }));
}

export function isThere(path: string): boolean {
  return existsSync(path);
}

/** Windows numbers files beyond what a number holds; libuv up to 1.50 gives half of the volume's number at times. */
function identityOf({ dev, ino }: BigIntStats): string {
  return `${BigInt.asUintN(32, dev)} ${ino}`;
}
