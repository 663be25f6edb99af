import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../src/core/exit-code.js';
import { EXPLAINED, explain } from '../../src/help/explain.js';
import { OUTCOMES } from '../../src/row/outcome.js';
import { RETURN_CODES } from '../../src/row/return-code.js';
import { UsageError } from '../../src/core/usage-error.js';

describe('explain of a return code', () => {
  it.each(Object.entries(RETURN_CODES))(
    '%s says its meaning, its source, whether a rerun helps, and what to do',
    (code, known) => {
      const text = explain(code);
      for (const part of [code, known.meaning, known.source, known.remedy, 'rerun:']) expect(text).toContain(part);
    },
  );

  it('tells the endpoints apart where the code means two things', () => {
    expect(explain('10011')).toMatch(/OTP: tried again.*PKI: a rerun helps once/);
  });

  it('all is all there is', () => {
    for (const word of EXPLAINED.filter((one) => one !== 'all')) expect(explain('all')).toContain(`${word}  `);
  });

  it('a code that no document lists is refused, and that is said', () => {
    expect(explain('99999')).toContain('not in any document');
  });

  it.each(['abc', '', '-1', '10.5', '1234567890', '\u001b[31m'])('%j is nothing to explain', (code) => {
    expect(() => explain(code)).toThrow(UsageError);
    try {
      explain(code);
    } catch (error) {
      expect(String(error)).not.toContain('\u001b');
    }
  });
});

describe('explain of an outcome', () => {
  it.each(Object.entries(OUTCOMES))(
    '%s says its meaning, its retry and what to do',
    (name, { meaning, retry, remedy }) => {
      const text = explain(name);
      for (const part of [name, meaning, `${retry}: `, remedy]) expect(text).toContain(part);
    },
  );

  it('takes the word as somebody may write it', () => {
    expect(explain('Key-Lost')).toBe(explain('key_lost'));
  });

  it('says where a token is unregistered', () => {
    for (const word of ['key_lost', 'already_registered', '29008', '22027']) {
      expect(explain(word)).toMatch(/console of CENTAGATE/);
    }
  });
});

describe('explain of an exit code', () => {
  it.each(Object.values(EXIT_CODES))('$code says its meaning, and whether a schedule may repeat', (exit) => {
    const text = explain(String(exit.code));
    expect(text).toContain(exit.meaning.replaceAll('`', ''));
    if (exit.code !== 0) expect(text.includes('a schedule may repeat')).toBe(exit.isToRepeat);
  });

  it('tells of both where a word is both', () => {
    expect(explain('0')).toContain('Success');
    expect(explain('0')).toContain('exit code: every row done');
    expect(explain('3')).not.toContain('not in any document');
  });
});
