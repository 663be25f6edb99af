import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { constants as operatingSystem } from 'node:os';
import { join, posix, resolve, sep } from 'node:path';
import type { asn1 as forge } from 'node-forge';
import type { Algorithm } from '../core/registration.js';
import { showText } from '../core/safe-text.js';
import type { Signature, SignatureReading } from '../core/signature.js';

/*
 * Synchronous, and read by node-forge, because of test/bench/signature.mjs. µs per file of 2 KB: read 7 against 60-180
 * by fs/promises; parse 7 against 1,000 by asn1js and 4,000 by pkijs. Nothing waits: a FIFO opened with O_NONBLOCK
 * returns at once and fstat tells what it is. The ASN.1 reader alone loads in 20 ms, all of node-forge in 50.
 * A path is confined twice: its text may not climb out, and its real path must lie under the folder's real path.
 */

/** What is wrong and what to do: the rest of a sentence that begins with the file or the folder. */
type Problem = string;

const MAX_BYTES = 1024 * 1024;
const READ_WITHOUT_WAITING = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW;
const HAS_NUL = 'has a NUL character in its path; remove it';
const LEAVES = 'leaves the signature folder; name a file inside it';
const MISSING = 'does not exist; correct the path or add it';
const NOT_A_FILE = 'is not a regular file; name the PKCS#7 file itself';
const EMPTY = 'is empty; export the signature again';
const CUT_OFF = 'is no complete PKCS#7 structure: cut off, damaged or another kind of file; export the signature again';
const TRAILING = 'has more bytes after its PKCS#7 structure; export the signature again';
const FOREIGN = 'is not a PKCS#7 signature as DER, PEM or base64 text; name the signature that the user made';
const CERTIFICATE = 'is a certificate or a public key, not a signature; name the PKCS#7 file that the user signed';
const PRIVATE_KEY = 'is a private key (or PKCS#12), not a signature; take it away from here and name the PKCS#7 file';
const SMIME = 'is an S/MIME message; turn it into PEM with openssl smime -pk7out -in MESSAGE -out SIGNATURE.pem';
const DETACHED = 'is a detached signature, without the signed content; sign again with the content inside';
const NO_SIGNER = 'holds no signature, only certificates; name the PKCS#7 file that the user signed';

const DISK_PROBLEMS: Readonly<Partial<Record<string, Problem>>> = {
  ENOENT: MISSING,
  ENOTDIR: 'goes through a file as if it were a folder; correct the path',
  ENXIO: NOT_A_FILE,
  EACCES: 'may not be read by this user; give permission to read it and to pass the folders above it',
  ELOOP: 'goes through symbolic links that lead in a circle; repair the links',
  ENAMETOOLONG: 'has a name that is too long for the disk; correct the path',
};
const quoted = (text: string) => `"${showText(text, 300)}"`;
const toNothing = () => undefined;
const diskProblem = (errorName: string): Problem =>
  DISK_PROBLEMS[errorName] ?? `could not be read (${errorName}); check the disk or network share and run again`;
const withoutCase = (name: string) => name.normalize('NFC').toLowerCase();

/** The digest itself, then the RSA and ECDSA names that some clients write in its place (the vendor's: …1.1.5). */
const DIGESTS = {
  '0': ['1.3.14.3.2.26', '1.2.840.113549.1.1.5', '1.2.840.10045.4.1'],
  '1': ['2.16.840.1.101.3.4.2.1', '1.2.840.113549.1.1.11', '1.2.840.10045.4.3.2'],
  '2': ['2.16.840.1.101.3.4.2.2', '1.2.840.113549.1.1.12', '1.2.840.10045.4.3.3'],
  '3': ['2.16.840.1.101.3.4.2.3', '1.2.840.113549.1.1.13', '1.2.840.10045.4.3.4'],
} as const satisfies Record<Algorithm, readonly string[]>;
/** Identifier octets of BER, with the bit for "constructed". */
const TAG = { integer: 0x02, oid: 0x06, sequence: 0x30, set: 0x31, context0: 0xa0 } as const;
const tagOf = (element: forge.Asn1 | undefined) =>
  element && element.tagClass | element.type | (element.constructed ? 0x20 : 0);

