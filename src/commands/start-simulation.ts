import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import type { Command } from '../cli/arguments.js';
import { shellOf, toAssignment } from '../cli/shell-text.js';
import { errnoOf } from '../core/errno.js';
import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import { showName } from '../core/safe-text.js';
import { MAX_PEM_BYTES, readSmallFile } from '../core/small-file.js';
import { UsageError } from '../core/usage-error.js';
import { ALL_SIGNALS, listenForSignals, stopBy } from '../wiring/signals.js';
import type { Signal } from '../wiring/signals.js';
import type { Process } from '../core/process.js';
import type { AdminLogin } from '../simulator/admin-desk.js';
import { makeCertificate } from '../simulator/make-certificate.js';
import { parseClockJump } from '../simulator/clock-jump.js';
import { parseDowntime } from '../simulator/downtime.js';
import { findFaultProblem, parseFault } from '../simulator/fault.js';
import type { Fault } from '../simulator/fault.js';
import { parseRateLimit } from '../simulator/rate-limit.js';
import { startSimulator } from '../simulator/simulator.js';
import type { SimulatorOptions } from '../simulator/simulator-options.js';
import { readUsers, UsersFileError } from '../simulator/users-csv.js';

type Flags = Extract<Command, { name: 'simulate' }>['flags'];

/** The `simulate` command: serves until a signal comes. Its session and login are made up, or taken from the environment. */
export async function startSimulation({ flags }: { flags: Flags }, { env, stdout }: Process): Promise<ExitCode> {
  const problems: string[] = [];
  const options = readOptions(flags, problems);
  const users = typeof flags['users'] === 'string' ? readUsersOr(flags['users'], problems) : undefined;
  if (problems.length > 0) throw new UsageError(problems);
  const tls = flags['https'] === true ? await readTls(flags) : undefined;
  const session = {
    admin: text(flags, 'admin') ?? 'admin',
    authToken: env['CENTAGATE_AUTH_TOKEN'] ?? randomBytes(16).toString('hex'),
    secretCode: env['CENTAGATE_SECRET_CODE'] ?? randomBytes(16).toString('hex'),
  };
  const login = {
    password: env['CENTAGATE_PASSWORD'] ?? randomBytes(16).toString('hex'),
    integrationKey: env['CENTAGATE_INTEGRATION_KEY'] ?? randomBytes(16).toString('hex'),
    integrationSecret: env['CENTAGATE_INTEGRATION_SECRET'] ?? randomBytes(16).toString('hex'),
  };
  const simulator = await startSimulator({
    ...options,
    ...session,
    login: { ...login, ...stateOf(flags) },
    ...(users && { users }),
    ...(tls && { tls }),
  }).catch((error: unknown) => {
    throw error instanceof Error && errnoOf(error) !== undefined ? new UsageError([`--port: ${error.message}`]) : error;
  });
  const settings = settingsOf(simulator.url, { ...session, ...login }, tls?.cert);
  const lines = Object.entries(settings).map(([name, value]) => toAssignment(name, value, shellOf(sep, env)));
  stdout.write([...lines, '# The simulator listens; end it with Ctrl-C.', ''].join('\n'));
  const signal = await new Promise<Signal>((resolve) => {
    const ignoreSignals = listenForSignals((received) => {
      ignoreSignals();
      resolve(received);
    }, ALL_SIGNALS);
  });
  await simulator.close();
  return EXIT_CODES[stopBy(signal).kind].code;
}

function settingsOf(
  url: string,
  session: Pick<SimulatorOptions, 'admin' | 'authToken' | 'secretCode'> & AdminLogin,
  certificate: string | undefined,
): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {
    CENTAGATE_SERVER: url,
    CENTAGATE_ADMIN: session.admin,
    CENTAGATE_AUTH_TOKEN: session.authToken,
    CENTAGATE_SECRET_CODE: session.secretCode,
    CENTAGATE_PASSWORD: session.password,
    CENTAGATE_INTEGRATION_KEY: session.integrationKey,
    CENTAGATE_INTEGRATION_SECRET: session.integrationSecret,
  };
  if (certificate !== undefined) {
    const file = join(mkdtempSync(join(tmpdir(), 'centagate-simulator-')), 'ca.pem');
    writeFileSync(file, certificate);
    settings['CENTAGATE_CA'] = file;
  }
  return settings;
}

