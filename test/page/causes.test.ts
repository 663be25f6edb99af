import { expect, it } from 'vitest';
import { Causes } from '../../src/page/causes.js';
import { aRowWith } from '../support/story.js';

it('puts rows together that have the same thing wrong, whatever their values are', () => {
  const causes = new Causes();
  const invalid = (username: string, detail: string): void =>
    causes.add(aRowWith({ outcome: 'invalid', returnCode: '', detail }, { username }), 'fix');
  invalid('ann', 'token_type "sms" is not known');
  invalid('bob', 'token_type "fax" is not known');
  invalid('cem', 'line 12 has the same username');
  expect(causes.result()).toMatchObject([
    { rows: 2, detail: 'token_type "sms" is not known', who: [{ username: 'ann' }, { username: 'bob' }] },
    { rows: 1 },
  ]);
});

it('goes by the return code where there is one, and has what needs a person first', () => {
  const causes = new Causes();
  const code = (returnCode: string, detail: string, retry: 'yes' | 'fix'): void =>
    causes.add(aRowWith({ outcome: retry === 'yes' ? 'unavailable' : 'refused', returnCode, detail }), retry);
  for (let n = 0; n < 3; n += 1) code('10004', `after ${n} tries`, 'yes');
  code('22002', 'a', 'fix');
  code('22002', 'b', 'fix');
  code('10006', 'away', 'yes');
  expect(causes.result().map(({ returnCode, rows }) => [returnCode, rows])).toEqual([
    ['22002', 2],
    ['10004', 3],
    ['10006', 1],
  ]);
  // One that may be done already comes before all.
  causes.add(aRowWith({ outcome: 'unknown', returnCode: '', detail: 'cut off' }), 'yes');
  expect(causes.result()[0]).toMatchObject({ outcome: 'unknown', rows: 1 });
});

it('names the first five of a cause, and tells no more than some thirty causes apart', () => {
  const causes = new Causes();
  for (let n = 0; n < 1000; n += 1) {
    const letters = String.fromCodePoint(0x4e00 + n);
    causes.add(aRowWith({ outcome: 'invalid', returnCode: '', detail: letters }, { username: `user ${n}` }), 'fix');
  }
  const result = causes.result();
  expect(result.length).toBeLessThan(35);
  expect(result[0]).toMatchObject({ rows: 970, detail: '' });
  expect(result[0]?.who).toHaveLength(5);
});
