import { randomUUID } from 'node:crypto';
import type { AdministratorLock } from '../record/administrator-lock.js';
import { describeSelf } from '../record/process-identity.js';
import { openAdministratorLock } from '../wiring/open-administrator.js';
import type { Command } from '../cli/arguments.js';
import { isColoured, openPaint } from '../core/colour.js';
import { ProgressLine } from '../cli/progress-line.js';
import { toCheckLine } from '../cli/check-text.js';
import { findLoadingOptions } from '../settings/node-environment.js';
import { resolveSettings } from '../settings/settings.js';
import type { Settings } from '../settings/settings.js';
import { bad, exitCodeOfChecks, good, judgeSession } from '../checks/check.js';
import type { CertificateFile, Found, UnreadFile } from '../checks/check.js';
import { coreLimit } from '../checks/machine.js';
import { readCertificateFile } from '../core/small-file.js';
import type { Clock } from '../core/clock.js';
import type { ExitCode } from '../core/exit-code.js';
import { proxyFor } from '../network/proxy.js';
import { BASE_PATH, CALLS, toPath } from '../server/call.js';
import { examine } from '../checks/doctor.js';
import { PathProbe } from '../checks/path-probe.js';
import type { Process } from '../core/process.js';
import { RunStop } from '../core/run-stop.js';
import { UsageError } from '../core/usage-error.js';
import { httpSettings, openServer } from '../wiring/open-server.js';
import type { Server } from '../wiring/open-server.js';
import { openSession } from '../wiring/open-session.js';
import { showText } from '../core/safe-text.js';

/** The `doctor` command: what stands between this machine and a run, line by line. */
export async function startDoctor(
  { flags }: Extract<Command, { name: 'doctor' }>,
  { env, stdout, stderr }: Process,
  clock: Clock,
): Promise<ExitCode> {
  const settings = await resolveSettings({ flags, env });
  const warn = (text: string): void => void stderr.write(`${showText(text, 2000)}\n`);
  settings.warnings.forEach(warn);
  const paint = openPaint(isColoured(stdout, env, settings.color));
  const line = stderr.isTTY ? new ProgressLine(stderr, clock, { firstMs: 0 }) : undefined;
  const server = openServer({ settings, clock, env, warn: () => undefined });
  const http = httpSettings(settings, env);
  const lookPath = `${BASE_PATH}${toPath(CALLS.look, settings.session)}`;
  const probe = new PathProbe({ ...http, lookPath, hide: (text) => server.secrets.hide(text) }, clock);
  const { signal } = new AbortController();
  try {
    const checks = await examine({
      clock,
      machine: { coreLimit: coreLimit(), loading: findLoadingOptions(env) },
      files: [...readFiles(settings), ...readMachineFiles(env)],
      path: proxyFor(http.origin, http.proxy) === undefined ? probe : undefined,
      look: () => server.time.look(signal),
      offsetMs: () => server.time.offsetMs,
      isCorrected: settings.clock === 'server',
      checkSession: () => {
        const lock = openAdministratorLock(settings, { self: describeSelf(randomUUID(), clock), clock, warn });
        return checkSession(settings, server, lock).finally(() => lock.release());
      },
      begin: (name) => {
        if (!settings.json) line?.show(() => `looking: ${name}`);
      },
      tell: (check) => {
        line?.clear();
        if (!settings.json) stdout.write(toCheckLine(check, paint));
      },
    });
    const exitCode = exitCodeOfChecks(checks);
    if (settings.json) {
      stdout.write(`${JSON.stringify({ version: 1, server: settings.server, exit_code: exitCode, checks })}\n`);
    }
    return exitCode;
  } finally {
    probe.close();
    await server.close();
  }
}

function readFiles({ ca, clientCert, trust }: Settings): CertificateFile[] {
  const given = [
    ['--ca', 'authority', ca],
    ['--client-cert', 'certificate', clientCert],
    ['--trust', 'authority', trust],
  ] as const;
  return given.flatMap(([flag, holds, path]) => {
    if (path === undefined) return [];
    return [{ flag, holds, ends: readCertificateFile(path, flag).map(({ validTo }) => Date.parse(validTo)) }];
  });
}

/** Whom the environment adds to those whom we trust: as Node and OpenSSL read it. */
function readMachineFiles(env: NodeJS.ProcessEnv): (CertificateFile | UnreadFile)[] {
  return ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'].flatMap((flag): (CertificateFile | UnreadFile)[] => {
    const path = env[flag] ?? '';
    if (path === '') return [];
    try {
      const ends = readCertificateFile(path, flag).map(({ validTo }) => Date.parse(validTo));
      return [{ flag, holds: 'authority', ends, isOfMachine: true }];
    } catch (error) {
      return [{ flag, problem: error instanceof UsageError ? error.message : 'the file can not be read' }];
    }
  });
}

/** A session that was made elsewhere is asked about; without one, the login that a run would make is made, and ended. */
async function checkSession(
  settings: Settings,
  { endpoint, time, secrets }: Server,
  administratorLock: AdministratorLock,
): Promise<Found> {
  const stop = new RunStop();
  const { signal } = new AbortController();
  const { session, end } = openSession({
    settings: settings.session,
    clock: time.clock,
    stop,
    endpoint,
    time,
    secrets,
    administratorLock,
    maxOutageMs: 0,
    note: () => undefined,
    cut: signal,
  });
  const given = session.current;
  if (given !== undefined) {
    return judgeSession(await endpoint.checkSession(given, signal), settings.session.login !== undefined);
  }
  await session.ready();
  await end();
  if (stop.reason === undefined) return good('logged in, and out again');
  const remedy =
    stop.reason.kind === 'locked'
      ? 'look at the session when that run has ended'
      : 'do so before the next try: accounts lock';
  return bad(stop.reason.reason, remedy, stop.reason.kind);
}
