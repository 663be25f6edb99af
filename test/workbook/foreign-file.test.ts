import { describe, expect, test } from 'vitest';
import { archiveProblem, foreignProblem, foreignText, isText } from '../../src/workbook/foreign-file.js';

const COMPOUND = Buffer.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1);

/** What Office writes for old and for encrypted files, with these streams. */
function compound(...streams: string[]): Buffer {
  return Buffer.concat([COMPOUND, Buffer.alloc(504), ...streams.map((name) => Buffer.from(`${name}\0`, 'utf16le'))]);
}

test.each(['username,token_type', 'PK,name', 'BZh,name', '', '%PD'])('%j is a text', (head) => {
  expect(isText(Buffer.from(head))).toBe(true);
});

describe('a file is named for what it is', () => {
  test.each<[Buffer, string]>([
    [
      compound('DataSpaces', 'EncryptedPackage'),
      'this workbook is under a password: open it in Excel, take the password off',
    ],
    [
      compound('DRMEncryptedDataSpace', 'EncryptedPackage'),
      'this workbook is encrypted by its sensitivity label: give it a label',
    ],
    [compound('Workbook'), 'this is an old Excel workbook: save it as .xlsx or as "CSV UTF-8"'],
    [compound('WordDocument'), 'this is an old Office file'],
    [Buffer.of(0x1f, 0x8b, 8, 0), 'this is a gzip archive: unpack it, and give the file in it'],
    [Buffer.from('%PDF-1.7'), 'this is a PDF: open what it was made from'],
    [Buffer.from('BZh91AY&SY'), 'this is a bzip2 archive'],
    [Buffer.from('Rar!\u001a\u0007'), 'this is a RAR archive'],
    [Buffer.from('PK\u0005\u0006'), 'this is an empty ZIP archive'],
    [Buffer.from('.pfile\u0003'), 'this file is encrypted by its sensitivity label (.pfile)'],
  ])('%s', (file, problem) => {
    expect(isText(file.subarray(0, 8))).toBe(false);
    expect(foreignProblem(file)).toContain(problem);
  });

  test.each<[string[], string | undefined]>([
    [['mimetype', 'content.xml', 'meta-inf/manifest.xml'], 'this is an OpenDocument file (.ods): save it as .xlsx'],
    [['index/document.iwa', 'data/a.jpg'], 'this is a Numbers document: export it'],
    [['[content_types].xml', 'xl/workbook.bin'], 'this is a binary workbook (.xlsb): save it as .xlsx'],
    [['[content_types].xml', 'word/document.xml'], 'this is a Word document'],
    [['users.csv'], 'this is a ZIP archive: unpack it, and give the file in it'],
    [['[content_types].xml', 'xl/workbook.xml'], undefined],
  ])('an archive with %j', (names, problem) => {
    const found = archiveProblem(names);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });

  test.each<[string, string | undefined]>([
    ['\ufeff\r\n <html xmlns:x="urn:schemas-microsoft-com:office:excel">', 'this is a web page (HTML)'],
    ['<!DOCTYPE html PUBLIC "">', 'this is a web page (HTML)'],
    ['<?xml version="1.0"?>\n<!DOCTYPE html>\n<html>', 'this is a web page (HTML)'],
    ['<!-- made by HR --><TABLE border="1">', 'this is a web page (HTML)'],
    ['<meta charset="utf-8"><table>', 'this is a web page (HTML)'],
    ['MIME-Version: 1.0\nX-Document-Type: Workbook', 'this is a web page in one file (.mht)'],
    [
      '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns=""><Table>',
      'as Excel 2003 wrote',
    ],
    ['<?xml version="1.0"?><ss:Workbook>', 'as Excel 2003 wrote it'],
    ['<?xml version="1.0"?><users><user/></users>', 'this is XML'],
    ['{\\rtf1\\ansi', 'this is a Rich Text document (.rtf): copy its table'],
    ['[{"username": "ann"}]', 'this is JSON'],
    ['{\n  "users": []}', 'this is JSON'],
    ['[["username"]]', 'this is JSON'],
    ['username,token_type', undefined],
    ['[Users],token', undefined],
    ['{GUID},token', undefined],
    ['<name>,token_type', undefined],
    ['<tablet>,token_type', undefined],
    ['', undefined],
  ])('a text that begins with %j', (text, problem) => {
    const found = foreignText(text);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });
});
