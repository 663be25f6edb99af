import { constants } from 'node:fs';
import { inspect } from 'node:util';
import { findByteOrderMark } from '../input/encoding.js';
import { isOfKind, parseCertificates, parsePem } from '../core/pem.js';
import { showText } from '../core/safe-text.js';
import { MAX_PEM_BYTES, readSmallFile } from '../core/small-file.js';
import type { SmallFile } from '../core/small-file.js';

/** No secret of CENTAGATE comes near this, and neither does a settings file; a wrong file often does. In bytes. */
export const MAX_SMALL_FILE_BYTES = 64 * 1024;

/** A value that no log, report or error can show by accident: only `reveal` gives it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    Object.freeze(this);
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** Why something can't be used: the rest of a sentence whose subject the caller knows. */
export interface Problem {
  readonly problem: string;
}

const ENDS_IN_CR =
  'the secret ends in a carriage return, as from a file with the line ends of Windows: save that one with those of Unix';
const IN_QUOTES =
  'begins and ends with the same quote sign, which docker --env-file keeps and a shell does not: take both away unless they belong to it';
const WITH_BLANKS = 'has a blank at an end: take it away unless it belongs to it';

/** What may have become of a value on its way, as the rest of a sentence that tells nothing of it. */
export function describeMangling(text: string): string | undefined {
  if (/^(["'`])[^]*\1$/.test(text)) return IN_QUOTES;
  return /^\s|\s$/u.test(text) ? WITH_BLANKS : undefined;
}

/**
 * A secret, or a problem that tells nothing of it. One in quotes or with a blank at an end is taken as it is, with a warning:
 * a password may be meant so, and refusing it would leave no way to give it.
 */
export function parseSecret(text: string): { readonly value: Secret; readonly warning?: string } | Problem {
  if (text === '') return { problem: 'the secret is empty' };
  if (/^[^\r\n]+\r$/.test(text)) return { problem: ENDS_IN_CR };
  if (/[\r\n]/.test(text)) return { problem: 'the secret holds a line break; it must be one line' };
  if (text.includes('\0')) return { problem: 'the secret holds a NUL character; it must be plain text' };
  const mangling = describeMangling(text);
  return { value: new Secret(text), ...(mangling !== undefined && { warning: `the secret ${mangling}` }) };
}

/**
 * The secret in this file, without the one line break that an editor leaves at its end. Neither the content nor the name
 * is repeated in a problem: who mixes up the variables gives the secret itself as the name.
 */
export function readSecretFile(
  path: string,
): { readonly value: Secret; readonly warning: string | undefined } | Problem {
  const file = readSmallFile(path, MAX_SMALL_FILE_BYTES);
  if ('problem' in file) return { problem: `the file that it names ${file.problem}` };
  const text = decodeText(file.bytes);
  if (text === undefined) return { problem: 'the file that it names is not UTF-8 text' };
  const secret = parseSecret(text.replace(/\r?\n$/, ''));
  if ('problem' in secret) return { problem: `${secret.problem} (in the file that it names)` };
  const mangling = secret.warning && `${secret.warning} (in the file that it names)`;
  const warnings = [exposureOf(file), mangling].filter((warning) => warning !== undefined);
  return { value: secret.value, warning: warnings.length === 0 ? undefined : warnings.join('; ') };
}

/** Unless the file holds such a block and each is whole, a problem; it never has the name of a private key's file. */
export function checkPemFile(
  path: string,
  block: 'CERTIFICATE' | 'PRIVATE KEY',
): { readonly value: string; readonly warning?: string | undefined } | Problem {
  const isPrivate = block === 'PRIVATE KEY';
  const subject = isPrivate ? 'the file that it names' : `"${showText(path)}"`;
  const file = readSmallFile(path, MAX_PEM_BYTES);
  if ('problem' in file) return { problem: `${subject} ${file.problem}` };
  const parsed = parsePem(file.bytes, subject);
  if ('problem' in parsed) return parsed;
  const blocks = parsed.blocks.filter(({ label }) => isOfKind(label, block));
  if (blocks.length === 0)
    return { problem: `${subject} does not look like PEM: it has no line -----BEGIN ${block}-----` };
  const read = parseCertificates(file.bytes, subject);
  if ('problem' in read) return read;
  const isEncrypted = isPrivate && file.bytes.includes('ENCRYPTED');
  if (isEncrypted) return { problem: `${subject} is encrypted; needs a key without passphrase` };
  return { value: path, warning: isPrivate ? exposureOf(file) : undefined };
}

/** An address without what may be secret in it: its credentials, its path, its query. */
export function showAddress(text: string): string {
  if (/[@＠]|%40/i.test(text)) return 'an address with credentials';
  const [host] = /^(?:[a-z]+:\/\/)?[^/?#\\]*/i.exec(text) ?? [''];
  return `"${showText(host, 60)}${host === text ? '' : '…'}"`;
}

/** UTF-8, or UTF-16 where a mark says so, as PowerShell writes it, without the mark; undefined when it is neither. */
export function decodeText(bytes: Buffer): string | undefined {
  const encoding = findByteOrderMark(bytes)?.encoding ?? 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A warning, when every user of the machine may read the file. Windows keeps its permissions elsewhere. */
function exposureOf(file: SmallFile): string | undefined {
  if (process.platform === 'win32' || (file.mode & constants.S_IROTH) === 0) return undefined;
  return 'the file that it names can be read by every user of this machine; chmod 600 keeps it private';
}