function stateOf(flags: Flags): Pick<AdminLogin, 'state'> {
  if (flags['step-up'] === true) return { state: 'step-up' };
  return flags['password-expired'] === true ? { state: 'expired' } : {};
}

function readOptions(flags: Flags, problems: string[]): Omit<SimulatorOptions, 'admin' | 'authToken' | 'secretCode'> {
  const number = (flag: string, pattern: RegExp, right: string): number | undefined => {
    const value = text(flags, flag);
    if (value !== undefined && !pattern.test(value)) problems.push(`--${flag} is "${value}": write ${right}`);
    return value === undefined ? undefined : Number(value);
  };
  const port = number('port', /^\d{1,5}$/, 'a port from 1 to 65535');
  const latencyMs = number('latency', /^\d{1,6}$/, 'milliseconds');
  const offset = number('clock-offset', /^-?\d{1,9}$/, 'seconds');
  const ttl = number('session-ttl', /^\d{1,9}$/, 'seconds');
  const requests = number('session-requests', /^[1-9]\d{0,8}$/, 'a number of calls');
  const seed = number('seed', /^\d{1,9}$/, 'a whole number');
  const otpType = number('otp-type', /^[123]$/, '1, 2 or 3');
  const [unit] = parseAll(flags, { flag: 'timestamp-unit', parse: parseUnit }, problems);
  const [jump] = parseAll(flags, { flag: 'clock-jump', parse: parseClockJump }, problems);
  const [limit] = parseAll(flags, { flag: 'limit-rate', parse: parseRateLimit }, problems);
  return {
    ...(port !== undefined && { port }),
    ...(latencyMs !== undefined && { latencyMs }),
    sessionLimits: {
      ...(ttl !== undefined && { ttlMs: ttl * 1000 }),
      ...(requests !== undefined && { requests }),
    },
    ...(offset !== undefined && { clockOffsetMs: offset * 1000 }),
    ...(jump !== undefined && { clockJump: jump }),
    ...(seed !== undefined && { seed }),
    ...(otpType !== undefined && { otpType: String(otpType) }),
    ...unit,
    ...(limit !== undefined && { rateLimit: limit }),
    downtimes: parseAll(flags, { flag: 'down', parse: parseDowntime }, problems),
    faults: readFaults(flags, problems),
  };
}

function parseUnit(word: string): Pick<SimulatorOptions, 'timestampUnit'> | string {
  return word === 'ms' || word === 's' ? { timestampUnit: word } : `"${word}" is no unit: write ms or s`;
}

function readFaults(flags: Flags, problems: string[]): Fault[] {
  const faults = parseAll(flags, { flag: 'fault', parse: parseFault }, problems);
  const problem = findFaultProblem(faults);
  if (problem !== undefined) problems.push(`--fault: ${problem}`);
  return faults;
}

/** Every word that was given for a flag; what is wrong with one is a problem. */
function parseAll<Value extends object>(
  flags: Flags,
  { flag, parse }: { flag: string; parse: (word: string) => Value | string },
  problems: string[],
): Value[] {
  const words = [flags[flag] ?? []].flat().map(String);
  const values = words.map(parse);
  problems.push(...values.filter((value) => typeof value === 'string').map((problem) => `--${flag}: ${problem}`));
  return values.filter((value) => typeof value !== 'string');
}

function readUsersOr(path: string, problems: string[]): SimulatorOptions['users'] {
  try {
    return readUsers(path);
  } catch (error) {
    if (!(error instanceof UsersFileError)) throw error;
    problems.push(`--users: ${error.message}`);
    return undefined;
  }
}

async function readTls(flags: Flags): Promise<{ key: string; cert: string }> {
  const [cert, key] = [text(flags, 'cert'), text(flags, 'key')];
  if (cert === undefined && key === undefined) return makeCertificate(['localhost', '127.0.0.1']);
  if (cert === undefined || key === undefined) throw new UsageError(['--cert and --key go together']);
  return { cert: readPem(cert, '--cert'), key: readPem(key, '--key') };
}

function readPem(path: string, flag: string): string {
  const file = readSmallFile(path, MAX_PEM_BYTES);
  if ('problem' in file) throw new UsageError([`${flag}: ${showName(path)} ${file.problem}`]);
  return file.bytes.toString('utf8');
}

function text(flags: Flags, flag: string): string | undefined {
  const value = flags[flag];
  return typeof value === 'string' ? value : undefined;
}
