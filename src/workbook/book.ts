import { posix } from 'node:path';
import type { Attributes } from 'saxen';
import { damaged, PartsError } from './parts.js';
import type { WorkbookParts } from './parts.js';
import { attributeOf, XmlReader } from './xml.js';
import type { XmlListener } from './xml.js';

/** A sheet of rows, as the workbook lists it: charts and dialogs are none. */
export interface SheetEntry {
  readonly name: string;
  /** Hidden sheets can be shown by a person, very hidden ones by a macro alone. */
  readonly state: 'visible' | 'hidden' | 'veryHidden';
  readonly part: string;
}

export interface Book {
  readonly sheets: readonly SheetEntry[];
  /** Days are counted from 1904, as old Macs did. */
  readonly is1904: boolean;
  readonly sharedStrings: string | undefined;
  readonly styles: string | undefined;
}

/** More tabs than any person looks through. */
const MAX_SHEETS = 10_000;

/** @throws {PartsError, XmlError} for parts that make no workbook */
export async function readBook(parts: WorkbookParts): Promise<Book> {
  const root = await readRelations(parts, '');
  const part = root.find(({ kind }) => kind === 'officeDocument')?.target ?? 'xl/workbook.xml';
  const relations = await readRelations(parts, part);
  const named: { name: string; state: string | undefined; id: string | undefined }[] = [];
  let is1904: boolean | undefined;
  await readSmall(parts, part, {
    open: (name, attributes) => {
      if (name === 'workbookPr') is1904 ??= isTrue(attributes()['date1904']);
      if (name !== 'sheet') return;
      const found = attributes();
      const [id] = Object.entries(found).flatMap(([key, value]) => (/(?:^|:)id$/.test(key) ? [value] : []));
      named.push({ name: unescapeText(attributeOf(found, 'name') ?? ''), state: found['state'], id });
      if (named.length > MAX_SHEETS)
        throw new PartsError(`this workbook has over ${MAX_SHEETS} sheets: keep the one with the rows`);
    },
  });
  const sheets = named.flatMap(({ name, state, id }): SheetEntry[] => {
    const relation = relations.find((each) => each.id === id);
    if (relation?.kind !== 'worksheet') return [];
    return [{ name, state: state === 'hidden' || state === 'veryHidden' ? state : 'visible', part: relation.target }];
  });
  const partOf = (wanted: string): string | undefined => {
    const target = relations.find(({ kind }) => kind === wanted)?.target;
    return target !== undefined && parts.has(target) ? target : undefined;
  };
  return { sheets, is1904: is1904 ?? false, sharedStrings: partOf('sharedStrings'), styles: partOf('styles') };
}

/** Reads a small part as a whole, so that no tag of it is cut in two. @throws {PartsError, XmlError} */
export async function readSmall(parts: WorkbookParts, part: string, listener: Partial<XmlListener>): Promise<void> {
  const reader = new XmlReader({ open: ignore, close: ignore, text: ignore, ...listener });
  reader.write(await parts.readWhole(part));
  reader.end();
}

function ignore(): void {
  // What nobody listens to.
}

interface Relation {
  readonly id: string | undefined;
  /** The last word of its type: what comes before has changed with the standard. */
  readonly kind: string | undefined;
  readonly target: string;
}

/** Where a part, or the archive itself, says that others are. */
async function readRelations(parts: WorkbookParts, part: string): Promise<readonly Relation[]> {
  const at = part.lastIndexOf('/') + 1;
  const folder = part.slice(0, at);
  const name = `${folder}_rels/${part.slice(at)}.rels`;
  if (!parts.has(name)) {
    if (part === '') return [];
    throw damaged();
  }
  const relations: Relation[] = [];
  await readSmall(parts, name, {
    open: (tag, attributes) => {
      if (tag !== 'Relationship') return;
      const found: Attributes = attributes();
      const target = attributeOf(found, 'Target') ?? '';
      relations.push({ id: found['Id'], kind: found['Type']?.split('/').at(-1), target: resolvePart(folder, target) });
    },
  });
  return relations;
}

/** From the root of the archive, or from the folder of whoever names it. */
function resolvePart(folder: string, target: string): string {
  return posix.resolve('/', folder, target.replaceAll('\\', '/')).slice(1);
}

export function isTrue(text: string | undefined): boolean {
  return text === '1' || text === 'true' || text === 'on';
}

/** What XML can't hold is written as `_x000A_` (ECMA-376, 22.9.2.19). */
export function unescapeText(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replaceAll(/_x([\da-f]{4})_/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
