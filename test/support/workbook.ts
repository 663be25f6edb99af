import { zipSync } from 'fflate';

const XML = '<?xml version="1.0" encoding="UTF-8"?>';
const SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';

const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const KIND = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

export function xml(text: string): Uint8Array {
  return new TextEncoder().encode(`${XML}${text}`);
}

/** A sheet, by what stands in its `sheetData`, and before and after that. */
export function sheetOf(rows: string, before = '', after = ''): Uint8Array {
  return xml(`<worksheet ${SPACE}>${before}<sheetData>${rows}</sheetData>${after}</worksheet>`);
}

export function stylesOf(inside: string): Uint8Array {
  return xml(`<styleSheet ${SPACE}>${inside}</styleSheet>`);
}

export function stringsOf(inside: string): Uint8Array {
  return xml(`<sst ${SPACE}>${inside}</sst>`);
}

export function relationsOf(relations: readonly { id: string; kind: string; target: string }[]): Uint8Array {
  const each = relations.map(({ id, kind, target }) => {
    const type = kind.includes(':') ? kind : `${KIND}/${kind}`;
    return `<Relationship Id="${id}" Type="${type}" Target="${target}"/>`;
  });
  return xml(`<Relationships xmlns="${RELATIONS}">${each.join('')}</Relationships>`);
}

/** Several sheets, each with its attributes beside the name, such as `state="hidden"`. */
export function sheetsOf(
  sheets: Readonly<Record<string, { readonly as?: string; readonly part: Uint8Array }>>,
): Uint8Array {
  const named = Object.entries(sheets).map(([name, sheet], at) => ({ name, ...sheet, id: `s${at + 1}` }));
  const list = named.map(
    ({ name, as = '', id }, at) => `<sheet name="${name}" sheetId="${at + 1}" ${as} r:id="${id}"/>`,
  );
  const parts = named.map(({ id, part }) => [`xl/worksheets/${id}.xml`, part] as const);
  return workbookOf([], {
    'xl/workbook.xml': xml(`<workbook ${SPACE} xmlns:r="${KIND}"><sheets>${list.join('')}</sheets></workbook>`),
    'xl/_rels/workbook.xml.rels': relationsOf(
      named.map(({ id }) => ({ id, kind: 'worksheet', target: `worksheets/${id}.xml` })),
    ),
    ...Object.fromEntries(parts),
  });
}

/** A row of texts, with its attributes, such as `hidden="1"`. */
export function rowOf(number: number, cells: readonly string[], as = ''): string {
  const each = cells.map((text) => `<c t="inlineStr"><is><t xml:space="preserve">${text}</t></is></c>`);
  return `<row r="${number}" ${as}>${each.join('')}</row>`;
}

/** A workbook with one sheet of texts, as small as one can be; `more` are parts beside these, or in their place. */
export function workbookOf(rows: readonly (readonly string[])[], more: Record<string, Uint8Array> = {}): Uint8Array {
  const cell = (text: string): string =>
    text === '' ? '<c/>' : `<c t="inlineStr"><is><t xml:space="preserve">${text}</t></is></c>`;
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const sheet = rows.map((cells, at) => {
    const placed = cells.map((text, column) => cell(text).replace('<c', `<c r="${letters.charAt(column)}${at + 1}"`));
    return `<row r="${at + 1}">${placed.join('')}</row>`;
  });
  const files = {
    '[Content_Types].xml': `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
    '_rels/.rels': `${XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${KIND}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${XML}<workbook ${SPACE} xmlns:r="${KIND}"><sheets><sheet name="Users" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${KIND}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `${XML}<worksheet ${SPACE}><sheetData>${sheet.join('')}</sheetData></worksheet>`,
  };
  const bytes = Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)] as const);
  return zipSync({ ...Object.fromEntries(bytes), ...more });
}
