import { expect, it } from 'vitest';
import { codesSection, settingsSection } from '../../src/page/about-section.js';
import { expectWellFormed, textOf } from '../support/markup.js';
import { aRowWith, aStanding, aStory } from '../support/story.js';

it('return codes stand by how many rows have them, with meaning and remedy, also those that no document lists', () => {
  const refused = { outcome: 'refused', message: '' } as const;
  const rows = [
    aStanding(),
    aStanding(),
    aRowWith({ ...refused, returnCode: '22002' }),
    aRowWith({ ...refused, returnCode: '4711' }),
  ];
  const text = textOf(codesSection(aStory({ rows })).text);
  expect(text).toMatch(/0\s+2\s+Success\s+22002\s+1\s+User not found\s+Correct the username/);
  expect(text).toMatch(/4711\s+1\s+not in any document of the server\s+Look at the row/);
  expect(textOf(codesSection(aStory({ rows: [] })).text)).toContain('No row was answered with one.');
});

it('what is set otherwise than usual stands first, with what is usual', () => {
  const settings = { admin: 'mia', attempts: 1, concurrency: 16, noPreflight: false, takeLock: true, timeoutMs: 2000 };
  const text = textOf(settingsSection(aStory({ runs: [{ settings }] })).text);
  expect(text).toMatch(
    /attempts\s+1\s+4\s+takeLock\s+true\s+false\s+timeoutMs\s+2000\s+30000\s+admin\s+mia\s+concurrency/,
  );
});

it('whom to ask stands with server, administrator, input and settings', () => {
  const settings = { server: 'https://centagate.example', admin: 'mia', concurrency: 16 };
  const section = settingsSection(aStory({ runs: [{ settings }] }));
  expectWellFormed(section.text);
  const text = textOf(section.text);
  expect(text).toMatch(/As the administrator\s+mia\s+Of the server\s+https:\/\/centagate\.example/);
  expect(text).toMatch(/From the input\s+users\.csv, 1 row, SHA-256 (?:ab){32}/);
  expect(text).toMatch(/admin\s+mia\s+concurrency\s+16\s+server/);
  expect(textOf(settingsSection({ ...aStory(), summary: undefined }).text)).toContain('Made from users.results.csv');
});
