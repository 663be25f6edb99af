import { InputError } from '../core/input-error.js';
import { orNothing, readOwn, whyUnreadable } from '../disk/own-file.js';
import { parseChain, parseManifest } from './manifest-chain.js';
import type { Chain } from './manifest-chain.js';
import type { Manifest } from './manifest.js';

/** More than those that a file keeps have, with settings of any length. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The manifests of a stem's runs; none where there is no file. @throws {InputError} when it is none of ours */
export function readChain(path: string): Chain {
  const text = readText(path);
  if (text === undefined) return [];
  const chain = parseChain(text);
  if (chain?.every((line) => parseManifest(line) !== undefined) === true) return chain;
  throw new InputError(
    path,
    1,
    'this is no chain of manifests that runs wrote: restore it, or move it away, and a new chain begins',
  );
}

/** That of the last run; undefined where there is none. @throws {InputError} as {@link readChain} */
export function readLastManifest(path: string): Manifest | undefined {
  return parseManifest(readChain(path).at(-1) ?? '');
}

function readText(path: string): string | undefined {
  try {
    return orNothing(() => readOwn(path, { maxBytes: MAX_BYTES }))?.toString('utf8');
  } catch (error) {
    const why = whyUnreadable(error, 'give this user the right to, or move them away');
    throw new InputError(path, 1, `the manifests of earlier runs can't be read ${why}`);
  }
}
