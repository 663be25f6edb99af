import { zipSync } from 'fflate';

const XML = '<?xml version="1.0" encoding="UTF-8"?>';
const SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';

/** A workbook with one sheet of texts, as small as one can be. */
export function workbookOf(rows: readonly (readonly string[])[], more: Record<string, Uint8Array> = {}): Uint8Array {
  const cell = (text: string): string =>
    text === '' ? '<c/>' : `<c t="inlineStr"><is><t xml:space="preserve">${text}</t></is></c>`;
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const sheet = rows.map((cells, at) => {
    const placed = cells.map((text, column) => cell(text).replace('<c', `<c r="${letters.charAt(column)}${at + 1}"`));
    return `<row r="${at + 1}">${placed.join('')}</row>`;
  });
  const kind = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const files = {
    '[Content_Types].xml': `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
    '_rels/.rels': `${XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${kind}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${XML}<workbook ${SPACE} xmlns:r="${kind}"><sheets><sheet name="Users" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${kind}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `${XML}<worksheet ${SPACE}><sheetData>${sheet.join('')}</sheetData></worksheet>`,
  };
  const bytes = Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)] as const);
  return zipSync({ ...Object.fromEntries(bytes), ...more });
}
