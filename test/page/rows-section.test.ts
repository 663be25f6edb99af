import { describe, expect, it } from 'vitest';
import { groupSection, leftSection, messageSection, outcomeSection } from '../../src/page/rows-section.js';
import { expectWellFormed, textOf } from '../support/markup.js';
import { aRowWith, aStanding, aStory } from '../support/story.js';

const refused = aRowWith(
  { outcome: 'refused', returnCode: '22002', detail: 'Create the user.' },
  { username: 'bob', line: 7 },
);

describe('what is left', () => {
  it('stands by its reason, with who can act and the first of them, then row by row', () => {
    const rows = [
      aStanding(),
      refused,
      { ...refused, username: 'ann', line: 9 },
      { ...refused, username: '', line: 11 },
    ];
    const section = leftSection(aStory({ rows }));
    expectWellFormed(section.text);
    const text = textOf(section.text);
    expect(text).toMatch(/whoever looks after the users in CENTAGATE, or made the list\s+3\s+User not found \(22002\)/);
    expect(text).toContain('bob (line 7), ann (line 9), line 11');
    expect(text).toContain('Every row that is left (3)');
    expect(text).toMatch(/7\s+bob\s+OTP\s+Legal\s+refused\s+to correct first\s+no\s+Create the user\./);
    // Her other row has one.
    expect(text).toMatch(/9\s+ann\s+OTP\s+Legal\s+refused\s+to correct first\s+yes/);
  });

  it('says of whose key is lost that a token is there', () => {
    const lost = aRowWith({ outcome: 'key_lost', detail: 'Look.' }, { username: 'cem' });
    const rows = [lost, { ...refused, username: 'cem' }, aRowWith({ outcome: 'unknown' }, { username: 'dan' })];
    const text = textOf(leftSection(aStory({ rows })).text);
    expect(text).toMatch(/cem\s+OTP\s+Legal\s+key_lost\s+to correct first\s+yes, without its key\s+Look\./);
    expect(text).toMatch(/cem\s+OTP\s+Legal\s+refused\s+to correct first\s+yes, without its key/);
    expect(text).toMatch(/dan\s+OTP\s+Legal\s+unknown\s+to run again\s+in doubt/);
  });

  it('names the first two hundred rows, and where all of them stand', () => {
    const rows = Array.from({ length: 300 }, (_, n) => ({ ...refused, username: `user ${n}` }));
    const text = textOf(leftSection(aStory({ rows })).text);
    expect(text).toContain('The first 200 of 300 rows that are left');
    expect(text).toContain('All of them stand in users.failed.csv.');
    expect(text).toContain('… and 295 more');
  });

  it('is no section where nothing is', () => {
    expect(leftSection(aStory()).text).toBe('');
  });
});

it('the message has what to type in a place of its own', () => {
  const section = messageSection(aStory({ rows: [refused], runs: [{ nextCommand: 'centagate-provision run "a b"' }] }));
  expectWellFormed(section.text);
  expect(section.text).toContain('<pre><code>');
  expect(textOf(section.text)).toContain('centagate-provision run &#34;a b&#34;');
});

it('every outcome that there is stands with its meaning, and no other', () => {
  const text = textOf(
    outcomeSection(aStory({ rows: [aStanding(), refused, aStanding({ settlement: undefined })] })).text,
  );
  expect(text).toMatch(/registered\s+1\s+done/);
  expect(text).toMatch(/refused\s+1\s+to correct first/);
  expect(text).toMatch(/\(none yet\)\s+1\s+to run again/);
  expect(text).not.toContain('key_lost');
});

describe('groups', () => {
  it('have people and rows, an empty value its own words', () => {
    const lost = aRowWith({ outcome: 'key_lost' }, { username: 'cem' });
    const text = textOf(groupSection(aStory({ rows: [aStanding(), { ...refused, group: '' }, lost] })).text);
    expect(text).toContain('By department');
    expect(text).toMatch(/Legal\s+2\s+1\s+1\s+0\s+0\s+1\s+0\s+1/);
    expect(text).toMatch(/\(empty\)\s+1\s+0\s+0\s+1\s+0\s+0\s+0\s+1/);
  });

  it('can be by a column that somebody names, where none looks like a department', () => {
    const text = textOf(groupSection(aStory({ changes: { column: undefined } })).text);
    expect(text).toContain('--by');
  });
});
