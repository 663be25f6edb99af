import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import { INPUT_COLUMNS, normaliseColumnName } from '../../src/input/column.js';

const KNOWN = [...Object.keys(INPUT_COLUMNS), ...ADDED_COLUMN_NAMES];

describe('the columns', () => {
  test('we read five', () => {
    expect(Object.keys(INPUT_COLUMNS)).toEqual(['username', 'token_type', 'signature_path', 'status', 'algorithm']);
  });

  test('each says what it holds', () => {
    for (const { values } of Object.values(INPUT_COLUMNS)) expect(values).toMatch(/^\S.*\S$/);
    expect(Object.values(INPUT_COLUMNS).map(({ needed }) => needed)).toEqual([
      'always',
      'always',
      'PKI',
      'PKI (or `--default-status`)',
      'no',
    ]);
  });
});

describe('in the name of a column', () => {
  test.each([
    ['username', 'username'],
    ['User Name', 'username'],
    ['USER_NAME', 'username'],
    ['user-name', 'username'],
    [' Username\t', 'username'],
    ['TokenType', 'token_type'],
    ['Token Type', 'token_type'],
    ['token-type', 'token_type'],
    ['token  type', 'token_type'],
    ['signature\u00a0path', 'signature_path'],
    ['SignaturePath', 'signature_path'],
    ['STATUS', 'status'],
    ['Return Code', 'return_code'],
    ['HTTP-Status', 'http_status'],
    ['SentAt', 'sent_at'],
  ])('case, `_`, `-` and space do not matter: %j is %s', (name, column) => {
    expect(normaliseColumnName(name)).toBe(column);
  });

  test.each(['user', 'usernames', 'user.name', 'login', 'token', 'constructor', ''])('%j is none of ours', (name) => {
    expect(KNOWN).not.toContain(normaliseColumnName(name));
  });

  test('the same holds for a column that we do not know', () => {
    expect(normaliseColumnName('E-Mail')).toBe(normaliseColumnName('e mail'));
    expect(normaliseColumnName('E-Mail')).not.toBe(normaliseColumnName('mail'));
  });

  test('a known name, written in any way, comes back as the table has it', () => {
    const written = fc
      .tuple(fc.constantFrom(...KNOWN), fc.array(fc.constantFrom('_', '-', ' ', '')), fc.boolean())
      .map(([name, separators, isUpper]) => {
        const text = name
          .split('')
          .flatMap((letter, at) => [separators[at] ?? '', letter])
          .join('');
        return { name, text: isUpper ? text.toUpperCase() : text };
      });
    fc.assert(fc.property(written, ({ name, text }) => normaliseColumnName(text) === name));
  });

  test('what was said once is said for good', () => {
    fc.assert(
      fc.property(fc.string(), (name) => normaliseColumnName(normaliseColumnName(name)) === normaliseColumnName(name)),
    );
  });
});
