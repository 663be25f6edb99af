import { Change } from '../core/change.js';
import type { Login, Session, SessionCheck } from '../server/session.js';
import type { Registration } from '../row/registration.js';
import { Logins } from './logins.js';
import type { Administrator } from './logins.js';
import { ServerWait } from './server-wait.js';
import type { ServerWaitEdges } from './server-wait.js';

export interface SessionEdges extends ServerWaitEdges {
  readonly given: Session | undefined;
  readonly checkSession: (session: Session) => Promise<SessionCheck>;
  readonly administrator: Administrator;
  /** Absent when the run can't log in by itself. */
  readonly logIn: (() => Promise<Login<Session>>) | undefined;
}

/** Who sends, at the gate: the same object for all sends of a row. */
export interface Sender {
  readonly registration: Pick<Registration, 'tokenType' | 'username'>;
}

/** A send that was refused in a way that can mean the session. */
export interface RefusedSend {
  readonly sender: Sender;
  readonly session: Session;
  /** An earlier run refused this row as well: that the administrator has no right over it is no news. */
  readonly isOldNews: boolean;
  readonly detail: string;
}

/** `again`: with another session. `undecided`: the next row will tell. `unexplained`: no other row came that could. */
export type Refusal = 'again' | 'row_alone' | 'undecided' | 'unexplained' | 'stopped';

/** Session checks about one refusal, until one has a usable answer. */
export const MAX_CHECKS = 3;
/** What a row that nobody could explain waits for another one. */
export const PATIENCE_MS = 10_000;
/** Users in a row that are refused with a good session, none accepted between: the administrator has lost the right. */
export const MAX_REFUSED_ALONE = 10;

/**
 * Who we are, and what it means when the server says no to that. One question at a time: the first refusal closes the
 * gate, and `auth/sessioncheck`, one login and the same row's next send decide between this row alone and the run. A
 * session that was made for such a row gets no successor before it is proved good; a refusal of an older session says
 * nothing of the present one. So no number of workers makes more than two logins that lead nowhere.
 */
export class AdminSession {
  readonly #edges: SessionEdges;
  readonly #logins: Logins | undefined;
  readonly #change = new Change();
  #current: Session | undefined;
  #isProved = false;
  /** Was it made because another one was refused? */
  #isRemade = false;
  /** When we logged in, ISO 8601; undefined as long as the session is one that was given. */
  #loggedInAt: string | undefined;
  #isClosed = false;
  #inFlight = 0;
  /** Sends one at a time, until an answer shows that the session is good. */
  #isDoubted = false;
  /** The only row that may send: the session was made for it. */
  #prober: Sender | undefined;
  #suspect: Suspect | undefined;
  #refusedAlone = 0;

