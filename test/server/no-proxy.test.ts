import { expect, test } from 'vitest';
import { isExempt } from '../../src/server/no-proxy.js';

test.each([
  ['*', true],
  ['centagate.example', true],
  ['CENTAGATE.example', true],
  ['other.example centagate.example', true],
  ['example', true],
  ['.example', true],
  ['*.example', true],
  ['centagate.example:443', true],
  ['centagate.example:8443', false],
  ['gate.example', false],
  ['', false],
  [',', false],
])('NO_PROXY=%s: %s', (noProxy, isOut) => {
  expect(isExempt(noProxy, 'centagate.example', 443)).toBe(isOut);
});
