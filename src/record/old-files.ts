import { existsSync } from 'node:fs';
import { StateError } from '../core/state-error.js';
import { replace } from '../disk/file-system.js';

/** Gives each file that is there the first free numbered name, `users.results.csv.1.bak`; all the same number. */
export function backUp(paths: readonly string[]): void {
  const there = paths.filter((path) => existsSync(path));
  let number = 1;
  while (there.some((path) => existsSync(`${path}.${number}.bak`))) number += 1;
  for (const path of there) {
    try {
      replace(path, `${path}.${number}.bak`);
    } catch (error) {
      throw new StateError(path, error);
    }
  }
}