  constructor(edges: SessionEdges) {
    this.#edges = edges;
    this.#logins = edges.logIn && new Logins({ ...edges, logIn: edges.logIn });
    this.#current = edges.given;
    edges.stop.signal.addEventListener('abort', () => this.#change.tell());
  }

  get current(): Session | undefined {
    return this.#current;
  }

  /** Is there a session, and nobody asks about it at the moment? */
  get isReady(): boolean {
    return !this.#isClosed && !this.#isMissing();
  }

  async ready(): Promise<void> {
    while (!this.#hasStopped() && !this.isReady) await this.#change.next();
  }

  /** Nothing when this row may send now; else it resolves, when the run stops too, once it is worth asking again. */
  hold(sender: Sender): Promise<void> | undefined {
    return this.isFree(sender) ? undefined : this.#change.next();
  }

  isFree(sender: Sender): boolean {
    return (
      this.isReady &&
      (this.#prober === undefined || this.#prober === sender) &&
      (!this.#isDoubted || this.#inFlight === 0)
    );
  }

  /** @returns what a send that is let through is sent with; it must be released */
  admit(): Session {
    // A row that nothing holds has one.
    if (this.#current === undefined) throw new Error('no row is let through without a session');
    this.#inFlight += 1;
    return this.#current;
  }

  release(sender: Sender): void {
    this.#inFlight -= 1;
    if (this.#prober === sender) this.#prober = undefined;
    this.#change.tell();
  }

  /** The server answered a send of this session as one of somebody who may ask. */
  noteAnswer(session: Session, isAccepted: boolean): void {
    if (isAccepted) this.#logins?.noteAccepted();
    if (session === this.#current) this.#prove();
  }

  /** What a refusal means; a row that was refused while another one is judged waits for its turn. */
  async judge(refused: RefusedSend): Promise<Refusal> {
    while (this.#isClosed && !this.#hasStopped()) await this.#change.next();
    if (this.#hasStopped()) return 'stopped';
    if (refused.session !== this.#current) return 'again';
    let refusal: Refusal = 'stopped';
    await this.#close(async () => (refusal = await this.#decide(refused)));
    return this.#hasStopped() ? 'stopped' : refusal;
  }

  /** What becomes of an undecided row; it must hold no slot meanwhile. */
  async untilDecided(sender: Sender): Promise<Exclude<Refusal, 'again' | 'undecided'>> {
    const suspect = this.#suspect;
    // Another row has come to be judged since: that one decided.
    if (suspect?.sender !== sender) return this.#hasStopped() ? 'stopped' : 'row_alone';
    const cancel = this.#edges.clock.after(PATIENCE_MS, () => {
      suspect.refusal ??= 'unexplained';
      this.#change.tell();
    });
    while (suspect.refusal === undefined && !this.#hasStopped()) await this.#change.next();
    cancel();
    return suspect.refusal ?? 'stopped';
  }

  /** When nothing is sent any more: the session that we made and that is still there to be logged out of. */
  async end(): Promise<Session | undefined> {
    while (this.#isClosed) await this.#change.next();
    return this.#loggedInAt === undefined ? undefined : this.#current;
  }

  #hasStopped(): boolean {
    return this.#edges.stop.reason !== undefined;
  }

  /** Whoever comes first when there is no session yet sets off the login. */
  #isMissing(): boolean {
    if (this.#current !== undefined) return false;
    if (!this.#isClosed) void this.#close(() => this.#logIn());
    return true;
  }

  /** Nobody passes while `task` runs; a bug in it must not look like one in the sends that wait. */
  async #close(task: () => Promise<unknown>): Promise<void> {
    this.#isClosed = true;
    try {
      await task();
    } catch (error) {
      this.#edges.stop.stopForBug(error);
    } finally {
      this.#isClosed = false;
      this.#change.tell();
    }
  }

  async #decide({ sender, session, isOldNews, detail }: RefusedSend): Promise<Refusal> {
    const check = await this.#check(session);
    if (this.#hasStopped()) return 'stopped';
    if (check === 'good') return this.#blameRow(isOldNews, detail);
    // A new login may end the session of what is under way, and what is under way says nothing of what comes next.
    while (this.#inFlight > 0 && !this.#hasStopped()) await this.#change.next();
    if (this.#hasStopped()) return 'stopped';
    if (this.#mayLogIn()) {
      if (!(await this.#logIn())) return 'stopped';
      this.#isRemade = true;
      this.#prober = sender;
      this.#isDoubted = true;
      return 'again';
    }
    const why = check === 'over' ? 'the session check says the session is over' : 'the session could not be checked';
    const canAnotherTell = check !== 'over' && this.#suspect === undefined && (this.#isProved || this.#isRemade);
    if (!canAnotherTell) {
      const said = `${this.#isRemade ? 'after a new login, ' : ''}${why}. ${detail}`;
      return this.#refuse(`${said} ${this.#describeOrigin(check === 'over')}`);
    }
    this.#suspect = { sender, refusal: undefined };
    this.#isProved = false;
    this.#isDoubted = true;
    return 'undecided';
  }

  #mayLogIn(): boolean {
    return this.#logins?.areLeft === true && (this.#isProved || !this.#isRemade);
  }

  async #check(session: Session): Promise<SessionCheck> {
    const { checkSession } = this.#edges;
    const wait = new ServerWait(this.#edges);
    let check = await checkSession(session);
    for (let checks = 1; check === 'unclear' && checks < MAX_CHECKS; checks += 1) {
      if (!(await wait.untilAtWork('the session could not be checked'))) break;
      check = await checkSession(session);
    }
    return check;
  }

  /** The session is good: it is about this row, unless it is about one row after the other. */
  #blameRow(isOldNews: boolean, detail: string): Refusal {
    const refusedAlone = this.#refusedAlone + (isOldNews ? 0 : 1);
    this.#prove();
    this.#refusedAlone = refusedAlone;
    if (refusedAlone < MAX_REFUSED_ALONE) return 'row_alone';
    return this.#refuse(`the session is good, yet ${refusedAlone} users in a row were refused. ${detail}`);
  }

  /** A server that allows one session an administrator says no more than that ours is over. */
  #describeOrigin(isOver: boolean): string {
    const { name, from } = this.#edges.administrator;
    const other = `${isOver ? 'Another' : 'If it has, another'} login as ${name}, by a person or another run,`;
    return this.#loggedInAt === undefined
      ? `${other} may be why: the session was made elsewhere. Make a new one (centagate-provision login), or let the run log in.`
      : `${other} is most likely why: we logged in at ${this.#loggedInAt}, by ${from}. Give each job an administrator of its own, or one session to share (--auth-token-file).`;
  }

  #refuse(why: string): 'stopped' {
    this.#edges.stop.stop({ kind: 'person', reason: `the server refuses this administrator: ${why}` });
    return 'stopped';
  }

  /** The current session is good, and so it was when the suspect was refused with it. */
  #prove(): void {
    if (this.#suspect !== undefined) this.#suspect.refusal ??= 'row_alone';
    this.#suspect = undefined;
    this.#isProved = true;
    this.#isDoubted = false;
    this.#refusedAlone = 0;
    this.#change.tell();
  }

  /** Makes a new session the current one; the run stops when that can't be. */
  async #logIn(): Promise<boolean> {
    // A run without a session that can't log in was never started.
    if (this.#logins === undefined) throw new Error('there is neither a session nor a login');
    const session = await this.#logins.open();
    if (session === undefined) return false;
    this.#current = session;
    this.#loggedInAt = new Date(this.#edges.clock.now()).toISOString();
    this.#isProved = false;
    this.#isRemade = false;
    this.#suspect = undefined;
    return true;
  }
}

/** A row that was refused when nobody could tell why. */
interface Suspect {
  readonly sender: Sender;
  refusal: 'row_alone' | 'unexplained' | undefined;
}
