import { describe, expect, test } from 'vitest';
import { auditChain } from '../../src/checks/audit-chain.js';
import { addToChain, toChainText } from '../../src/manifest/manifest-chain.js';
import type { Chain } from '../../src/manifest/manifest-chain.js';
import { aManifest } from '../support/manifests.js';

const FILE = 'users.manifest.json';
let chain: Chain = [];
for (const run_id of ['1', '2', '3']) chain = addToChain(chain, aManifest({ run_id }));
const [one = '', two = '', three = ''] = chain;

function saysOf(lines: Chain): string {
  return auditChain(FILE, toChainText(lines)).audited.says;
}

describe('a chain', () => {
  test('that is whole is good, and has all its manifests', () => {
    const { audited, manifests } = auditChain(FILE, toChainText(chain));
    expect(audited).toMatchObject({ verdict: 'good', says: expect.stringMatching(/^3 manifests, /) as string });
    expect(manifests.map(({ run_id: id }) => id)).toEqual(['1', '2', '3']);
  });

  test.each([
    ['there is none', undefined, `${FILE} is not there`],
    ['it is none', '[]\n', `${FILE} is no list of manifests`],
  ])('%s', (_, text, says) => {
    expect(auditChain(FILE, text).audited).toEqual({ verdict: 'bad', says: expect.stringContaining(says) as string });
  });

  test.each([
    ['one was taken out of its middle', [one, three], `${FILE}:3 is manifest 3, where 2 should be`],
    ['its first one is gone', [two, three], `${FILE} begins with manifest 2: those before it are gone`],
    ['one was changed', [one, two.replace('"rows":2', '"rows":3'), three], `${FILE}:4: the manifest before it`],
    ['one is no manifest', [one, '{}', three], `${FILE}:3 is no manifest`],
    [
      'the first names one before it',
      [one.replace('"previous":null', '"previous":"ab"'), two, three],
      `${FILE}:2 is the first, and names`,
    ],
  ])('%s', (_, lines, says) => {
    expect(saysOf(lines)).toContain(says);
  });

  test('whose last one is gone is good by itself: the digests tell of that', () => {
    expect(auditChain(FILE, toChainText([one, two])).audited.verdict).toBe('good');
  });
});
