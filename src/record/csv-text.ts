import { stringify } from 'csv-stringify/sync';

export interface CsvFormat {
  /** One character. */
  readonly delimiter: string;
  readonly lineEnd: string;
}

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export type ToCsvText = (records: readonly (readonly string[])[]) => string;

/** Where no record needs quotes they are joined: csv-stringify, which decides about others, takes five times longer. */
export function openCsvText({ delimiter, lineEnd }: CsvFormat): ToCsvText {
  // Any line end ends a record for our reader, so a cell that holds one is quoted whichever it is.
  const options = { delimiter, record_delimiter: lineEnd, quoted_match: /[\r\n]/ };
  const delimiterUnit = delimiter.charCodeAt(0);
  // A loop of its own: of cells this short, an expression costs more for each than all their characters.
  const needsQuotes = (cell: string): boolean => {
    for (let at = 0; at < cell.length; at += 1) {
      const unit = cell.charCodeAt(at);
      if (unit === delimiterUnit || unit === QUOTE || unit === LINE_FEED || unit === CARRIAGE_RETURN) return true;
    }
    return false;
  };
  // What a record of one empty cell looks like is csv-stringify's to say.
  const isPlain = (record: readonly string[]): boolean => record.length > 1 && !record.some(needsQuotes);
  return (records) => {
    if (!records.every(isPlain)) return stringify([...records] as string[][], options);
    return records.map((record) => record.join(delimiter) + lineEnd).join('');
  };
}
