import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { showName } from '../core/safe-text.js';
import { UsageError } from '../core/usage-error.js';
import type { Manifest } from '../manifest/manifest.js';
import { parseManifest } from '../manifest/manifest-chain.js';
import { readChain } from '../manifest/manifest-file.js';
import { SignatureDigest, signatureIn } from '../manifest/signature-digest.js';
import type { PlannedRows } from '../plan/plan-context.js';
import { openSentReader } from '../wiring/audit-signatures.js';

/**
 * Whose certificate is taken back, its signature file says as it is now: that must be the one that was sent. Of each run whose rows
 * are meant, the files are held to the digest in its manifest. Where that can't be done any more, since rows of it were sent again
 * or files of other rows are gone, a file counts as the one that was sent while it has not been changed since.
 * @throws {UsageError, InputError} before anybody is asked
 */
export async function checkSignatures(
  { manifest, folder }: { readonly manifest: string; readonly folder: string },
  plan: () => PlannedRows,
): Promise<void> {
  const runs = toSentRuns(manifest, folder);
  const asked = new Set<SentRun>();
  for await (const { run, isMeant } of signedRows(plan(), runs)) if (isMeant) asked.add(run);
  if (asked.size === 0) return;
  for await (const signed of signedRows(plan(), runs)) if (asked.has(signed.run)) signed.run.add(signed);
  const problems = [...asked].flatMap((run) => run.problem() ?? []);
  if (problems.length > 0) throw new UsageError(problems);
}

interface SentSignature {
  readonly path: string;
  /** Epoch ms. */
  readonly sentAt: number;
  /** It is to be undone. */
  readonly isMeant: boolean;
}

async function* signedRows(
  { header, rows }: PlannedRows,
  runs: readonly SentRun[],
): AsyncGenerator<SentSignature & { readonly run: SentRun }> {
  for await (const { cells, plan, undo } of rows) {
    const sentAt = (undo?.standing ?? (plan.kind === 'carry' ? plan.settlement : undefined))?.sentAt;
    const signed = sentAt === undefined ? undefined : signatureIn(header, cells);
    const run = runs.findLast(({ startedAt }) => startedAt <= (sentAt ?? 0));
    if (sentAt === undefined || signed === undefined || run === undefined) continue;
    yield { run, path: signed.path, sentAt, isMeant: plan.kind === 'register' };
  }
}

/** The runs of the chain, the oldest first, and before them one for what none of them has sent. */
function toSentRuns(path: string, folder: string): readonly SentRun[] {
  const manifests = readChain(path).flatMap((line) => parseManifest(line) ?? []);
  const read = openSentReader(folder);
  return [undefined, ...manifests].map((run, at) => {
    const isLast = manifests
      .slice(at)
      .every(({ undo, results }) => undo !== undefined || results.sha256 === run?.results.sha256);
    return new SentRun(run, { folder, read, isLast });
  });
}

interface SentFiles {
  readonly folder: string;
  readonly read: (path: string) => Buffer | undefined;
  /** No run after it has written the results, so they have its rows in its order. */
  readonly isLast: boolean;
}

/** The signatures that one run sent last, as their files are now. */
class SentRun {
  /** Epoch ms. */
  readonly startedAt: number;
  readonly #said: Manifest['signatures'];
  readonly #files: SentFiles;
  readonly #digest = new SignatureDigest();
  /** Of rows that are meant: those that were changed since. */
  readonly #changed = { count: 0, first: '' };
  #areOthersChanged = false;

  constructor(run: Manifest | undefined, files: SentFiles) {
    this.startedAt = run === undefined ? -Infinity : Date.parse(run.started_at);
    this.#said = run?.signatures ?? null;
    this.#files = files;
  }

  add({ path, sentAt, isMeant }: SentSignature): void {
    const bytes = this.#files.read(path);
    this.#digest.add({ path, sentAt, isDone: true }, bytes && hash('sha256', bytes, 'hex'));
    if (bytes !== undefined && !this.#isChangedSince(path, sentAt)) return;
    // Without its file, nothing is sent for a row.
    if (!isMeant || bytes === undefined) this.#areOthersChanged = true;
    else if ((this.#changed.count += 1) === 1) this.#changed.first = path;
  }

  /** By its content or its place: whoever puts a copy there can't set that time. */
  #isChangedSince(path: string, sentAt: number): boolean {
    const file = statSync(join(this.#files.folder, path.replaceAll('\\', '/')), { throwIfNoEntry: false });
    return file === undefined || Math.max(file.ctimeMs, file.mtimeMs) > sentAt;
  }

  problem(): string | undefined {
    const [said, found] = [this.#said, this.#digest.result()];
    const isWhole = found !== null && found.count === said?.count;
    if (isWhole && found.sha256 === said.sha256) return undefined;
    const { count, first } = this.#changed;
    if (count > 0) {
      const more = count === 1 ? '' : ` (and ${count - 1} more)`;
      return `signature file ${showName(first)}${more} was changed after it was sent: ${REMEDY}`;
    }
    // What was not changed is the same still, unless the whole folder is another one.
    if (!isWhole || !this.#files.isLast || this.#areOthersChanged) return undefined;
    return `some signature in ${showName(this.#files.folder)} is not the one that was sent: ${REMEDY}`;
  }
}

const REMEDY =
  "it may be of another certificate, and only what this job registered is taken back. Put back the files that were sent, or name their folder (--signatures-dir); or leave such rows out with --where, and look at their users in the server's console";
