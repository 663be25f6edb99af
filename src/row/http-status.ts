import type { Reply } from './reply.js';

/** What a reply says by its HTTP status alone. */
export interface HttpStatus {
  /** Its body speaks, and what stands beside this is for a body that says nothing: the vendor's clients read no other. */
  readonly isRead?: true;
  /**
   * Of the row that was sent:
   * - `again`: nothing, so it may have been applied; worth another try
   * - `pause`: as `again`, and every row waits, since the server can't be asked anything now
   * - `throttled`: it was not applied, and is tried again for as long as the server asks for less
   * - `session`: it was not applied; the session check decides
   */
  readonly row: 'again' | 'pause' | 'throttled' | 'session';
  /**
   * Of the run, before any row was answered with a return code:
   * - `stop`: this is no CENTAGATE
   * - `stop_in_doubt`: nor this, and what took the row says that it did
   * - `stop_for_page`: nor this, if a page comes with it
   */
  readonly first?: 'stop' | 'stop_in_doubt' | 'stop_for_page';
  /** It may be about what this one row sends: too long, or taken for an attack. */
  readonly isOfRow?: true;
  /** It sends us to another page, be it the one of a filter that stopped the row. */
  readonly isElsewhere?: true;
  /** Not at work: too busy by its `rate`, or `strained`, `silent` to what stands before it, or a `gateway` speaks. */
  readonly server?: 'rate' | 'strained' | 'silent' | 'gateway';
  /** Of our session, in reply to its check: `missing` where there is no such check. */
  readonly session: 'over' | 'missing' | 'unclear';
  /** Of the address, in reply to a look before the first row: nothing, or `odd`, or that no row can get past it. */
  readonly look: 'clear' | 'odd' | 'wrong';
  /** Of a login: the `credentials` are refused, it is worth another try, or this is no place to log in. */
  readonly login: 'credentials' | 'again' | 'elsewhere';
  /** Of what is registered to a user. */
  readonly listing: 'not_offered' | 'refused' | 'unclear';
  /** That `not_offered` may be about the user. */
  readonly isOfUser?: true;
}

/** One line a status; one that has none says what its class says. */
const STATUSES: Readonly<Record<number, HttpStatus>> = {
  200: { isRead: true, row: 'again', session: 'unclear', look: 'clear', login: 'elsewhere', listing: 'unclear' },
  401: { row: 'session', session: 'over', look: 'clear', login: 'credentials', listing: 'refused' },
  403: { row: 'session', session: 'over', look: 'clear', login: 'credentials', listing: 'refused' },
  404: {
    row: 'pause',
    first: 'stop',
    session: 'missing',
    look: 'odd',
    login: 'elsewhere',
    listing: 'not_offered',
    isOfUser: true,
  },
  // What a registration endpoint says to a mere look.
  405: { row: 'pause', first: 'stop', session: 'missing', look: 'clear', login: 'elsewhere', listing: 'not_offered' },
  408: {
    row: 'again',
    first: 'stop_for_page',
    session: 'missing',
    look: 'clear',
    login: 'elsewhere',
    listing: 'unclear',
  },
  429: { row: 'throttled', server: 'rate', session: 'unclear', look: 'clear', login: 'again', listing: 'unclear' },
  501: { row: 'again', session: 'unclear', look: 'odd', login: 'again', listing: 'not_offered' },
  502: { row: 'again', server: 'gateway', session: 'unclear', look: 'odd', login: 'again', listing: 'unclear' },
  503: { row: 'pause', server: 'strained', session: 'unclear', look: 'odd', login: 'again', listing: 'unclear' },
  504: { row: 'again', server: 'silent', session: 'unclear', look: 'odd', login: 'again', listing: 'unclear' },
};

/** By the first digit. */
const CLASSES: Readonly<Record<number, HttpStatus>> = {
  2: {
    row: 'again',
    first: 'stop_in_doubt',
    session: 'missing',
    look: 'clear',
    login: 'elsewhere',
    listing: 'unclear',
  },
  // Never followed.
  3: {
    row: 'pause',
    first: 'stop',
    isElsewhere: true,
    session: 'missing',
    look: 'wrong',
    login: 'elsewhere',
    listing: 'unclear',
  },
  4: {
    row: 'again',
    first: 'stop',
    isOfRow: true,
    session: 'missing',
    look: 'clear',
    login: 'elsewhere',
    listing: 'unclear',
  },
};

/** 5xx, and what is no status at all. */
const IN_TROUBLE: HttpStatus = { row: 'again', session: 'unclear', look: 'odd', login: 'again', listing: 'unclear' };

export function describeStatus(status: number): HttpStatus {
  return STATUSES[status] ?? CLASSES[Math.floor(status / 100)] ?? IN_TROUBLE;
}

export function isRead(status: number): boolean {
  return describeStatus(status).isRead === true;
}

/** Does it tell of how the server is at present, and not of the request? */
export function isPassing(status: number): boolean {
  return describeStatus(status).login === 'again';
}

/** Was the request refused for its rate, which is no word on what it asked? */
export function isThrottled(reply: Reply | undefined): boolean {
  return reply?.kind === 'status' && describeStatus(reply.httpStatus).row === 'throttled';
}
