import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import type { StopKind } from '../core/stop.js';
import type { Exchange } from '../server/exchange.js';
import { judgeLocalClock, judgeLook } from '../server/look.js';
import { describeOffset } from '../server/server-clock.js';
import type { SessionCheck } from '../server/session.js';

/** What `doctor` looks at, in its order: each needs those before it, but for the clock, which no later one needs. */
export const CHECKS = {
  machine: 'this machine',
  files: 'the certificate files',
  dns: 'the name',
  connection: 'the connection',
  tls: 'the certificate',
  http: 'a reply',
  address: 'the web API',
  clock: 'the clock',
  session: 'the session',
} as const;
export type CheckName = keyof typeof CHECKS;

/** `odd`: a run would start, and somebody should look at it. `skipped`: there was nothing to look at. */
export type Mark = 'good' | 'odd' | 'bad' | 'skipped';

export interface Found {
  readonly verdict: Mark;
  readonly says: string;
  readonly remedy?: string;
  /** How a run would end by what is bad. */
  readonly stop?: StopKind;
}

export interface Check extends Found {
  readonly name: CheckName;
  readonly ms: number;
}

export function good(says: string): Found {
  return { verdict: 'good', says };
}

export function odd(says: string, remedy: string): Found {
  return { verdict: 'odd', says, remedy };
}

/** @param stop most of what is bad is for a person to mend */
export function bad(says: string, remedy: string, stop: StopKind = 'person'): Found {
  return { verdict: 'bad', says, remedy, stop };
}

export function skipped(says: string): Found {
  return { verdict: 'skipped', says };
}

/** A certificate that ends sooner is to be renewed now. */
const FEW_DAYS = 30;
const DAY_MS = 86_400_000;

/** What this machine does with a program that holds secrets. */
export interface Machine {
  /** As {@link coreLimit} has it. */
  readonly coreLimit: string | undefined;
  /** Options of Node that load what is not ours. */
  readonly loading: readonly string[];
}

export function judgeMachine({ coreLimit, loading }: Machine): Found {
  const odds: [says: string, remedy: string][] = [];
  if (loading.length > 0) {
    const says = `NODE_OPTIONS loads what is not ours into this program, which sees all secrets (${loading.join(', ')})`;
    odds.push([says, 'see that you know it, or take it out']);
  }
  if (coreLimit !== undefined && coreLimit !== '0') {
    const says = 'a crash would write the memory of this program, secrets too, to a file (core dumps)';
    odds.push([says, 'ulimit -c 0 before the command, or LimitCORE=0 for a service']);
  }
  if (odds.length > 0) return odd(odds.map(([says]) => says).join('; '), odds.map(([, remedy]) => remedy).join('; '));
  return coreLimit === undefined
    ? skipped('whether a crash writes memory to a file is not known here')
    : good('a crash writes no memory to a file');
}

/** The certificates that a setting names, or a variable that Node itself reads. */
export interface CertificateFile {
  /** As in `--ca`. */
  readonly flag: string;
  /** Of what each of them is: `authority` or `certificate`. */
  readonly holds: 'authority' | 'certificate';
  /** When each of them is over, in epoch ms; never empty. */
  readonly ends: readonly number[];
  /** Of all programs of the machine: which of them are over is not for this job to mend. */
  readonly isOfMachine?: true;
}

/** One that a variable names and that adds nothing, and why. */
export interface UnreadFile {
  readonly flag: string;
  readonly problem: string;
}

/** Says what was read, so that a block that somebody misses is noticed, and an authority that nobody meant to trust. */
export function judgeFiles(files: readonly (CertificateFile | UnreadFile)[], now: number): Found {
  if (files.length === 0) return skipped('none is given');
  const says = files.map(describeFile).join('; ');
  if (files.some((file) => 'problem' in file)) return odd(says, 'correct the variable, or unset it');
  const isOver = files.some(
    (file) => 'ends' in file && file.isOfMachine !== true && !lasts(Math.min(...file.ends) - now),
  );
  return isOver ? odd(says, 'have those that are over, or soon will be, renewed') : good(says);
}

