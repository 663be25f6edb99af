import { describe, expect, it } from 'vitest';
import { toReportText } from '../../src/page/report-text.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import { aStanding, aRowWith, aStory } from '../support/story.js';

const command = `centagate-provision run users.failed.csv ${'--where department=Finance '.repeat(5)}`.trim();
const rows = [
  aStanding(),
  aRowWith({ outcome: 'refused', returnCode: '22002', detail: 'x'.repeat(60) }, { username: 'bob' }),
  aRowWith({ outcome: 'invalid', returnCode: '', detail: 'token_type "sms" is not known' }, { username: '' }),
];
const text = toReportText(aStory({ rows, runs: [{ nextCommand: command }] }));

describe('the report for a mail', () => {
  it('begins with what is left and what to type', () => {
    expect(text).toMatch(/^2 rows of 3 are left, of 1 person\.\n\n/);
    expect(text).toContain(`2. Type this, where it was typed before.\n\n   ${command}\n`);
    expect(text).toContain(
      '* 1 row: User not found (22002). Correct the username, or create the user,\n  then rerun. (',
    );
  });

  it('says where in the failed file a row is to be corrected', () => {
    const wrong = { outcome: 'invalid', returnCode: '', detail: 'no' } as const;
    const told = [{ username: 'bob' }, { username: '' }].map((row) =>
      toReportText(aStory({ rows: [aRowWith(wrong, { ...row, line: 14, failedLine: 8 })] })).replaceAll('\n  ', ' '),
    );
    expect(told).toEqual([
      expect.stringContaining('; bob: line 8 of users.failed.csv)'),
      expect.stringContaining('; line 8 of users.failed.csv)'),
    ]);
  });

  it('has no line that a mail would break, but for what is to be copied', () => {
    for (const line of text.split('\n')) if (!line.includes(command)) expect(line.length).toBeLessThanOrEqual(76);
  });

  it('says what the last run was allowed, and what is not promised then', () => {
    const story = aStory({ rows });
    const allowing = story.summary && {
      ...story.summary,
      settings: { ...story.summary.settings, allowed: 'shared-folder' },
    };
    expect(toReportText({ ...story, summary: allowing })).toContain('allowed: shared-folder: whoever may write there');
    expect(text).not.toContain('allowed:');
  });

  it('has groups, codes and runs, and no more of them than a mail should', () => {
    const many = Array.from({ length: 100 }, (_, n) =>
      aRowWith({ outcome: 'refused', returnCode: String(n) }, { username: `user ${n}`, group: `group ${n}` }),
    );
    const long = toReportText(aStory({ rows: many, runs: Array.from({ length: 50 }, () => ({})) }));
    expect(long).toContain('and 70 others');
    expect(long).toContain('50. 2026-01-31 11:59:59 UTC');
    expect(long.split('\n').length).toBeLessThan(200);
  });

  it('drives no terminal, and is there for every outcome', () => {
    const wild = OUTCOME_NAMES.map((outcome) =>
      aRowWith({ outcome, returnCode: '', detail: '\u001b[2J' }, { username: 'a\u202eb\u0007', group: '\u0007' }),
    );
    const shown = toReportText({ ...aStory({ rows: wild }), column: '\u001b' });
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});
