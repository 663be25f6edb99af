import { Differences } from './audit.js';
import type { Audited } from './audit.js';
import { digestOfLine, MOST_MANIFESTS, parseChain, parseManifest } from '../manifest/manifest-chain.js';
import type { Manifest } from '../manifest/manifest.js';

export interface AuditedChain {
  readonly audited: Audited;
  /** Those that can be read, the oldest first. */
  readonly manifests: readonly Manifest[];
}

/** @param text of the manifest file; undefined where there is none */
export function auditChain(file: string, text: string | undefined): AuditedChain {
  const problem = (says: string): AuditedChain => ({ audited: { verdict: 'bad', says }, manifests: [] });
  if (text === undefined) return problem(`${file} is not there`);
  const lines = parseChain(text);
  if (lines === undefined) return problem(`${file} is no list of manifests: a line was taken away or broken`);
  const differences = new Differences();
  const manifests: Manifest[] = [];
  const first = parseManifest(lines[0] ?? '')?.number ?? 1;
  for (const [at, line] of lines.entries()) {
    const place = `${file}:${at + 2}`;
    const manifest = parseManifest(line);
    if (manifest === undefined) {
      differences.add(`${place} is no manifest`);
      continue;
    }
    manifests.push(manifest);
    if (manifest.number !== first + at)
      differences.add(`${place} is manifest ${manifest.number}, where ${first + at} should be`);
    const before = lines[at - 1];
    if (before !== undefined && manifest.previous !== digestOfLine(before))
      differences.add(
        `${place}: the manifest before it (${place.replace(/\d+$/, String(at + 1))}) is not the one that it names`,
      );
  }
  if (first !== 1 && lines.length < MOST_MANIFESTS)
    differences.add(`${file} begins with manifest ${first}: those before it are gone`);
  if (first === 1 && manifests[0]?.previous !== null)
    differences.add(`${file}:2 is the first, and names one before it`);
  const [oldest, newest] = [manifests[0], manifests.at(-1)];
  const count = lines.length === 1 ? '1 manifest' : `${lines.length} manifests`;
  return { audited: differences.judge(`${count}, ${oldest?.started_at} to ${newest?.ended_at}`), manifests };
}
