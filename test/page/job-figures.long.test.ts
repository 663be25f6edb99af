import { expect, test } from 'vitest';
import { JobCounter } from '../../src/page/job-figures.js';
import { toReportPage } from '../../src/page/report-page.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import { arrayBytes, heapBytes } from '../support/memory.js';
import { aRowWith, aStory } from '../support/story.js';

test('500,000 rows cost some 10 bytes a person twice, and a page under 300 KB', async () => {
  const count = 500_000;
  const [heap, arrays] = [await heapBytes(), await arrayBytes()];
  const counter = new JobCounter([], () => 'none', Math.random);
  for (let n = 0; n < count; n += 1) {
    const outcome = OUTCOME_NAMES[n % OUTCOME_NAMES.length] ?? 'registered';
    counter.add(
      aRowWith({ outcome, returnCode: '', detail: `why ${n}` }, { username: `user ${n}`, group: `group ${n % 5000}` }),
    );
  }
  expect((await heapBytes()) - heap).toBeLessThan(8_000_000);
  // Of all, and of their groups; each group has room for a few people more.
  expect(((await arrayBytes()) - arrays) / count).toBeLessThan(50);
  const story = { ...aStory(), figures: counter.result() };
  expect(story.figures).toMatchObject({ rows: count, people: { all: count } });
  expect(Buffer.byteLength(toReportPage(story))).toBeLessThan(300_000);
});
