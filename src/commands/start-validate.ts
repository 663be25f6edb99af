import { existsSync } from 'node:fs';
import type { Command } from '../cli/arguments.js';
import { resolveValues } from '../cli/settings.js';
import { toColumnsLine, toFindingJson, toFindingLine, toValidationLines } from '../cli/validate-text.js';
import type { Clock } from '../core/clock.js';
import type { ExitCode } from '../core/exit-code.js';
import { columnHints, usedNames } from '../core/header.js';
import { STANDARD_INPUT } from '../core/stem.js';
import { UsageError } from '../core/usage-error.js';
import { planRows } from '../plan/plan-rows.js';
import { selectRows } from '../plan/select-rows.js';
import type { Process } from '../process.js';
import { validate } from '../validate.js';
import { locateJob } from './job.js';
import { openSignatureReader } from './signature-reader.js';
import { openSignatureRules } from './signature-rules.js';
import { checkSelection, readStemState, toPlanRules } from './stem-state.js';

/** The `validate` command: what would a run say of these rows? Nothing is sent, and no file changes. */
export async function startValidate(
  { input, flags }: Extract<Command, { name: 'validate' }>,
  { env, stdout, stderr }: Process,
  clock: Clock,
): Promise<ExitCode> {
  if (input === STANDARD_INPUT) throw new UsageError(['validate reads its input more than once: give it as a file']);
  const settings = await resolveValues('validate', { flags, env });
  for (const warning of settings.warnings) stderr.write(`${warning}\n`);
  const job = locateJob(input, settings);
  if (existsSync(job.files.journal))
    stderr.write(`${job.files.journal}: what a run does, or did before it was killed, is not looked at\n`);
  const state = await readStemState(job, settings);
  checkSelection(settings, state);
  // Who reads may leave early, as `head` does; the exit code is right all the same.
  stdout.on('error', throwUnlessLeft);
  const { header } = state.input;
  const columns = usedNames(header);
  if (!settings.json) stdout.write(toColumnsLine(input, columns));
  const toLine = settings.json ? toFindingJson : toFindingLine;
  const counter = await validate({
    hints: columnHints(header),
    plan: (warn) => {
      const rules = toPlanRules(state, settings.defaultStatus);
      return selectRows(planRows({ ...state, rules, warn }), settings);
    },
    readSignature: openSignatureReader(state.signaturesDir, openSignatureRules(settings, 'full'), clock),
    show: ({ findings }) => {
      for (const finding of findings) stdout.write(toLine(input, finding));
    },
  });
  const report = counter.result({ input, columns });
  stdout.write(settings.json ? `${JSON.stringify(report)}\n` : toValidationLines(report));
  return report.exit_code;
}

function throwUnlessLeft(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
