import { TAG } from './asn1.js';
import { CERTIFICATE, EMPTY, FOREIGN, PRIVATE_KEY, SMIME } from './flaw.js';
import type { Flaw } from './flaw.js';

/** The binary form of a signature file: DER or BER as it is, PEM or base64 decoded. */
export function decodeFile(file: Buffer): Buffer | Flaw {
  return file[0] === TAG.sequence ? file : decodeText(file);
}

/** Windows tools write text as UTF-16 too; what matters in any other text is ASCII. */
function decodeText(file: Buffer): Buffer | Flaw {
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
function decodeBase64(text: string): Buffer | Flaw {
  const digits = text.replace(/\s+/g, '');
  if (digits === '') return EMPTY;
  return /^(?:[a-z0-9+/]*|[a-z0-9_-]*)={0,2}$/i.test(digits) ? Buffer.from(digits, 'base64') : FOREIGN;
}
