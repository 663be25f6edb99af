import { readFileSync } from 'node:fs';
import { errnoOf } from '../core/errno.js';
import { InputError } from '../core/input-error.js';
import { parseChain, parseManifest } from './manifest-chain.js';
import type { Chain } from './manifest-chain.js';

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

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    const problem = `the manifests of earlier runs can't be read (${errnoOf(error) ?? String(error)}): give this user the right to, or move them away`;
    throw new InputError(path, 1, problem);
  }
}
