import { describe, expect, it } from 'vitest';
import { explainCode } from '../../src/cli/explain.js';
import { RETURN_CODES } from '../../src/row/return-code.js';
import { UsageError } from '../../src/core/usage-error.js';

describe('explain', () => {
  it.each(Object.entries(RETURN_CODES))(
    '%s says its meaning, its source, whether a rerun helps, and what to do',
    (code, known) => {
      const text = explainCode(code);
      for (const part of [code, known.meaning, known.source, known.remedy, 'rerun:']) expect(text).toContain(part);
    },
  );

  it('tells the endpoints apart where the code means two things', () => {
    expect(explainCode('10011')).toMatch(/OTP: tried again.*PKI: a rerun helps once/);
  });

  it('all is the whole table', () => {
    for (const code of Object.keys(RETURN_CODES)) expect(explainCode('all')).toContain(`${code}  `);
  });

  it('a code that no document lists is refused, and that is said', () => {
    expect(explainCode('99999')).toContain('not in any document');
  });

  it.each(['abc', '', '-1', '10.5', '1234567890', '\u001b[31m'])('%j is no code', (code) => {
    expect(() => explainCode(code)).toThrow(UsageError);
    try {
      explainCode(code);
    } catch (error) {
      expect(String(error)).not.toContain('\u001b');
    }
  });
});
