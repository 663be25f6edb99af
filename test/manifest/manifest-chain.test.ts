import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Unchained } from '../../src/manifest/manifest.js';
import { aManifest } from '../support/manifests.js';
import {
  addToChain,
  MOST_MANIFESTS,
  parseChain,
  parseManifest,
  toChainText,
} from '../../src/manifest/manifest-chain.js';
import type { Chain } from '../../src/manifest/manifest-chain.js';

const run = (run_id: string): Unchained => ({ ...aManifest(), run_id });

function chainOf(count: number): Chain {
  let chain: Chain = [];
  for (let number = 1; number <= count; number += 1) chain = addToChain(chain, run(`run ${number}`));
  return chain;
}

describe('a chain', () => {
  test('is a JSON array with a manifest on each line, each with its number and the digest of the line before', () => {
    const text = toChainText(chainOf(3));
    const lines = text.split('\n');
    const digest = createHash('sha256')
      .update(lines[1]?.slice(0, -1) ?? '')
      .digest('hex');
    expect(lines).toHaveLength(6);
    expect(JSON.parse(text)).toMatchObject([
      { number: 1, previous: null, run_id: 'run 1' },
      { number: 2, previous: digest, run_id: 'run 2' },
      { number: 3, run_id: 'run 3' },
    ]);
  });

  test('is read back as it was written', () => {
    expect(parseChain(toChainText(chainOf(3)))).toEqual(chainOf(3));
  });

  test('keeps its newest manifests, and goes on counting', () => {
    const chain = chainOf(MOST_MANIFESTS + 2);
    expect(chain).toHaveLength(MOST_MANIFESTS);
    expect(parseManifest(chain[0] ?? '')?.number).toBe(3);
  });

  test.each(['', '[]', '[\n]\n', '{}\n', '[\n{}\n]', '[\n{}\n{}\n]\n', '[\n{},\n]\n'])('%j is none', (text) => {
    expect(parseChain(text)).toBeUndefined();
  });
});

test.each(['', '{', 'null', '{}', '{"version":2,"number":1}'])('%j is no manifest of ours', (line) => {
  expect(parseManifest(line)).toBeUndefined();
});

test.each(['input', 'results', 'keys', 'started_at', 'approval', 'attempts', 'signatures'])(
  'what has lost its %s is no manifest of ours',
  (name) => {
    const [line = ''] = chainOf(1);
    expect(parseManifest(line.replace(`"${name}"`, `"${name}\u0001"`))).toBeUndefined();
    expect(
      parseManifest(line.replace(new RegExp(`"${name}":(?:null|"[^"]*"|\\{)`), `"${name}":3,"x":{`)),
    ).toBeUndefined();
  },
);
