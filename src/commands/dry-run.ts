import { isColoured, openPaint } from '../core/colour.js';
import { toDryRunLines } from '../cli/dry-run-text.js';
import type { Settings } from '../settings/settings.js';
import { toValidationLines } from '../cli/validate-text.js';
import type { ExitCode } from '../core/exit-code.js';
import { isError } from '../checks/finding.js';
import { showLogin, showRegistration } from '../checks/shown-request.js';
import type { ShownRequest } from '../checks/shown-request.js';
import type { Validated } from '../checks/validate.js';
import { byTokenType } from '../row/token-type.js';
import { checkFresh, locateJob, refuseShards } from '../wiring/job.js';
import { refuseStandardInput, validateJob } from '../wiring/validate-job.js';
import type { ValidateWorld } from '../wiring/validate-job.js';

const SHOWN = 2;

/** `run --dry-run`: a validation, and what would be sent. No network, and nothing written. */
export async function dryRun(
  input: string,
  world: Omit<ValidateWorld, 'settings'> & { readonly settings: Settings },
): Promise<ExitCode> {
  refuseStandardInput(input, 'a dry run');
  const { settings, process } = world;
  const { stdout } = process;
  const { server, timestampUnit } = settings;
  const { admin, tokens, login } = settings.session;
  const target = { server, admin, timestampUnit };
  const job = locateJob(input, settings);
  checkFresh(job, settings);
  if (job.part === undefined) refuseShards(job);
  const requests: ShownRequest[] = [];
  const left = byTokenType(() => SHOWN);
  const report = await validateJob(job, world, ({ row, findings, signature }: Validated) => {
    if (row?.plan.kind !== 'register' || findings.some(isError)) return;
    const { registration } = row.plan;
    if (left[registration.tokenType] === 0) return;
    left[registration.tokenType] -= 1;
    requests.push(showRegistration({ line: row.inputLine ?? row.line, registration, signature }, target));
  });
  if (requests.length > 0 && tokens === undefined && login !== undefined) {
    requests.unshift(showLogin(target, login.authBase));
  }
  if (settings.json) for (const shown of [...requests, report]) stdout.write(`${JSON.stringify(shown)}\n`);
  else {
    const paint = openPaint(isColoured(stdout, process.env, settings.color));
    stdout.write(toValidationLines(report, paint) + toDryRunLines(report, requests, target));
  }
  return report.exit_code;
}
