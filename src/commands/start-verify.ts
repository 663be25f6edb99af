import { ALLOWANCE_NAMES } from '../core/allowance.js';
import { randomUUID } from 'node:crypto';
import { describeSelf } from '../record/process-identity.js';
import { openAdministratorLock, takeBeforehand } from '../wiring/open-administrator.js';
import type { Command } from '../cli/arguments.js';
import { resolveSettings } from '../settings/settings.js';
import type { Settings } from '../settings/settings.js';
import { isColoured, openPaint } from '../core/colour.js';
import { ProgressLine, toProgressText } from '../cli/progress-line.js';
import { toVerifyLines } from '../cli/verify-text.js';
import type { Clock } from '../core/clock.js';
import type { ExitCode } from '../core/exit-code.js';
import { eachRow } from '../input/file-row.js';
import { lineOf, settlementOf } from '../plan/earlier-row.js';
import type { RowFile } from '../input/file-row.js';
import { parseKey, parseRegistration } from '../row/registration.js';
import type { SignedRegistration } from '../row/registration.js';
import { undoneBy } from '../row/undo.js';
import type { SignatureReading } from '../signature/signature.js';
import { UsageError } from '../core/usage-error.js';
import { listenForSignals, stopBy } from '../wiring/signals.js';
import { markOf } from '../server/token-listing.js';
import { signerFingerprint } from '../signature/signer-fingerprint.js';
import type { Process } from '../core/process.js';
import { verify } from '../checks/verify.js';
import type { RegisteredRow } from '../checks/verification.js';
import type { VerifyEdges } from '../checks/verify.js';
import { locateResults, refuseUnderWay, refuseUnmerged } from '../wiring/job.js';
import { withinFileLimit } from '../wiring/file-limit.js';
import { openServer } from '../wiring/open-server.js';
import { openGate } from '../wiring/open-gate.js';
import type { GateContext } from '../wiring/open-gate.js';
import { openSignatureReader } from '../signature/signature-reader.js';
import { readStemState } from '../wiring/stem-state.js';
import type { StemState } from '../wiring/stem-state.js';
import { showName, showText } from '../core/safe-text.js';
import { MessageFold } from '../report/message-fold.js';
import type { Tell } from '../report/reporter.js';

const MAX_CHARACTERS = 2000;

/** The `verify` command: is what the results call registered on the server? Nothing is registered, and no file changes. */
export async function startVerify(
  { results, flags }: Extract<Command, { name: 'verify' }>,
  { env, stdout, stderr }: Process,
  clock: Clock,
): Promise<ExitCode> {
  const { settings } = withinFileLimit(await resolveSettings({ flags, env }), 0);
  const paint = openPaint(isColoured(stdout, env, settings.color));
  const line = stderr.isTTY ? new ProgressLine(stderr, clock) : undefined;
  const messages = new MessageFold((text) => {
    line?.clear();
    stderr.write(`${showText(text, MAX_CHARACTERS)}\n`);
  });
  const warn = (text: string): void => messages.say(text);
  const tell: Tell = (_, text) => messages.say(text);
  settings.warnings.forEach(warn);
  const job = locateResults(results, settings);
  refuseUnmerged(job.files);
  refuseUnderWay(job.files);
  const state = await readStemState(job, settings);
  checkResults(results, state, settings.server);
  const administratorLock = openAdministratorLock(settings, { self: describeSelf(randomUUID(), clock), clock, warn });
  const server = openServer({ settings, clock, env, warn: tell, knownKeys: state.knownKeys });
  const readSignature = openSignatureReader(state.signaturesDir, { checks: 'off', trust: [] }, clock);
  try {
    await takeBeforehand(administratorLock, settings);
    const { edges, end } = openVerifying(settings, { server, administratorLock, note: tell });
    const total = state.earlier?.outcomes['registered'] ?? 0;
    const startedAt = clock.monotonic();
    const progress = (rows: number): void => {
      line?.show(() => toProgressText(rows, total, { elapsedMs: clock.monotonic() - startedAt, done: 'verified' }));
    };
    const counter = await verify(registeredRows(state.input, readSignature), { ...edges, progress }).finally(end);
    line?.clear();
    const report = counter.result({ results, server: settings.server, stop: edges.stop.reason });
    stdout.write(settings.json ? `${JSON.stringify(report)}\n` : toVerifyLines(report, paint));
    return report.exit_code;
  } finally {
    administratorLock.release();
    await server.close();
    messages.end();
  }
}

/** What was registered on one server is not to be looked for on another. */
function checkResults(results: string, { input, earlier }: StemState, server: string): void {
  if (input.header.added === undefined) {
    throw new UsageError([
      `${showName(results)} is no results file: give the one that a run wrote, as in users.results.csv`,
    ]);
  }
  const before = earlier?.settings['server'];
  if (before === undefined || before === server) return;
  throw new UsageError([
    `${showName(results)} tells of runs against ${before}, not against ${server}: correct --server`,
  ]);
}

function openVerifying(
  settings: Settings,
  { server, administratorLock, note }: Pick<GateContext, 'server' | 'administratorLock' | 'note'>,
): { readonly edges: VerifyEdges; readonly end: () => Promise<void> } {
  const { clock } = server.time;
  const { gate, stop, cut, end } = openGate({ settings, clock, server, administratorLock, note });
  const ignoreSignals = listenForSignals((signal) => {
    stop.stop(stopBy(signal));
    cut.abort();
  });
  const edges: VerifyEdges = {
    clock,
    gate,
    stop,
    concurrency: settings.concurrency,
    maxAttempts: settings.attempts,
    listTokens: (username, current) => server.endpoint.listTokens(username, current, cut.signal),
    prove: server.prove,
  };
  return { edges, end: () => end().finally(ignoreSignals) };
}

async function* registeredRows(
  file: RowFile,
  readSignature: (registration: SignedRegistration) => SignatureReading,
): AsyncGenerator<RegisteredRow> {
  for await (const row of eachRow(file)) {
    const key = parseKey(file.header, row.cells);
    const settlement = settlementOf(file, row);
    const isUndone = settlement !== undefined && undoneBy(settlement) === 'unregister';
    if (key === undefined || (settlement?.outcome !== 'registered' && !isUndone)) continue;
    const mark = (): string | undefined => {
      // The status says nothing of the certificate: any will do for a row that was sent with the default.
      const parsed = parseRegistration(file.header, row.cells, { defaultStatus: '2', allowed: ALLOWANCE_NAMES });
      if (!('registration' in parsed)) return undefined;
      return markOf(parsed.registration, (signed) => {
        const reading = readSignature(signed);
        return 'signature' in reading ? signerFingerprint(reading.signature) : undefined;
      });
    };
    yield { ...key, line: lineOf(file, row) ?? row.line, isUndone, mark };
  }
}
