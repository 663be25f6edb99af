import { entriesOf } from '../core/table.js';

const AS_WORKBOOK = 'save it as .xlsx or as "CSV UTF-8"';
const UNPACK = 'unpack it, and give the file in it';
const COPY = 'copy its table into a workbook, and give that';
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
  {
    magic: Buffer.from('.pfile'),
    problem:
      'this file is encrypted by its sensitivity label (.pfile): give it a label that does not encrypt it, and give the file that comes of that',
  },
] as const;

const OPEN = `open it in Excel, and ${AS_WORKBOOK}`;
const tableOf = (kind: string): string => `make it a table (Excel: Data > Get Data > From File > From ${kind})`;

/** How a text begins that is no CSV, the narrower first; systems export such under the name of a workbook, or of a CSV. */
const TEXTS = [
  { begins: /^\{\\rtf/, problem: `this is a Rich Text document (.rtf): ${COPY}` },
  { begins: /^[[{]\s*["{[]/, problem: `this is JSON: ${tableOf('JSON')}, and ${AS_WORKBOOK}` },
  { begins: /^MIME-Version:/i, problem: `this is a web page in one file (.mht): ${OPEN}` },
  {
    begins: /^<\?(?:xml|mso-application)\b.*<(?:ss:)?Workbook\b/s,
    problem: `this is a spreadsheet in XML, as Excel 2003 wrote it: ${OPEN}`,
  },
  {
    begins: /^<(?:\?xml\b.*<html\b|!--|(?:!doctype html|html|head|meta|style|body|div|table)\b)/is,
    problem: `this is a web page (HTML): ${OPEN}; if it shows no table, get the file anew`,
  },
  { begins: /^<\?xml\b/, problem: `this is XML: ${tableOf('XML')}, and ${AS_WORKBOOK}` },
] as const;

/** A part by which an archive is known. */
const ARCHIVES = {
  'index/document.iwa': NUMBERS,
  'index.zip': NUMBERS,
  'content.xml': `this is an OpenDocument file (.ods): ${AS_WORKBOOK}`,
  'xl/workbook.bin': `this is a binary workbook (.xlsb): ${AS_WORKBOOK}`,
  'word/document.xml': `this is a Word document: ${COPY}`,
  'ppt/presentation.xml': `this is a presentation: ${COPY}`,
} as const;

/** How many bytes of a file {@link isText} needs. */
export const HEAD_BYTES = 8;

export function isText(head: Buffer): boolean {
  return ![ARCHIVE, COMPOUND, ...OTHERS.map(({ magic }) => magic)].some((magic) => beginsWith(head, magic));
}

/** What the bytes are that are no ZIP archive, and what to do with them; nothing where they are one, or nothing known. */
export function foreignProblem(file: Buffer): string | undefined {
  if (file.length === 0) return 'this file is empty: get it anew';
  if (beginsWith(file, COMPOUND)) return compoundProblem(file);
  return OTHERS.find(({ magic }) => beginsWith(file, magic))?.problem;
}

/** As much of a text as {@link foreignText} looks at. */
export const BEGINNING = 4096;

/** What a text is that is no CSV, and what to do with it; nothing where it may be one. */
export function foreignText(text: string): string | undefined {
  const beginning = text.slice(0, BEGINNING).trimStart();
  return TEXTS.find(({ begins }) => begins.test(beginning))?.problem;
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
