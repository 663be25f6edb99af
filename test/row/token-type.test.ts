import { describe, expect, test } from 'vitest';
import { INPUT_COLUMN_NAMES, INPUT_COLUMNS } from '../../src/input/column.js';
import { bringsKey, byTokenType, describeTokenType, TOKEN_TYPE_NAMES } from '../../src/row/token-type.js';

describe('the table of token types', () => {
  test('has the two that the seeds tell of', () => {
    expect(TOKEN_TYPE_NAMES).toEqual(['otp', 'pki']);
    expect(byTokenType((name) => describeTokenType(name).path)).toEqual({
      otp: '/token/register/otp/offline',
      pki: '/cert/register/pkcs7',
    });
  });

  test('knows an activation key for OTP alone', () => {
    expect(byTokenType(bringsKey)).toEqual({ otp: true, pki: false });
  });

  test('has no word for two types, and each type by its name', () => {
    const words = TOKEN_TYPE_NAMES.flatMap((name) => describeTokenType(name).words);
    expect(new Set(words).size).toBe(words.length);
    for (const name of TOKEN_TYPE_NAMES) expect(describeTokenType(name).words).toContain(name);
  });

  test('has no word that the column of token types does not tell of, and the other way round', () => {
    const told = [...INPUT_COLUMNS.token_type.values.matchAll(/`(.+?)`/g)].map(([, word]) => word);
    const words = TOKEN_TYPE_NAMES.flatMap((name) => describeTokenType(name).words);
    expect([...words].sort()).toEqual(told.sort());
    expect(INPUT_COLUMNS.token_type.wrong).toBe(`neither ${TOKEN_TYPE_NAMES.join(' nor ')}`);
  });

  test.each(TOKEN_TYPE_NAMES)('%s reads columns of the input, and each in some row of the template', (name) => {
    const { columns, examples } = describeTokenType(name);
    expect(INPUT_COLUMN_NAMES).toEqual(expect.arrayContaining([...columns]));
    const filled = new Set(examples.flatMap((example) => Object.keys(example)));
    expect([...filled].sort()).toEqual(['username', ...columns].sort());
  });
});
