import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCsvText } from '../../src/record/csv-text.js';

const aFormat = fc.record({ delimiter: fc.constantFrom(',', ';', '\t', '|'), lineEnd: fc.constantFrom('\n', '\r\n') });
const aCell = fc.oneof(
  fc.constantFrom('', 'ann', ' a ', 'a,b', 'a;b', 'a\tb', 'say "ann"', 'a\nb', 'a\rb', '\ufeff', "'", '='),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const aRecord = fc.array(aCell, { minLength: 1, maxLength: 4 });

test('records are written as csv-stringify writes them, whether or not they need quotes', () => {
  fc.assert(
    fc.property(aFormat, fc.array(aRecord, { maxLength: 5 }), ({ delimiter, lineEnd }, records) => {
      const expected = stringify(records, { delimiter, record_delimiter: lineEnd, quoted_match: /[\r\n]/ });
      expect(openCsvText({ delimiter, lineEnd })(records)).toBe(expected);
    }),
    { numRuns: 500 },
  );
});
