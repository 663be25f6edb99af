import { showName, showText } from '../core/safe-text.js';
import { entriesOf } from '../core/table.js';
import type { Digest } from '../manifest/digest-list.js';
import { tellRun } from '../manifest/manifest.js';
import type { Manifest } from '../manifest/manifest.js';
import type { RunReport } from '../report/run-report.js';
import type { Differences } from './audit.js';

const MOST_SHOWN = 100;

/** Has the list the files that the last run left, each once, in their order? @param name of the list */
export function compareLists(
  name: string,
  { list, expected }: Readonly<Record<'list' | 'expected', readonly Digest[]>>,
  differences: Differences,
): void {
  const before = differences.count;
  for (const { file, sha256 } of expected) {
    const found = list.filter((digest) => digest.file === file);
    if (found.length === 0) differences.add(`${name} does not list ${showName(file)}`);
    else if (found.length > 1) differences.add(`${name} lists ${showName(file)} ${found.length} times`);
    else if (found[0]?.sha256 !== sha256)
      differences.add(`${name} lists another ${showName(file)} than the manifest has`);
  }
  for (const { file } of list)
    if (!expected.some((digest) => digest.file === file))
      differences.add(`${name} lists ${showName(file)}, which the last run did not leave or read here`);
  if (differences.count === before && list.some(({ file }, at) => file !== expected[at]?.file))
    differences.add(`${name} lists its files in another order than a run`);
}

/** Some of what happened is told twice, and only one of the two is proved by the other. */
export function compareSummary(summary: RunReport, last: Manifest, differences: Differences): void {
  const { outcomes, retry } = summary;
  for (const [name, said] of entriesOf({ ...tellRun(summary), outcomes, retry })) {
    const [found, expected] = [textOf(said), textOf(last[name])];
    if (found === expected) continue;
    const [is, should] = [showText(found, MOST_SHOWN), showText(expected, MOST_SHOWN)];
    differences.add(`${name}: ${is} in the summary, and ${should} in the manifest`);
  }
}

function textOf(said: unknown): string {
  return said === undefined ? 'nothing' : JSON.stringify(said);
}
