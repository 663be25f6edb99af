import { describe, expect, it } from 'vitest';
import { compareLists, compareSummary } from '../../src/checks/audit-manifest.js';
import { Differences } from '../../src/checks/audit.js';
import type { Digest } from '../../src/manifest/digest-list.js';
import { tellRun } from '../../src/manifest/manifest.js';
import { toRunReport } from '../../src/report/run-report.js';
import { anEndedRun } from '../support/builders.js';
import { aManifest } from '../support/manifests.js';

const [A, B, C]: readonly Digest[] = ['a', 'b', 'c'].map((file) => ({ file, sha256: file.repeat(64) }));

describe('the list of digests', () => {
  const told = (list: readonly (Digest | undefined)[]): readonly string[] => {
    const differences = new Differences();
    const [found, expected] = [list, [A, B]].map((some) => some.filter((digest) => digest !== undefined));
    compareLists('SUMS', { list: found ?? [], expected: expected ?? [] }, differences);
    return differences.told;
  };

  it.each<[string, readonly (Digest | undefined)[], readonly string[]]>([
    ['is that of the run', [A, B], []],
    ['has lost a line', [B], ['SUMS does not list a']],
    ['has one twice', [A, B, B], ['SUMS lists b 2 times']],
    ['has one too many', [A, B, C], ['SUMS lists c, which the last run did not leave or read here']],
    ['is in another order', [B, A], ['SUMS lists its files in another order than a run']],
    ['is of another file', [A, { file: 'b', sha256: 'd'.repeat(64) }], ['SUMS lists another b than the manifest has']],
  ])('%s', (_, list, expected) => {
    expect(told(list)).toEqual(expected);
  });
});

describe('what a summary and its manifest both tell', () => {
  const report = toRunReport(anEndedRun());
  const { outcomes, retry } = report;
  const manifest = {
    ...aManifest(),
    ...tellRun(report),
    outcomes,
    retry,
    version: 1,
    number: 1,
    previous: null,
  } as const;
  const told = (changes: Partial<typeof manifest>): readonly string[] => {
    const differences = new Differences();
    compareSummary(report, { ...manifest, ...changes }, differences);
    return differences.told;
  };

  it('is the same', () => {
    expect(told({})).toEqual([]);
  });

  it('is named where it is not', () => {
    const { administrator } = manifest;
    expect(told({ administrator: 'mallory', exit_code: 6, ended_at: 'never' })).toEqual([
      `administrator: ${JSON.stringify(administrator)} in the summary, and "mallory" in the manifest`,
      `ended_at: ${JSON.stringify(report.ended_at)} in the summary, and "never" in the manifest`,
      `exit_code: ${report.exit_code} in the summary, and 6 in the manifest`,
    ]);
    expect(told({ outcomes: { registered: 99 } })[0]).toMatch(/^outcomes: /);
  });
});
