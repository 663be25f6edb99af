import { describe, expect, test } from 'vitest';
import type { PlainSetting } from '../../src/settings/setting-value.js';
import { needsOf, parseValue } from '../../src/settings/setting-value.js';

const BASE = { flag: 'one', group: 'pace', describe: 'one' } as const;
const RULES = {
  string: { ...BASE, kind: 'string', pattern: /^[a-z]+$/, needs: 'letters' },
  parsed: { ...BASE, kind: 'parsed', parse: (text) => (text === '\t' ? text : undefined), needs: 'a tab' },
  url: { ...BASE, kind: 'url' },
  integer: { ...BASE, kind: 'integer', min: 1, max: 1024 },
  seconds: { ...BASE, kind: 'seconds', min: 0.5, max: 600 },
  choice: { ...BASE, kind: 'choice', choices: ['1', '2'], names: { '1': 'pending', '2': 'temp-valid' } },
  boolean: { ...BASE, kind: 'boolean' },
} as const satisfies Record<string, PlainSetting>;

describe('the value of a text', () => {
  test.each([
    ['string', ' abc ', 'abc'],
    ['string', 'a1', undefined],
    ['parsed', '\t', '\t'],
    ['parsed', '', undefined],
    ['url', ' https://host:8443/ ', 'https://host:8443'],
    ['url', 'https://host/path', undefined],
    ['url', 'https://me@host', undefined],
    ['url', 'ftp://host', undefined],
    ['integer', '1', 1],
    ['integer', ' 1024 ', 1024],
    ['integer', '0', undefined],
    ['integer', '1025', undefined],
    ['integer', '1.5', undefined],
    ['integer', '1e3', undefined],
    ['integer', '-1', undefined],
    ['integer', '', undefined],
    ['seconds', '2.5', 2.5],
    ['seconds', '0.5', 0.5],
    ['seconds', '0.4', undefined],
    ['seconds', '.5', undefined],
    ['choice', '2', '2'],
    ['choice', 'Pending', '1'],
    ['choice', 'temp_valid', '2'],
    ['choice', '3', undefined],
    ['boolean', 'TRUE', true],
    ['boolean', ' no ', false],
    ['boolean', '0', false],
    ['boolean', 'on', undefined],
  ] as const)('of kind %s: %j is %j', (kind, text, value) => {
    expect(parseValue(RULES[kind], text)).toBe(value);
  });
});

test.each([
  ['string', 'letters'],
  ['integer', 'a whole number from 1 to 1024'],
  ['seconds', 'seconds, such as 30 or 2.5, from 0.5 to 600'],
  ['choice', 'one of 1, 2, pending, temp-valid'],
  ['boolean', 'true or false (or yes, no, 1, 0)'],
] as const)('what is wrong of kind %s needs %s', (kind, needs) => {
  expect(needsOf(RULES[kind])).toBe(needs);
});
