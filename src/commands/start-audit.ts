import { sep } from 'node:path';
import type { Command } from '../cli/arguments.js';
import { toAuditLine, toSigningLines } from '../cli/audit-text.js';
import { shellOf, toShellText } from '../cli/shell-text.js';
import { toAuditReport } from '../checks/audit.js';
import type { AuditCheck } from '../checks/audit.js';
import type { Clock } from '../core/clock.js';
import { isColoured, openPaint } from '../core/colour.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Process } from '../core/process.js';
import { resolveValues } from '../settings/settings.js';
import { auditKeptShards } from '../shards/kept-shards.js';
import { auditJob } from '../wiring/audit-job.js';
import { locateResults } from '../wiring/job.js';

/** The `audit` command: are the files of a run what that run left? No network, and no file changes. */
export async function startAudit(
  { results, flags }: Extract<Command, { name: 'audit' }>,
  { env, stdout }: Process,
  clock: Clock,
): Promise<ExitCode> {
  const settings = await resolveValues('audit', { flags, env });
  const job = locateResults(results, settings);
  const paint = openPaint(isColoured(stdout, env, settings.color));
  const checks: AuditCheck[] = [];
  for await (const check of auditJob(job, settings, { clock, auditShards: auditKeptShards })) {
    checks.push(check);
    if (!settings.json) stdout.write(toAuditLine(check, paint));
  }
  const report = toAuditReport(results, checks);
  if (settings.json) stdout.write(`${JSON.stringify(report)}\n`);
  else if (report.exit_code === 0 && settings.signature === undefined) {
    const quoted = toShellText([job.files.digests], shellOf(sep, env));
    if (quoted !== undefined) stdout.write(toSigningLines(quoted));
  }
  return report.exit_code;
}
