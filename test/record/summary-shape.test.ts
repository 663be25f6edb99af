import { describe, expect, it } from 'vitest';
import { toReportPage } from '../../src/page/report-page.js';
import { toReportText } from '../../src/page/report-text.js';
import { isSummary } from '../../src/record/summary-shape.js';
import { repeatReport, toRunReport } from '../../src/report/run-report.js';
import { expectedUnchanged } from '../../src/report/unchanged.js';
import { AN_ORIGIN, anEndedRun, NOON } from '../support/builders.js';
import { junked } from '../support/junk.js';
import { aStory } from '../support/story.js';

const CELLS = { username: 'ann', token_type: 'otp', signature_path: '', status: '', algorithm: '' };
const AS_LEFT = { program: '1', input: 'a', results: 'b', failed: 'c', keys: 'd' };
const EARLIER = toRunReport(anEndedRun({ settings: { server: 'https://other.example', limit: 2 } }));
const REPORT = toRunReport(
  anEndedRun({
    earlier: EARLIER,
    corrections: [{ line: 2, from: CELLS, to: { ...CELLS, username: 'än' }, isMended: true }],
    unchanged: AS_LEFT,
    selection: { only: 'yes', where: ['a=b'], limit: 1, visible_only: true },
    warnings: { formula: 1 },
    sheet: 'users',
  }),
);

/** As it comes out of a file. */
function parsed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('a summary', () => {
  it('is what a run wrote, and what older versions did', () => {
    expect(isSummary(parsed(REPORT))).toBe(true);
    const { history, people, pace, made_by, selection, changed_settings, as_left, ...older } = REPORT;
    expect([history, people, pace, made_by, selection, changed_settings, as_left]).not.toContain(undefined);
    expect(isSummary(parsed(older))).toBe(true);
  });

  it('that is taken with junk anywhere is good for all that reads it, and the next one is good again', () => {
    const story = aStory();
    const columns = {};
    const rerun = { input: '', isFirstInput: true, columns, signaturesDir: '', settings: {}, selectsAll: true };
    let taken = 0;
    for (const { what, value } of junked(parsed(REPORT))) {
      const found = parsed(value);
      if (!isSummary(found)) continue;
      taken += 1;
      const told = { ...story, summary: found };
      expect(() => [toReportText(told), expectedUnchanged(found, { ...rerun, encoding: 'utf-8' })], what).not.toThrow();
      const next = toRunReport(anEndedRun({ earlier: found }));
      const repeated = repeatReport(found, { id: 'next', madeBy: AN_ORIGIN, now: NOON });
      expect(
        [next, repeated].map((report) => isSummary(parsed(report))),
        what,
      ).toEqual([true, true]);
      if (taken % 50 === 0) expect(() => toReportPage(told), what).not.toThrow();
    }
    expect(taken).toBeGreaterThan(100);
  });
});
