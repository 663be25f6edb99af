import { showUndo } from '../checks/shown-request.js';
import { toRequestLines } from '../cli/dry-run-text.js';
import { toSurveyLines } from '../cli/undo-text.js';
import type { Clock } from '../core/clock.js';
import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Process } from '../core/process.js';
import { readInputBytes } from '../input/input-bytes.js';
import { surveyUndo } from '../plan/undo-survey.js';
import { byTokenType } from '../row/token-type.js';
import { undoStatusOf, undoTypeOf } from '../row/undo.js';
import type { Settings } from '../settings/settings.js';
import type { UndoSends } from '../undo/open-undo-edges.js';
import { checkFailedLeft, checkResultsLeft } from '../undo/as-left.js';
import { checkSignatures } from '../undo/sent-signatures.js';
import { checkOtpType, openResults, undoPlanner } from '../undo/undo-job.js';
import { checkServer } from '../wiring/stem-state.js';
import { refuseShards, refuseUnderWay } from '../wiring/job.js';
import type { Job } from '../wiring/job.js';
import type { ShownRequest } from '../checks/shown-request.js';

const SHOWN = 2;

export interface DryUndo {
  readonly settings: Settings;
  readonly sends: UndoSends;
  readonly process: Process;
  readonly clock: Clock;
}

/** `undo --dry-run`: what would be undone, and what would be sent. No network, and nothing written. */
export async function dryUndo(job: Job, { settings, sends, process, clock }: DryUndo): Promise<ExitCode> {
  refuseShards(job);
  refuseUnderWay(job.files);
  const { way, otpType } = sends;
  const { server, session, where, limit, json } = settings;
  const stem = await openResults(job, settings);
  checkResultsLeft(job.files, (await readInputBytes(job.input)).sha256);
  await checkFailedLeft(job.files);
  checkServer(job, stem, server);
  const plan = await undoPlanner(job, stem, { way, where, limit });
  const survey = await surveyUndo(plan(), () => clock.random());
  checkOtpType(survey, sends);
  await checkSignatures({ manifest: job.files.manifest, folder: stem.signaturesDir }, plan);
  const requests: ShownRequest[] = [];
  const left = byTokenType(() => SHOWN);
  for await (const { line, plan: planned } of plan().rows) {
    if (planned.kind !== 'register') continue;
    const { tokenType, username } = planned.registration;
    const type = undoTypeOf(tokenType, otpType);
    if (type === undefined || left[tokenType] === 0) continue;
    left[tokenType] -= 1;
    const undo = { type, status: undoStatusOf(planned.registration, way) };
    requests.push(showUndo({ line, username, undo }, { server, admin: session.admin }));
  }
  const { stdout } = process;
  if (json)
    for (const shown of [...requests, { type: 'survey', how: way, ...survey }])
      stdout.write(`${JSON.stringify(shown)}\n`);
  else {
    const lines = [...requests.map(toRequestLines), 'This was a dry run: nothing was sent.'];
    stdout.write(`${toSurveyLines(survey, { way, server, admin: session.admin })}${lines.join('\n')}\n`);
  }
  return EXIT_CODES.done.code;
}
