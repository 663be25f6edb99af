import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { TEMPLATE } from '../../src/help/template.js';
import { parseHeader } from '../../src/input/header.js';
import { parseRegistration } from '../../src/row/registration.js';

describe('the template', () => {
  it('is a CSV whose every row can be sent as it stands', () => {
    const [names = [], ...rows]: string[][] = parse(TEMPLATE);
    const header = parseHeader(names);
    if ('problem' in header) throw new Error(header.problem);
    expect(rows.map((row) => parseRegistration(header, row, { defaultStatus: undefined }))).toEqual([
      { registration: { tokenType: 'otp', username: 'alice' } },
      { registration: expect.objectContaining({ tokenType: 'pki', status: '2' }) as unknown },
      { registration: expect.objectContaining({ tokenType: 'pki', algorithm: '1' }) as unknown },
    ]);
  });
});
