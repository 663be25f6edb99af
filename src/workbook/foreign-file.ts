import { entriesOf } from '../core/table.js';

const AS_WORKBOOK = 'save it as .xlsx or as "CSV UTF-8"';
const UNPACK = 'unpack it, and give the file in it';
const NUMBERS = 'this is a Numbers document: export it (File > Export To > CSV, or Excel)';

/** The container of old Office files, and of all that Office encrypts (MS-CFB). */
const COMPOUND = Buffer.of(0xd0, 0xcf, 0x11, 0xe0);
const ARCHIVE = Buffer.from('PK\u0003\u0004');

/** What begins so is no text, and no workbook either. */
const OTHERS = [
  { magic: Buffer.from('PK\u0005\u0006'), problem: 'this is an empty ZIP archive: give the file that was to be in it' },
  { magic: Buffer.of(0x1f, 0x8b), problem: `this is a gzip archive: ${UNPACK}` },
  { magic: Buffer.of(0x28, 0xb5, 0x2f, 0xfd), problem: `this is a zstd archive: ${UNPACK}` },
  { magic: Buffer.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), problem: `this is an xz archive: ${UNPACK}` },
  { magic: Buffer.of(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c), problem: `this is a 7z archive: ${UNPACK}` },
  { magic: Buffer.from('BZh91AY&'), problem: `this is a bzip2 archive: ${UNPACK}` },
  { magic: Buffer.from('Rar!\u001a'), problem: `this is a RAR archive: ${UNPACK}` },
  { magic: Buffer.from('%PDF-'), problem: `this is a PDF: open what it was made from, and ${AS_WORKBOOK}` },
] as const;

/** A part by which an archive is known. */
const ARCHIVES = {
  'index/document.iwa': NUMBERS,
  'index.zip': NUMBERS,
  'content.xml': `this is an OpenDocument file (.ods): ${AS_WORKBOOK}`,
  'xl/workbook.bin': `this is a binary workbook (.xlsb): ${AS_WORKBOOK}`,
  'word/document.xml': 'this is a Word document: copy its table into a workbook, and give that',
  'ppt/presentation.xml': 'this is a presentation: copy its table into a workbook, and give that',
} as const;

/** How many bytes of a file {@link isText} needs. */
export const HEAD_BYTES = 8;

export function isText(head: Buffer): boolean {
  return ![ARCHIVE, COMPOUND, ...OTHERS.map(({ magic }) => magic)].some((magic) => beginsWith(head, magic));
}

/** What the bytes are that are no ZIP archive, and what to do with them; nothing where they are one, or nothing known. */
export function foreignProblem(file: Buffer): string | undefined {
  if (beginsWith(file, COMPOUND)) return compoundProblem(file);
  return OTHERS.find(({ magic }) => beginsWith(file, magic))?.problem;
}

/** What an archive is by its parts, and what to do with it; nothing for an Excel workbook. */
export function archiveProblem(partNames: readonly string[]): string | undefined {
  const names = new Set(partNames);
  const known = entriesOf(ARCHIVES).find(([part]) => names.has(part));
  if (known !== undefined) return known[1];
  return names.has('[content_types].xml') ? undefined : `this is a ZIP archive: ${UNPACK}`;
}

/** A container lists its streams by their names, in UTF-16. */
function compoundProblem(file: Buffer): string {
  const has = (stream: string): boolean => file.includes(stream, 0, 'utf16le');
  if (has('DRMEncrypted')) {
    return `this workbook is encrypted by its sensitivity label: give it a label that does not encrypt it, or ${AS_WORKBOOK} under such a label`;
  }
  if (has('EncryptedPackage')) {
    return 'this workbook is under a password: open it in Excel, take the password off (File > Info > Protect Workbook > Encrypt with Password), and save it';
  }
  if (has('Workbook') || has('Book')) return `this is an old Excel workbook: ${AS_WORKBOOK}`;
  return `this is an old Office file: open it, and ${AS_WORKBOOK}`;
}

function beginsWith(bytes: Buffer, magic: Buffer): boolean {
  return bytes.subarray(0, magic.length).equals(magic);
}
