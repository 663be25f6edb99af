import { expect, it } from 'vitest';
import { peopleSection } from '../../src/page/people-section.js';
import { expectWellFormed, textOf } from '../support/markup.js';
import { aRowWith, aStanding, aStory } from '../support/story.js';

it('says who has a token, of which types, and who has none', () => {
  const refused = { outcome: 'refused', returnCode: '22002' } as const;
  const rows = [
    aStanding(),
    aStanding({ tokenType: 'pki' }),
    aRowWith(refused, { username: 'bob' }),
    aRowWith(refused, { username: 'bob', tokenType: 'pki' }),
    aRowWith(refused, { tokenType: 'pki' }),
  ];
  const section = peopleSection(aStory({ rows }));
  expectWellFormed(section.text);
  const text = textOf(section.text);
  expect(text).toContain('1 of 2 people');
  expect(text).toMatch(/Who has a token\s+ann OTP, PKI/);
  expect(text).toMatch(/Who has none that is known of\s+bob\s+Why stands/);
});

it('says who is in doubt, and not that they have none', () => {
  const rows = [
    aRowWith({ outcome: 'unknown' }, { username: 'bob' }),
    aRowWith({ outcome: 'refused' }, { username: 'cem' }),
    aRowWith({ outcome: 'invalid' }, { username: '' }),
  ];
  const text = textOf(peopleSection(aStory({ rows })).text);
  expect(text).toMatch(/Without one that is known of\s+1\s+In doubt: [\w ]+\s+1\s+Rows that name nobody\s+1/);
  expect(text).toMatch(/Who has none that is known of\s+cem\s+Why/);
});

it('says of whose key is lost that a token is there', () => {
  const rows = [
    aRowWith({ outcome: 'key_lost' }, { username: 'bob' }),
    aRowWith({ outcome: 'refused' }, { username: 'bob', tokenType: 'pki' }),
    aRowWith({ outcome: 'refused' }, { username: 'cem' }),
  ];
  const text = textOf(peopleSection(aStory({ rows })).text);
  expect(text).toMatch(/With one whose key is lost\s+1\s+Without one that is known of\s+1/);
  expect(text).toContain('Nobody has a token yet, but for those whose key is lost.');
  expect(text).toMatch(/Who has none that is known of\s+cem\s+Why/);
});

it('names OTP tokens whose key is not here, with what to do', () => {
  const rows = [
    aStanding(),
    aRowWith({ outcome: 'already_registered' }, { username: 'bob' }),
    aRowWith({ outcome: 'key_lost' }, { username: 'cem' }),
  ];
  const text = textOf(peopleSection(aStory({ rows, keyOf: () => 'none' })).text);
  expect(text).toMatch(/OTP tokens without an activation key here\s+3/);
  expect(text).toMatch(/ann\s+2\s+registered\s+The keys file has no key of this user/);
  expect(text).toMatch(/bob\s+2\s+already_registered\s+The token was there before/);
  expect(text).toMatch(/cem\s+2\s+key_lost\s+Look at the user in the console/);
});

it('has words for a name that is empty, since each row of a table has a head', () => {
  const section = peopleSection(aStory({ rows: [aRowWith({ outcome: 'key_lost' }, { username: '' })] }));
  expect(textOf(section.text)).toMatch(/\(empty\)\s+2\s+key_lost/);
});

it('names the first of many, and where the others stand', () => {
  const rows = Array.from({ length: 300 }, (_, n) => aStanding({ username: `user ${n}` }));
  const text = textOf(peopleSection(aStory({ rows })).text);
  expect(text).toContain('Who has a token: the first of them');
  expect(text).toContain('All of them stand in users.results.csv');
  expect(textOf(peopleSection(aStory({ rows: [] })).text)).toContain('Nobody has a token yet.');
});
