import type { Clock } from '../../src/core/clock.js';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import type { PkiRegistration } from '../../src/row/registration.js';
import type { Login, Session, SessionCheck } from '../../src/server/session.js';
import type { Reply } from '../../src/row/reply.js';
import type { Attempt } from '../../src/row/row-state.js';
import type { Signature, SignatureReading } from '../../src/signature/signature.js';
import type { TokenListing } from '../../src/server/token-listing.js';
import type { Slot } from '../../src/batch/each-concurrently.js';
import { visit } from '../../src/batch/slots.js';
import type { Visitor } from '../../src/batch/slots.js';
import { AdminSession } from '../../src/gate/admin-session.js';
import { Gate } from '../../src/gate/gate.js';
import { Pace } from '../../src/gate/pace.js';
import type { PaceLimits } from '../../src/gate/pace.js';
import type { RowEdges } from '../../src/batch/row-attempt.js';
import type { SavedKey } from '../../src/record/keys-file.js';
import { UnprovedRows } from '../../src/record/unproved-rows.js';
import type { RegistrationRequest } from '../../src/server/endpoint.js';
import { RunStop } from '../../src/core/run-stop.js';
import { anAdministrator, anExchange, aReply, aStatus } from './builders.js';
import { TestClock } from './test-clock.js';

/** What a scripted send does: a reply that comes at once, or whatever a function makes of it. */
export type ScriptedSend = Reply | (() => Promise<Reply>);

export interface RowWorldOptions {
  readonly clock?: Clock;
  /** What each send meets, in turn. */
  readonly sends?: readonly ScriptedSend[];
  /** What the session checks say, in turn. */
  readonly session?: readonly SessionCheck[];
  /** Whether the run starts with a session that was made elsewhere; it does unless told. */
  readonly isGiven?: boolean;
  /** What the logins come to, in turn; without them the run can't log in. */
  readonly logins?: readonly Login<Session>[];
  readonly maxAttempts?: number;
  /** What the server has of every user, as it says when it is asked. */
  readonly listing?: TokenListing;
  readonly pace?: Partial<PaceLimits>;
  readonly readSignature?: (registration: PkiRegistration) => SignatureReading;
  readonly saveKey?: (username: string, key: string) => Promise<void>;
  readonly append?: (entry: JournalEntry) => void;
  readonly sync?: () => Promise<void>;
  readonly markLeft?: (key: string) => boolean;
}

/** The session that was made elsewhere. */
export const GIVEN: Session = { admin: 'admin', cenToken: 'given' };
export const SIGNATURE: Signature = { bytes: Buffer.from('0'), algorithm: '1', digest: '0123456789abcdef' };
/** Of the certificate that {@link SIGNATURE} was made with. */
export const FINGERPRINT = 'ab'.repeat(20);
const LATENCY_MS = 7;

/** The world of one row: everything that happens is noted, in its order. */
export function aRowWorld(options: RowWorldOptions = {}) {
  const clock = options.clock ?? new TestClock({ isAuto: true });
  const log: string[] = [];
  const notes: string[] = [];
  const entries: JournalEntry[] = [];
  const sent: (RegistrationRequest & { readonly session: Session; readonly at: number })[] = [];
  const sends = [...(options.sends ?? [])];
  const checks = [...(options.session ?? [])];
  const logins = options.logins && [...options.logins];
  const stop = new RunStop();
  const session = new AdminSession({
    ...{ clock, stop, maxOutageMs: 600_000, look: () => Promise.resolve(anExchange()) },
    note: (text) => notes.push(text),
    administrator: anAdministrator(),
    given: (options.isGiven ?? true) ? GIVEN : undefined,
    checkSession: () => {
      log.push('session check');
      return Promise.resolve(checks.shift() ?? 'unclear');
    },
    logIn:
      logins &&
      (() => {
        log.push('login');
        const login = logins.shift();
        if (login === undefined) throw new Error('nobody expected another login');
        return Promise.resolve(login);
      }),
  });
  const limits = { concurrency: 1024, rate: undefined, maxOutageMs: 600_000, ...options.pace };
  const gate = new Gate({ clock, stop, session, pace: new Pace(limits), note: (text) => notes.push(text) });
  const unsaved: SavedKey[] = [];
  const send = async (request: RegistrationRequest, usedSession: Session): Promise<Attempt> => {
    const at = clock.now();
    if (!request.mayLeave())
      return { reply: { kind: 'unsent', why: 'not noted' }, sentAt: undefined, latencyMs: undefined };
    log.push('send');
    sent.push({ ...request, session: usedSession, at });
    const script = sends.shift();
    if (script === undefined) throw new Error('nobody expected another send');
    const reply = typeof script === 'function' ? await script() : script;
    const left = reply.kind !== 'unsent';
    return { reply, sentAt: left ? at : undefined, latencyMs: left ? LATENCY_MS : undefined };
  };
  const admit = (visitor: Visitor): void => {
    const goIn = (): void => {
      log.push('slot taken');
      visitor.enter(() => log.push('slot freed'));
    };
    const getReady = async (): Promise<void> => visitor.prepare();
    getReady().then(goIn, (error: unknown) => visitor.fail(error));
  };
  const slot: Slot = {
    admit,
    run: (task, prepare) => visit(admit, task, prepare),
    untilStuck: () => Promise.resolve(),
  };
  const keys: RowEdges['keys'] = {
    append: (key) => {
      unsaved.push(key);
      log.push(key.isTakenBack === true ? 'key taken back' : 'key written');
    },
    sync: async () => {
      for (const { username, key, isTakenBack = false } of unsaved.splice(0)) {
        if (isTakenBack) continue;
        await options.saveKey?.(username, key);
        log.push(`key of ${username} saved`);
      }
    },
  };
  const journal: RowEdges['journal'] = {
    append: (entry) => {
      options.append?.(entry);
      entries.push(entry);
      log.push(entry.type === 'intent' ? `intent ${entry.attempt}` : entry.type);
    },
    sync: async () => {
      await options.sync?.();
      log.push('synced');
    },
    markLeft: (key) => options.markLeft?.(key) ?? true,
  };
  const edges: RowEdges = {
    clock,
    gate,
    stop,
    keys,
    journal,
    onOddKey: (username) => notes.push(`odd key of ${username}`),
    unproved: new UnprovedRows({ clock, stop, keys, journal }),
    maxAttempts: options.maxAttempts ?? 4,
    readSignature: (registration) => {
      log.push(`signature ${registration.signaturePath}`);
      return options.readSignature?.(registration) ?? { signature: SIGNATURE };
    },
    send,
    onSent: () => undefined,
    cut: new AbortController().signal,
    listTokens: (username) => {
      log.push(`listing of ${username}`);
      const listing = options.listing ?? 'unclear';
      return Promise.resolve({ listing, reply: listing === 'unclear' ? aStatus(500) : aReply() });
    },
    fingerprintOf: () => FINGERPRINT,
  };
  return { clock, gate, stop, notes, edges, slot, log, entries, sent };
}
