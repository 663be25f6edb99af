import type { Clock } from '../core/clock.js';
import type { Proof } from '../core/proof.js';
import { CALLS, REGISTRATIONS, toPath } from './call.js';
import type { Call } from './call.js';
import { toReply } from './exchange.js';
import type { Exchange, HttpRequest } from './exchange.js';
import { describeStatus } from '../row/http-status.js';
import type { Registration } from '../row/registration.js';
import { toRequestBody, toTimestamp, toUndoBody } from './request-body.js';
import type { RequestBody, RequestSecrets, TimestampUnit, UndoFields } from './request-body.js';
import { verdictOf } from '../row/return-code.js';
import type { Reply } from '../row/reply.js';
import type { Attempt } from '../row/row-state.js';
import { stampErrorMs } from './server-clock.js';
import type { Secrets } from './secrets.js';
import type { Session, SessionCheck } from './session.js';
import { readListing } from './token-listing.js';
import type { Listed } from './token-listing.js';

/** So many users in a row whose listing is not found say that there is no such endpoint. */
export const MOST_NOT_FOUND = 3;

export interface EndpointSettings {
  readonly timestampUnit: TimestampUnit;
  readonly secrets: Secrets;
  readonly exchange: (request: HttpRequest, signal: AbortSignal) => Promise<Exchange>;
}

/** A request waits for its connection with its body ready: the timestamp's digits are written over at its departure. */
export class Endpoint {
  readonly #settings: EndpointSettings;
  readonly #clock: Clock;
  #hasListing = true;
  /** Users whose listing was not found, since one was: a single one may be about the user. */
  readonly #notFound = new Set<string>();

  constructor(settings: EndpointSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Sends one registration. `signal` cuts it off. Never throws for what the network or the server does. */
  readonly register = (
    { registration, signature, mayLeave }: RegistrationRequest,
    session: Session,
    signal: AbortSignal,
  ): Promise<Attempt> => {
    const { cenToken } = session;
    const body = toRequestBody(registration, { cenToken, signature }, this.#settings.timestampUnit);
    const { text, timestampAt } = body;
    const call = REGISTRATIONS[registration.tokenType];
    return this.#send({ text, timestampAt, call, path: toPath(call, session), mayLeave }, signal);
  };

  /** Sends one request that takes a registration back, or gives it back. It brings no key, whatever it says. */
  readonly undo = (
    { registration, undo, mayLeave }: UndoRequest,
    session: Session,
    signal: AbortSignal,
  ): Promise<Attempt> => {
    const call = undo.status === undefined ? CALLS.unregister : CALLS.updateStatus;
    const text = toUndoBody(registration, undo, session);
    const sent = this.#send({ text, timestampAt: undefined, call, path: toPath(call, session), mayLeave }, signal);
    return sent.then(({ reply, ...attempt }) => ({
      ...attempt,
      reply: reply.kind === 'answer' ? { ...reply, key: undefined } : reply,
    }));
  };

  #send({ text, timestampAt, call, path, mayLeave }: Departing, signal: AbortSignal): Promise<Attempt> {
    const { timestampUnit, exchange } = this.#settings;
    const body = Buffer.from(text);
    let sentAt: number | undefined;
    let leftAt = 0;
    let connection = 0;
    const onDeparture = (at: number, over: number): void => {
      sentAt = this.#clock.now();
      leftAt = at;
      connection = over;
      if (timestampAt !== undefined) body.write(toTimestamp(sentAt, timestampUnit), timestampAt, 'latin1');
    };
    return exchange({ method: call.method, path, body, mayLeave, onDeparture }, signal).then((exchanged) => {
      const reply = this.#toReply(exchanged, sentAt !== undefined);
      const proof = proofOf(exchanged);
      if (sentAt === undefined) return { reply, sentAt, latencyMs: undefined };
      const isStamped = timestampAt !== undefined && exchanged.kind === 'reply';
      const latencyMs = Math.round(this.#clock.monotonic() - leftAt);
      const errorMs = isStamped ? stampErrorMs(sentAt, exchanged.dated) : undefined;
      return { reply, sentAt, latencyMs, connection, stampErrorMs: errorMs, proof };
    });
  }

  /** Asks whether our session still stands. Its URL holds the cenToken: it must never be logged. */
  async checkSession(session: Session, signal: AbortSignal): Promise<SessionCheck> {
    const { method } = CALLS.sessionCheck;
    const path = toPath(CALLS.sessionCheck, session);
    const exchange = await this.#settings.exchange({ method, path }, signal);
    const reply = this.#toReply(exchange, true);
    if (reply.kind === 'answer') return checkedCode(reply.code);
    return reply.kind === 'status' ? describeStatus(reply.httpStatus).session : 'unclear';
  }

  async listTokens(username: string, session: Session, signal: AbortSignal): Promise<Listed> {
    if (!this.#hasListing) return { listing: 'not_offered', reply: undefined };
    const { cenToken } = session;
    const { method } = CALLS.listing;
    const path = toPath(CALLS.listing, session);
    const body = Buffer.from(JSON.stringify({ username, cenToken }));
    const exchange = await this.#settings.exchange({ method, path, body }, signal);
    const listing = this.#judgeFound(readListing(exchange), username, exchange);
    const proof = proofOf(exchange);
    return { listing, reply: this.#toReply(exchange, true), ...(proof && { proof }) };
  }

  #toReply(exchange: Exchange, hasLeft: boolean): Reply {
    return toReply(exchange, { hasLeft, now: this.#clock.now, secrets: this.#settings.secrets });
  }

  #judgeFound(listing: Listed['listing'], username: string, exchange: Exchange): Listed['listing'] {
    if (exchange.kind !== 'reply') return listing;
    if (listing !== 'not_offered') {
      this.#notFound.clear();
      return listing;
    }
    this.#notFound.add(username);
    this.#hasListing = describeStatus(exchange.status).isOfUser === true && this.#notFound.size < MOST_NOT_FOUND;
    return this.#hasListing ? 'unclear' : listing;
  }
}

interface Departing extends RequestBody, Pick<RegistrationRequest, 'mayLeave'> {
  readonly call: Call<'admin'>;
  readonly path: string;
}

export interface UndoRequest extends Pick<RegistrationRequest, 'registration' | 'mayLeave'> {
  readonly undo: UndoFields;
}

export interface RegistrationRequest {
  readonly registration: Registration;
  readonly signature: RequestSecrets['signature'];
  /** Asked before the stamp is made, so that the stamp does not wait for a slow disk. */
  readonly mayLeave: () => boolean;
}

function proofOf(exchange: Exchange): Proof | undefined {
  return exchange.kind === 'reply' ? exchange.proof : undefined;
}

/** A database that is away says nothing of our session. */
function checkedCode(code: string): SessionCheck {
  switch (verdictOf(code, 'noToken')) {
    case 'success':
      return 'good';
    case 'temporary':
    case 'once_more':
      return 'unclear';
    case 'already':
    case 'later':
    case 'refused':
    case 'session':
    case 'stop':
      return 'over';
  }
}
