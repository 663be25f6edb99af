import { expect, it } from 'vitest';
import { paceSection } from '../../src/page/pace-section.js';
import { runsOf } from '../../src/page/report-words.js';
import { NOON } from '../support/builders.js';
import { tagsOf, textOf } from '../support/markup.js';
import { aRowWith, aStory } from '../support/story.js';

function sectionOf(rows: readonly ReturnType<typeof aRowWith>[], lastsMs = 10_000): string {
  const story = aStory({ rows, runs: [{ startedAt: NOON, endedAt: NOON + lastsMs }] });
  return paceSection(runsOf(story.summary), story.figures).text;
}

it('has sends a second, of a run that lasts long enough to draw', () => {
  const rows = Array.from({ length: 20 }, (_, n) => aRowWith({ sentAt: NOON + n * 100 }));
  const text = textOf(sectionOf(rows));
  expect(text).toContain(
    'Run 1, over the whole of it 0.1 a second; at most 10 a second, of the last sends of its rows.',
  );
  expect(sectionOf(rows)).toContain('class="picture"');
  expect(sectionOf(rows, 3000)).not.toContain('class="picture"');
});

it('has what replies took, in numbers and in powers of two', () => {
  const rows = [1, 2, 3, 100, 2000, 2001].map((latencyMs) => aRowWith({ latencyMs }));
  const section = sectionOf(rows);
  expect(textOf(section)).toMatch(/Half of the replies came within \d+ ms, 95 of 100 within \d+ ms/);
  expect(textOf(section)).toMatch(/≤ 1 ms\s+1\s+≤ 2 ms\s+1\s+≤ 4 ms\s+1\s+≤ 8 ms\s+0/);
  expect(textOf(section)).toMatch(/≤ 2\.0 s\s+2/);
});

it('has how often rows were sent, and says what there is not', () => {
  const never = aRowWith({ outcome: 'not_sent', attempts: 0, sentAt: undefined, latencyMs: undefined });
  const text = textOf(sectionOf([never, never]));
  expect(text).toMatch(/never sent\s+2/);
  expect(text).toContain('No reply has come yet.');
  expect(text).toContain('No row that stands in the results was sent by these runs.');
  expect(textOf(sectionOf([aRowWith({ attempts: 12 })]))).toMatch(/6 or more\s+1/);
  expect(tagsOf(sectionOf([never])).filter(({ name, isEnd }) => name === 'table' && !isEnd)).toHaveLength(1);
});
