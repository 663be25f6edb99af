import { describe, expect, it } from 'vitest';
import { CUT_OFF } from '../../src/core/stop.js';
import { runsSection } from '../../src/page/runs-section.js';
import { AN_ORIGIN, NOON } from '../support/builders.js';
import { expectWellFormed, tagsOf, textOf } from '../support/markup.js';
import { aStory } from '../support/story.js';

describe('the runs', () => {
  const runs = [
    {
      selection: { limit: 20 },
      startedAt: NOON - 90_000,
      endedAt: NOON - 60_000,
      settings: { concurrency: 4 },
      exitCode: 3 as const,
    },
    {
      settings: { concurrency: 8 },
      madeBy: { ...AN_ORIGIN, system_user: 'mia', host: 'desk-7', command: 'centagate-provision run users.csv' },
    },
  ];

  it('stand with when, for which rows, how they ended, and who typed what, the last one first', () => {
    const section = runsSection(aStory({ runs }));
    expectWellFormed(section.text);
    const text = textOf(section.text);
    expect(text).toMatch(/2\s+2026-01-31 11:59:59 UTC\s+2\.0 s\s+all rows\s+1\s+1\s+0\s+exit code 0: every row done/);
    expect(text).toMatch(/1\s+2026-01-31 11:58:30 UTC\s+30 s\s+--limit 20/);
    expect(text).toMatch(/2\s+mia on desk-7\s+centagate-provision run users.csv\s+concurrency 8/);
    expect(text.indexOf('all rows')).toBeLessThan(text.indexOf('--limit 20'));
  });

  it('are drawn on a time line, the last twenty', () => {
    const many = Array.from({ length: 30 }, (_, n) => ({
      startedAt: NOON + n * 10_000,
      endedAt: NOON + n * 10_000 + 1000,
    }));
    const text = textOf(runsSection(aStory({ runs: many })).text);
    expect(text).toContain('run 11');
    expect(text).not.toContain('run 10 ');
    expect(text).toContain('run 30');
  });

  it('say why one was stopped', () => {
    const story = aStory({ runs });
    const stopped = { ...story.summary!, stopped_by: 'the licence is used up' };
    expect(textOf(runsSection({ ...story, summary: stopped }).text)).toContain('Stopped: the licence is used up');
  });

  it('that were cut off were interrupted by nobody, and have no exit code', () => {
    const story = aStory({ runs });
    for (const stopped_by of [CUT_OFF, 'an earlier run was cut off']) {
      const text = textOf(runsSection({ ...story, summary: { ...story.summary!, exit_code: 130, stopped_by } }).text);
      expect(text).toContain(
        'cut off: killed, or its machine went down; completed by the next run. Its end is the last that its journal knew',
      );
      expect(text).not.toMatch(/exit code 130|SIGINT|Stopped/);
    }
  });

  it('of older versions have no more than they said', () => {
    const story = aStory({ runs });
    const [old] = story.summary!.runs.map(
      ({ input, started_at, ended_at, exit_code, stopped_by, rows, sends, outcomes }) => ({
        ...{ input, started_at, ended_at, exit_code, stopped_by, rows, sends, outcomes },
      }),
    );
    const text = textOf(runsSection({ ...story, summary: { ...story.summary!, runs: [old!] } }).text);
    expect(text).toContain('not known: an older version');
  });

  it('are not known without the summary, and the page says so', () => {
    const section = runsSection({ ...aStory(), summary: undefined });
    expect(textOf(section.text)).toContain('what each run did is not known here');
    expect(tagsOf(section.text).some(({ name }) => name === 'table')).toBe(false);
  });
});