// @types/node-forge knows neither this entry of the package nor the option that leaves bit strings alone.
const asn1 = createRequire(import.meta.url)('node-forge/lib/asn1.js') as Pick<typeof forge, 'oidToDer'> & {
  fromDer(bytes: string, options: { decodeBitStrings: boolean }): forge.Asn1;
};
const SIGNED_DATA = asn1.oidToDer('1.2.840.113549.1.7.2').getBytes();
const ALGORITHM_BY_DIGEST = new Map<forge.Asn1['value'] | undefined, Algorithm>(
  // Object.entries widens the keys of the table to string.
  (Object.entries(DIGESTS) as [Algorithm, readonly string[]][]).flatMap(([algorithm, oids]) =>
    oids.map((oid) => [asn1.oidToDer(oid).getBytes(), algorithm] as const),
  ),
);

/** The folder that signature paths are confined to; its real path is resolved at the first use that finds it. */
export function openSignatureFolder(folder: string): SignatureFolder {
  return new SignatureFolder(folder);
}

export class SignatureFolder {
  readonly #folder: string;
  readonly #listings = new Map<string, ReadonlyMap<string, string>>();
  /** How many names may still be kept, in this run, to find files that differ in letter case only. */
  #namesLeft = 100_000;
  /** The real path, with a separator at its end; empty until it is found. */
  #root = '';

  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  /** Why no signature at all can be read from this folder, if so: for a check at startup. */
  problem(): string | undefined {
    if (this.#root !== '') return undefined;
    if (this.#folder.includes('\0')) return `the signature folder ${quoted(this.#folder)} ${HAS_NUL}`;
    const problem = askDisk(() => {
      const root = fs.realpathSync.native(this.#folder + sep);
      this.#root = root.endsWith(sep) ? root : root + sep;
      return undefined;
    }, diskProblem);
    return problem === undefined ? undefined : `the signature folder ${quoted(this.#folder)} ${problem}`;
  }

  /** The signature in the file that a row names, relative to the folder. */
  read(path: string): SignatureReading {
    const bytes = this.#readBytes(path.replaceAll('\\', '/'));
    const signature = typeof bytes === 'string' ? bytes : signatureIn(bytes);
    return typeof signature === 'string' ? { problem: `signature file ${quoted(path)} ${signature}` } : { signature };
  }

  #readBytes(path: string): Buffer | Problem {
    if (path.includes('\0')) return HAS_NUL;
    if (/^(?:\/|[a-z]:)/i.test(path)) return 'is an absolute path; write it relative to the signature folder';
    const relative = posix.normalize(path);
    if (/^\.\.(?:\/|$)/.test(relative)) return LEAVES;
    const folderProblem = this.problem();
    if (folderProblem !== undefined) return `cannot be read: ${folderProblem}`;
    const read = () => {
      const realPath = fs.realpathSync.native(this.#root + relative);
      return this.#holds(realPath) ? readRegularFile(realPath) : LEAVES;
    };
    return askDisk(read, (name) => (name === 'ENOENT' ? this.#explainMissing(relative) : diskProblem(name)));
  }

  #holds(realPath: string): boolean {
    return (realPath + sep).startsWith(this.#root);
  }

  /** Follows the path name by name to where it ends, and to what it may have meant. */
  #explainMissing(relative: string): Problem {
    let place = this.#root;
    const meant: string[] = [];
    for (const name of relative.split('/')) {
      const isThere = askDisk(() => fs.lstatSync(join(place, name)), toNothing) !== undefined;
      const similar = isThere ? name : this.#inOtherCase(place, name);
      if (similar === undefined) return MISSING;
      const realPath = askDisk(() => fs.realpathSync.native(join(place, similar)), toNothing);
      if (realPath === undefined) return 'goes through a symbolic link to something missing; repair the link';
      if (!this.#holds(realPath)) return LEAVES;
      place = realPath;
      meant.push(similar);
    }
    return `does not exist; did you mean ${quoted(meant.join('/'))}?`;
  }

  #inOtherCase(folder: string, name: string): string | undefined {
    let names = this.#listings.get(folder);
    if (names === undefined && this.#namesLeft > 0) {
      const listed = askDisk(() => fs.readdirSync(folder), toNothing) ?? [];
      names = new Map(listed.slice(0, this.#namesLeft).map((name) => [withoutCase(name), name]));
      this.#listings.set(folder, names);
      this.#namesLeft -= names.size + 1;
    }
    return names?.get(withoutCase(name));
  }
}

function readRegularFile(realPath: string): Buffer | Problem {
  const file = fs.openSync(realPath, READ_WITHOUT_WAITING);
  try {
    const stat = fs.fstatSync(file);
    if (stat.isDirectory()) return 'is a folder; name the PKCS#7 file itself';
    if (!stat.isFile()) return NOT_A_FILE;
    if (stat.size === 0) return EMPTY;
    if (stat.size > MAX_BYTES) return 'is over 1 MiB, which no signature is; name the PKCS#7 file';
    const bytes = fs.readFileSync(file);
    return bytes.length === stat.size ? bytes : 'changed while it was read; run again when nothing writes to it';
  } finally {
    fs.closeSync(file);
  }
}

/** Runs what asks the disk; an error that is not the operating system's is a bug and goes on. */
function askDisk<Answer, Other>(question: () => Answer, otherwise: (errorName: string) => Other): Answer | Other {
  try {
    return question();
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error && 'code' in error)) throw error;
    // By number first: libuv has no name for some (ESTALE).
    const known = Object.entries(operatingSystem.errno).find(([, number]) => -number === error.errno);
    return otherwise(known?.[0] ?? String(error.code));
  }
}

function signatureIn(file: Buffer): Signature | Problem {
  const bytes = file[0] === TAG.sequence ? file : decodeText(file);
  if (typeof bytes === 'string') return bytes;
  if (bytes[0] !== TAG.sequence) return FOREIGN;
  const structure = parse(bytes.toString('latin1'));
  if (typeof structure === 'string') return structure;
  const [contentType, content] = inside(structure, TAG.sequence);
  if (tagOf(contentType) === TAG.integer) return PRIVATE_KEY;
  if (tagOf(contentType) === TAG.sequence) return CERTIFICATE;
  if (tagOf(contentType) !== TAG.oid || contentType?.value !== SIGNED_DATA) return FOREIGN;
  const fields = inside(inside(content, TAG.context0)[0], TAG.sequence);
  const signers = fields.at(-1);
  const encapsulated = inside(fields[2], TAG.sequence);
  if (tagOf(signers) !== TAG.set || encapsulated.length === 0) return CUT_OFF;
  const [signer] = inside(signers, TAG.set);
  if (signer === undefined) return NO_SIGNER;
  if (inside(encapsulated[1], TAG.context0).length === 0) return DETACHED;
  const [digest] = inside(inside(signer, TAG.sequence)[2], TAG.sequence);
  return {
    base64: bytes.toString('base64'),
    algorithm: ALGORITHM_BY_DIGEST.get(digest?.value),
    digest: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
  };
}

function parse(bytes: string): forge.Asn1 | Problem {
  try {
    return asn1.fromDer(bytes, { decodeBitStrings: false });
  } catch (error) {
    // Whatever node-forge throws here speaks of the bytes; only its error for bytes left over has this property.
    return error instanceof Error && 'byteCount' in error ? TRAILING : CUT_OFF;
  }
}

/** What a constructed element holds; nothing when it is another one than expected. */
function inside(element: forge.Asn1 | undefined, tag: number): readonly forge.Asn1[] {
  return tagOf(element) === tag && Array.isArray(element?.value) ? element.value : [];
}

/** Windows tools write text as UTF-16 too; what matters in any other text is ASCII. */
function decodeText(file: Buffer): Buffer | Problem {
  const isUtf16 = file[0] === 0xff && file[1] === 0xfe;
  const text = isUtf16 ? file.toString('utf16le', 2) : file.toString('latin1').replace(/^\xef\xbb\xbf/, '');
  const marks = [...text.matchAll(/-----(BEGIN|END) ([^\r\n]{0,64}?)-----/g)];
  const labels = marks.flatMap(([, kind, label]) => (kind === 'BEGIN' && label !== undefined ? [label] : []));
  const [begin, end] = marks;
  if (begin === undefined) return /^(?:MIME-Version|Content-Type):/im.test(text) ? SMIME : decodeBase64(text);
  if (labels.some((label) => label.includes('PRIVATE KEY'))) return PRIVATE_KEY;
  if (labels.length > 1 && labels.every((label) => label.endsWith('CERTIFICATE'))) return CERTIFICATE;
  if (labels.length > 1) return `holds ${labels.length} PEM blocks; keep only the one with the signature`;
  if (marks.length !== 2 || begin[1] !== 'BEGIN' || end?.[1] !== 'END' || begin[2] !== end[2]) {
    return 'has a PEM block without its matching BEGIN or END line; export the signature again';
  }
  return decodeBase64(text.slice(begin.index + begin[0].length, end.index));
}

/** Both alphabets say the same, as long as they are not mixed; padding may be missing. */
function decodeBase64(text: string): Buffer | Problem {
  const digits = text.replace(/\s+/g, '');
  if (digits === '') return EMPTY;
  return /^(?:[a-z0-9+/]*|[a-z0-9_-]*)={0,2}$/i.test(digits) ? Buffer.from(digits, 'base64') : FOREIGN;
}
