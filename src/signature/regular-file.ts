import { fstatSync, readSync } from 'node:fs';
import { EMPTY } from './flaw.js';
import type { Flaw, MachineFault } from './flaw.js';

const MAX_BYTES = 1024 * 1024;
export const NOT_A_FILE: Flaw = 'is not a regular file; name the PKCS#7 file itself';

/** All of an open file that may be a signature. */
export function readRegularFile(file: number): Buffer | Flaw | MachineFault {
  const stat = fstatSync(file);
  if (stat.isDirectory()) return 'is a folder; name the PKCS#7 file itself';
  if (!stat.isFile()) return NOT_A_FILE;
  if (stat.size === 0) return EMPTY;
  if (stat.size > MAX_BYTES) return 'is over 1 MiB, which no signature is; name the PKCS#7 file';
  const bytes = Buffer.allocUnsafe(stat.size + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < stat.size; length += read)
    read = readSync(file, bytes, { offset: length });
  if (length === stat.size) return bytes.subarray(0, length);
  return { fault: 'changed while it was read; run again when nothing writes to it' };
}
