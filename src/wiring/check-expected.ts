import { hash } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import { showName } from '../core/safe-text.js';
import { MAX_PEM_BYTES, readCertificateFile, readSmallFile } from '../core/small-file.js';
import { UsageError } from '../core/usage-error.js';
import type { RowFile } from '../input/file-row.js';
import { readInputBytes } from '../input/input-bytes.js';
import { compareTotals, parseControlText, sumUp } from '../manifest/control-totals.js';
import type { ControlTotals } from '../manifest/control-totals.js';
import type { Approval } from '../manifest/manifest.js';
import type { Settings } from '../settings/settings.js';
import type { Job } from './job.js';
import { openStem } from './stem-state.js';
import { readSignedContent } from '../signature/detached-signature.js';

type Expectations = Pick<Settings, 'expectSha256' | 'expectRows' | 'approval' | 'approvers'>;

/** Has somebody else looked at this input? @returns the approval, if any @throws {UsageError} with all that differs */
export async function checkExpected(
  input: RowFile,
  sha256: string,
  { settings, clock }: { readonly settings: Expectations; readonly clock: Clock },
): Promise<Approval | null> {
  const { expectSha256, expectRows, approval, approvers } = settings;
  if (expectSha256 === undefined && expectRows === undefined && approval === undefined) return null;
  const found = await sumUp(input, sha256, () => clock.random());
  const problems = compareTotals(found, {
    ...(expectSha256 !== undefined && { sha256: expectSha256.toLowerCase() }),
    ...(expectRows !== undefined && { rows: String(expectRows) }),
  }).map((text) => `${showName(input.name)}: ${text}`);
  const approved = approval === undefined ? undefined : readApproval(approval, approvers ?? '', clock.now());
  if (approved !== undefined) {
    const differing = compareTotals(found, approved.totals);
    problems.push(...differing.map((text) => `${showName(input.name)}: ${text}, as ${showName(approval ?? '')} says`));
  }
  if (problems.length > 0) throw new UsageError(problems);
  return approved?.approval ?? null;
}

/** What `validate --control-totals` prints. @throws {InputError} where the input breaks */
export async function controlTotalsOf(
  job: Job,
  settings: Parameters<typeof openStem>[1],
  clock: Clock,
): Promise<ControlTotals> {
  const { input } = await openStem(job, settings);
  const { sha256 } = await readInputBytes(job.input);
  return sumUp(input, sha256, () => clock.random());
}

function readApproval(
  path: string,
  approvers: string,
  nowMs: number,
): { readonly totals: NonNullable<ReturnType<typeof parseControlText>>; readonly approval: Approval } {
  const file = readFile(path);
  const signed = readSignedContent(file, { nowMs, trust: readCertificateFile(approvers, '--approvers') });
  if ('flaw' in signed)
    throw new UsageError([`--approval: ${showName(path)} ${signed.flaw.replace('--trust', '--approvers')}`]);
  const totals = parseControlText(signed.content.toString('utf8'));
  if (totals === undefined) {
    const remedy = 'have what validate --control-totals prints signed as it is';
    throw new UsageError([`--approval: ${showName(path)} is signed, and does not hold control totals: ${remedy}`]);
  }
  return { totals, approval: { sha256: hash('sha256', file, 'hex'), signed_by: signed.subject } };
}

function readFile(path: string): Buffer {
  const file = readSmallFile(path, MAX_PEM_BYTES);
  if ('problem' in file) throw new UsageError([`--approval: ${showName(path)} ${file.problem}`]);
  return file.bytes;
}