function describeFile(file: CertificateFile | UnreadFile): string {
  const { flag } = file;
  if ('problem' in file) return `${flag} adds nothing: ${file.problem}`;
  const { ends, holds, isOfMachine } = file;
  const what = holds === 'authority' ? 'authorities' : 'certificates';
  const count = `${flag}: ${ends.length} ${ends.length === 1 ? holds : what}`;
  if (isOfMachine === true) return `${count} that may vouch for the server`;
  const first = dayOf(Math.min(...ends));
  return ends.length === 1 ? `${count}, valid until ${first}` : `${count}, the first valid until ${first}`;
}

/** A certificate may have an end that nobody can read. */
function dayOf(ms: number): string {
  return Number.isNaN(ms) ? "a day that can't be read" : new Date(ms).toISOString().slice(0, 10);
}

/** Long enough; not for a time that is none. */
function lasts(leftMs: number): boolean {
  return leftMs >= FEW_DAYS * DAY_MS;
}

export interface Handshake {
  readonly protocol: string;
  readonly subject: string;
  readonly issuer: string;
  /** Epoch ms. */
  readonly validTo: number;
  /** Why the certificate is not to be trusted, if so. */
  readonly distrust: string | undefined;
}

export function judgeHandshake({ protocol, subject, issuer, validTo, distrust }: Handshake, now: number): Found {
  const leftMs = validTo - now;
  const left = Number.isNaN(leftMs) ? "until a day that can't be read" : `${Math.floor(leftMs / DAY_MS)} days left`;
  const says = `${protocol}, certificate of ${subject} by ${issuer}, ${left}`;
  if (distrust !== undefined) return bad(`${says}: ${distrust}`, 'a certificate that this machine trusts, or --ca');
  if (!lasts(leftMs)) return odd(says, "have the server's certificate renewed");
  return good(says);
}

const UNANSWERED = 'see that the server answers, and that nothing between cuts it off';

export function stopOf({ canHeal, isStrange }: { readonly canHeal: boolean; readonly isStrange?: true }): StopKind {
  return canHeal && isStrange !== true ? 'stopped' : 'person';
}

export function judgeHttp(exchange: Exchange): Found {
  switch (exchange.kind) {
    case 'reply':
      return good(`HTTP status ${exchange.status}`);
    case 'failed':
      return bad(exchange.why, UNANSWERED, stopOf(exchange));
    case 'cut':
      return bad(exchange.why, UNANSWERED, 'stopped');
  }
}

export function judgeAddress(exchange: Exchange): Found {
  const found = judgeLook(exchange);
  switch (found.kind) {
    case 'clear':
      return good('something answers where the registration endpoint should be; a GET proves no more');
    case 'odd':
      return odd(found.warning, 'look at the server');
    case 'wrong':
      return bad(found.problem, 'correct --server: https://host[:port], the path is added to it');
  }
}

/** A clock that is further off should be set, corrected or not. */
const NOTABLE_MS = 30_000;

export function judgeClock(offsetMs: number | undefined, isCorrected: boolean): Found {
  const remedy = "set this machine's clock";
  if (offsetMs === undefined) return odd('the server does not tell its time', `see that ${remedy.slice(4)} is right`);
  const says = `this machine's clock is ${describeOffset(offsetMs)}`;
  if (!isCorrected && judgeLocalClock(offsetMs).kind === 'wrong') return bad(says, `${remedy}, or use --clock server`);
  return Math.abs(offsetMs) > NOTABLE_MS ? odd(says, remedy) : good(says);
}

/** @param canLogIn the run could make a session of its own */
export function judgeSession(check: SessionCheck, canLogIn: boolean): Found {
  switch (check) {
    case 'good':
      return good('the session is good');
    case 'over':
      if (canLogIn) return odd('the session is over', 'nothing: a run would log in');
      return bad(
        'the session is over',
        'make a new one (centagate-provision login), or let the run log in (--password-file)',
      );
    case 'missing':
      return odd('the server has no session check', 'nothing: the first row tells');
    case 'unclear':
      return odd('the session could not be checked', 'look at the server');
  }
}

/** As of a run that met all of this: what a person must mend goes before what may pass. */
export function exitCodeOfChecks(checks: readonly Check[]): ExitCode {
  const stops = checks.flatMap(({ stop }) => (stop === undefined ? [] : [stop]));
  const [first] = stops;
  if (first === undefined) return EXIT_CODES.done.code;
  return EXIT_CODES[stops.includes('person') ? 'person' : first].code;
}

/** Would a run start? */
export function isHealthy(checks: readonly Check[]): boolean {
  return checks.every(({ verdict }) => verdict !== 'bad');
}
