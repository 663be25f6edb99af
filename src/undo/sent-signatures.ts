import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { sentBy, toSentRuns } from '../checks/sent-runs.js';
import type { SentRun } from '../checks/sent-runs.js';
import { showName } from '../core/safe-text.js';
import { UsageError } from '../core/usage-error.js';
import { usedCell } from '../input/header.js';
import { parseManifest } from '../manifest/manifest-chain.js';
import { readChain } from '../manifest/manifest-file.js';
import { isSentNoMore, signatureIn } from '../manifest/signature-digest.js';
import type { SignedSend } from '../manifest/signature-digest.js';
import type { PlannedRows } from '../plan/plan-context.js';
import { openSentReader } from '../wiring/audit-signatures.js';

/**
 * Whose certificate is taken back, its signature file says as it is now: that must be the one that was sent. Of each run whose rows
 * are meant, the files are held to the digests in its manifest. Where that can't be done any more, since rows of it were sent again
 * or files of other rows are gone, a file counts as the one that was sent while it has not been changed since.
 * @throws {UsageError, InputError} before anybody is asked
 */
export async function checkSignatures(
  { manifest, folder }: { readonly manifest: string; readonly folder: string },
  plan: () => PlannedRows,
): Promise<void> {
  const runs = toSentRuns(readChain(manifest).flatMap((line) => parseManifest(line) ?? []));
  const asked = new Map<SentRun | undefined, AskedRun>();
  for await (const { run, isMeant } of signedRows(plan(), runs))
    if (isMeant && !asked.has(run)) asked.set(run, new AskedRun(run, folder));
  if (asked.size === 0) return;
  const read = openSentReader(folder);
  for await (const signed of signedRows(plan(), runs)) asked.get(signed.run)?.add(signed, read(signed.path));
  const problems = [...asked.values()].flatMap((run) => run.problem() ?? []);
  if (problems.length > 0) throw new UsageError(problems);
}

interface SentSignature extends SignedSend {
  /** It is to be undone. */
  readonly isMeant: boolean;
  /** Undefined: of one before the first manifest. */
  readonly run: SentRun | undefined;
}

async function* signedRows({ header, rows }: PlannedRows, runs: readonly SentRun[]): AsyncGenerator<SentSignature> {
  for await (const { cells, plan, undo } of rows) {
    const past = undo?.standing ?? (plan.kind === 'carry' ? plan.settlement : undefined);
    const signed = past?.sentAt === undefined ? undefined : signatureIn(header, cells);
    if (past?.sentAt === undefined || signed === undefined) continue;
    const sent = { path: signed.path, sentAt: past.sentAt, isDone: isSentNoMore(past) };
    const run = sentBy(runs, sent, usedCell(header, cells, 'username'));
    yield { ...sent, run, isMeant: plan.kind === 'register' };
  }
}

/** The signatures that one run sent last, some of them of rows that are meant, as their files are now. */
class AskedRun {
  readonly #run: SentRun | undefined;
  readonly #folder: string;
  /** Of rows that are meant: those that were changed since. */
  readonly #changed = { count: 0, first: '' };
  #areOthersChanged = false;

  constructor(run: SentRun | undefined, folder: string) {
    this.#run = run;
    this.#folder = folder;
  }

  add(sent: SentSignature, bytes: Buffer | undefined): void {
    const { path, sentAt, isMeant } = sent;
    this.#run?.add(sent, bytes && hash('sha256', bytes, 'hex'));
    if (bytes !== undefined && !this.#isChangedSince(path, sentAt)) return;
    // Without its file, nothing is sent for a row.
    if (!isMeant || bytes === undefined) this.#areOthersChanged = true;
    else if ((this.#changed.count += 1) === 1) this.#changed.first = path;
  }

  /** By its content or its place: whoever puts a copy there can't set that time. */
  #isChangedSince(path: string, sentAt: number): boolean {
    const file = statSync(join(this.#folder, path.replaceAll('\\', '/')), { throwIfNoEntry: false });
    return file === undefined || Math.max(file.ctimeMs, file.mtimeMs) > sentAt;
  }

  problem(): string | undefined {
    const verdict = this.#run?.judge().verdict ?? 'untold';
    if (verdict === 'same') return undefined;
    const { count, first } = this.#changed;
    if (count > 0) {
      const more = count === 1 ? '' : ` (and ${count - 1} more)`;
      return `signature file ${showName(first)}${more} was changed after it was sent: ${REMEDY}`;
    }
    // What was not changed is the same still, unless the whole folder is another one.
    if (verdict === 'untold' || this.#areOthersChanged) return undefined;
    return `some signature in ${showName(this.#folder)} is not the one that was sent: ${REMEDY}`;
  }
}

const REMEDY =
  "it may be of another certificate, and only what this job registered is taken back. Put back the files that were sent, or name their folder (--signatures-dir); or leave such rows out with --where, and look at their users in the server's console";
