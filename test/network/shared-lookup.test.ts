import type { LookupFunction } from 'node:net';
import { describe, expect, test } from 'vitest';
import { shareLookups } from '../../src/network/shared-lookup.js';

type Tell = Parameters<LookupFunction>[2];

function aLookup() {
  const asked: { readonly hostname: string; readonly tell: Tell }[] = [];
  const answers: unknown[] = [];
  const share = shareLookups((hostname, _, tell) => void asked.push({ hostname, tell }));
  const want = (hostname: string, all = false): void =>
    share(hostname, { all }, (error, address) => answers.push(error?.code ?? address));
  return { asked, answers, want };
}

describe('connections that want to know the same name', () => {
  test('ask once, and all get the answer', () => {
    const { asked, answers, want } = aLookup();
    for (let connection = 0; connection < 64; connection += 1) want('centagate.example');
    expect(asked).toHaveLength(1);
    asked[0]?.tell(null, '192.0.2.1', 4);
    expect(answers).toEqual(Array(64).fill('192.0.2.1'));
  });

  test('ask anew when it was answered: a name may move', () => {
    const { asked, answers, want } = aLookup();
    want('centagate.example');
    asked[0]?.tell(Object.assign(new Error('later'), { code: 'EAI_AGAIN' }), '');
    want('centagate.example');
    asked[1]?.tell(null, '192.0.2.1', 4);
    expect(answers).toEqual(['EAI_AGAIN', '192.0.2.1']);
  });
});

test('other names, and other questions about the same, are asked on their own', () => {
  const { asked, want } = aLookup();
  want('centagate.example');
  want('proxy.example');
  want('centagate.example', true);
  expect(asked.map(({ hostname }) => hostname)).toEqual(['centagate.example', 'proxy.example', 'centagate.example']);
});

test('the system is asked', async () => {
  const address = await new Promise((resolve) => {
    shareLookups()('localhost', { family: 4 }, (_, found) => resolve(found));
  });
  expect(address).toBe('127.0.0.1');
});
