import { X509Certificate } from 'node:crypto';

/** One block of a PEM file, from its `-----BEGIN` to its `-----END`. */
export interface PemBlock {
  /** What stands between the dashes, such as `CERTIFICATE`. */
  readonly label: string;
  /** Where it begins, from 1. */
  readonly line: number;
  readonly text: string;
}

/** Why a file can't be used: a sentence with the place in it. */
export interface PemFault {
  readonly problem: string;
}

const MARKER = /^-----(BEGIN|END) ([A-Z0-9][A-Z0-9 ]*)-----\s*$/;
/** Also one that lost a dash, or stands beside something else. */
const LIKE_A_MARKER = /-{3,}\s*(?:BEGIN|END)\b/;

/**
 * All blocks of a file; what stands between them is of no interest. OpenSSL reads up to the first block that is broken, and
 * says nothing of those behind it: here each is looked at. A byte order mark is no fault, that of UTF-16 neither.
 * @param name stands for the file in a problem
 */
export function parsePem(bytes: Buffer, name: string): { readonly blocks: readonly PemBlock[] } | PemFault {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [at, text] of linesOf(bytes).entries()) {
    const line = at + 1;
    const number = blocks.length + 1;
    const [, kind, label = ''] = MARKER.exec(text) ?? [];
    if (kind === undefined && LIKE_A_MARKER.test(text)) {
      return { problem: `block ${number} of ${name} can't be read (line ${line}): ${describeMarker(text)}` };
    }
    if (kind === 'BEGIN') {
      if (open !== undefined) return cutOff(open, number, name);
      open = { label, line, lines: [] };
    }
    if (kind === 'END' && open?.label !== label) {
      const begun = open === undefined ? 'never begins: its first part is missing' : `begins as ${open.label}`;
      return { problem: `block ${number} of ${name} ends as ${label} (line ${line}) and ${begun}` };
    }
    open?.lines.push(text.trimEnd());
    if (kind !== 'END' || open === undefined) continue;
    if (open.lines.slice(1, -1).every((part) => part === '')) {
      return { problem: `block ${number} of ${name} is empty (line ${open.line}): export it again` };
    }
    blocks.push({ label, line: open.line, text: `${open.lines.join('\n')}\n` });
    open = undefined;
  }
  return open === undefined ? { blocks } : cutOff(open, blocks.length + 1, name);
}

/** The certificates of a file, each of which must be readable; problems as with {@link parsePem}. */
export function parseCertificates(
  bytes: Buffer,
  name: string,
): { readonly certificates: readonly X509Certificate[] } | PemFault {
  const parsed = parsePem(bytes, name);
  if ('problem' in parsed) return parsed;
  const certificates: X509Certificate[] = [];
  for (const { label, line, text } of parsed.blocks) {
    if (!isOfKind(label, 'CERTIFICATE')) continue;
    try {
      certificates.push(new X509Certificate(text));
    } catch {
      const number = certificates.length + 1;
      return { problem: `certificate ${number} of ${name} can't be read (line ${line}): export it again as PEM` };
    }
  }
  return { certificates };
}

/** `EC PRIVATE KEY` is a `PRIVATE KEY`, and `TRUSTED CERTIFICATE` a `CERTIFICATE`. */
export function isOfKind(label: string, kind: 'CERTIFICATE' | 'PRIVATE KEY'): boolean {
  return label === kind || label.endsWith(` ${kind}`);
}

function cutOff({ label, line }: { label: string; line: number }, number: number, name: string): PemFault {
  return { problem: `block ${number} of ${name} is cut off (line ${line}): it has no line -----END ${label}-----` };
}

function describeMarker(line: string): string {
  if (/-{3,}\s*END\b.*-{3,}\s*BEGIN\b/.test(line)) {
    return 'the end of one block and the beginning of the next are joined; put a line break between them';
  }
  if (/-{3,}\s*BEGIN\b.*-{3,}\s*END\b/.test(line)) {
    return 'it stands on one line; give it its line breaks, with -----BEGIN and -----END on lines of their own';
  }
  return '-----BEGIN and -----END need five dashes on both sides, and a line of their own';
}

function linesOf(bytes: Buffer): string[] {
  const [first, second] = bytes;
  const utf16 =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
  // All that counts is ASCII, whatever else stands between the blocks.
  const text = utf16 === undefined ? bytes.toString('latin1') : new TextDecoder(utf16).decode(bytes);
  return text.replace(/^\u00ef\u00bb\u00bf/, '').split(/\r\n|\n|\r/);
}
