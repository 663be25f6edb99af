import { expect, test } from 'vitest';
import { folding, MessageFold } from '../../src/report/message-fold.js';

test('the first messages of a kind are shown, the others counted and told at the end', () => {
  const shown: string[] = [];
  const { say, end } = new MessageFold((text) => shown.push(text));
  for (let ms = 0; ms < 1998; ms += 1) say(`this clock is ${ms} s behind`);
  say('something else');
  expect(shown).toHaveLength(12);
  expect(shown.slice(9)).toEqual([
    'this clock is 9 s behind',
    'further messages of this kind are only counted',
    'something else',
  ]);
  end();
  expect(shown.slice(12)).toEqual(['1988 more of: this clock is # s behind']);
  end();
  expect(shown).toHaveLength(13);
});

test('a server that makes up kinds fills neither the screen nor the memory', () => {
  const shown: string[] = [];
  const { say, end } = new MessageFold((text) => shown.push(text));
  for (let n = 0; n < 5000; n += 1) say(`kind ${String.fromCodePoint(0x4e00 + n)}`);
  end();
  expect(shown.length).toBeLessThan(300);
  expect(shown.at(-1)).toMatch(/^\d+ more of: messages of other kinds$/);
});

test('notes and warnings are counted apart, before the reporter ends', () => {
  const said: string[] = [];
  const reporter = folding({
    note: (event, text) => said.push(`note ${event} ${text}`),
    warn: (event, text, fields) => said.push(`warn ${event} ${text} ${fields?.line ?? ''}`),
    progress: () => undefined,
    end: () => said.push('end'),
  });
  for (let n = 0; n < 11; n += 1) reporter.note('pace', 'a');
  reporter.warn('row', 'a', { line: 7 });
  reporter.end();
  expect(said.slice(-4)).toEqual([
    'note folded further messages of this kind are only counted',
    'warn row a 7',
    'note folded 1 more of: a',
    'end',
  ]);
});
