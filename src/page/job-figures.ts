import { Latencies } from '../report/latencies.js';
import type { PaceFigures } from '../report/latencies.js';
import { People, tokenOf } from '../report/people.js';
import type { PeopleCount, TokenState } from '../report/people.js';
import { OUTCOME_NAMES, RETRY_MARKERS, retryOf } from '../row/outcome.js';
import type { Outcome, RetryMarker } from '../row/outcome.js';
import type { Settlement } from '../row/settlement.js';
import { bringsKey, byTokenType } from '../row/token-type.js';
import type { TokenType } from '../row/token-type.js';
import { Causes } from './causes.js';
import type { Cause } from './causes.js';
import { RunClock } from './run-clock.js';
import type { RunSpan } from './run-clock.js';
import type { KeyState, KeyStateOf, Mention, Standing } from './standing.js';

/** Names and rows that a page shows of each kind: a million would be no page. */
export const MOST_SHOWN = 200;
/** Values of the column that are counted by themselves. */
const MOST_GROUPS = 200;
/** Return codes that are: a server may make up a new one for every row. */
const MOST_CODES = 100;

export interface GroupFigures {
  readonly name: string;
  readonly rows: number;
  readonly retry: Readonly<Record<RetryMarker, number>>;
  readonly people: PeopleCount;
  readonly byToken: Readonly<Record<TokenState, number>>;
}

export interface JobFigures {
  readonly rows: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** A row that was not tried yet counts as `yes`. */
  readonly retry: Readonly<Record<RetryMarker, number>>;
  readonly untried: number;
  readonly people: PeopleCount;
  /** People. */
  readonly byToken: Readonly<Record<TokenState, number>>;
  /** Rows without a username. */
  readonly nameless: number;
  readonly registered: Readonly<Record<TokenType, number>>;
  readonly causes: readonly Cause[];
  /** The first of the rows that are left, of those with a token, and of OTP tokens whose key is not here. */
  readonly left: readonly Mention[];
  readonly holders: readonly Mention[];
  readonly keyless: readonly Mention[];
  readonly keys: Readonly<Record<KeyState, number>>;
  /** Of those without a key here, by the outcome of their rows. */
  readonly keylessBy: Readonly<Record<Keyless, number>>;
  /** Rows that stand for a token. */
  readonly tokens: number;
  /** By people, the most first; the last may stand for all the others. */
  readonly groups: readonly GroupFigures[];
  readonly returnCodes: ReadonlyMap<string, number>;
  /** Rows by their sends: none, one, two …; the last stands for that many or more. */
  readonly attempts: readonly number[];
  readonly latency: PaceFigures['latency_ms'];
  /** Rows by what their last reply took: the n-th, up to 2^n ms. */
  readonly latencies: readonly number[];
  /** Of each run, what its rows sent last, in equal parts of its time. */
  readonly sends: readonly (readonly number[])[];
}

/** The token was there before the job; its key was lost; or the keys file has none of it. */
export type Keyless = 'already_registered' | 'key_lost' | 'registered';

export const OTHERS = '(all others)';
const MOST_ATTEMPTS = 6;
const MOST_LATENCY = 17;

/** Counts the rows of a job as they come. Memory grows by some 10 bytes a person, and by nothing else. */
export class JobCounter {
  readonly #random: () => number;
  readonly #keyOf: KeyStateOf;
  readonly #total: Group;
  readonly #groups = new Map<string, Group>();
  readonly #others: Group;
  readonly #causes = new Causes();
  readonly #clock: RunClock;
  readonly #latencies = new Latencies();
  readonly #outcomes = zeros(OUTCOME_NAMES);
  readonly #registered = byTokenType(() => 0);
  readonly #keys: Record<KeyState, number> = { none: 0, waiting: 0, handed_out: 0 };
  readonly #codes = new Map<string, number>();
  readonly #attempts = new Array<number>(MOST_ATTEMPTS + 1).fill(0);
  readonly #latency = new Array<number>(MOST_LATENCY + 1).fill(0);
  readonly #named = { left: [] as Mention[], holders: [] as Mention[], keyless: [] as Mention[] };
  readonly #keylessBy: Record<Keyless, number> = { already_registered: 0, key_lost: 0, registered: 0 };
  #untried = 0;
  #nameless = 0;
  #tokens = 0;

  /** @param random from 0 to 1 */
  constructor(runs: readonly RunSpan[], keyOf: KeyStateOf, random: () => number) {
    this.#random = random;
    this.#keyOf = keyOf;
    this.#clock = new RunClock(runs);
    this.#total = new Group('', random);
    this.#others = new Group(OTHERS, random);
  }

  add(row: Standing): void {
    const { settlement } = row;
    if (row.username === '') this.#nameless += 1;
    const retry = settlement === undefined ? 'yes' : retryOf(settlement);
    this.#total.add(row, retry);
    if (row.group !== undefined) this.#group(row.group).add(row, retry);
    if (retry !== 'no') {
      mention(this.#named.left, row);
      this.#causes.add(row, retry);
    }
    if (tokenOf(settlement?.outcome) === 'there') {
      this.#tokens += 1;
      mention(this.#named.holders, row);
    }
    if (settlement === undefined) this.#untried += 1;
    else this.#count(row, settlement);
    if (row.tokenType !== undefined && bringsKey(row.tokenType)) this.#countKey(row);
  }

  result(): JobFigures {
    const groups = [...this.#groups.values()]
      .map((group) => group.result())
      .sort((a, b) => b.people.all - a.people.all);
    const others = this.#others.result();
    const { rows, retry, people, byToken } = this.#total.result();
    return {
      rows,
      retry,
      people,
      byToken,
      nameless: this.#nameless,
      outcomes: this.#outcomes,
      untried: this.#untried,
      registered: this.#registered,
      causes: this.#causes.result(),
      ...this.#named,
      // By another row, which may have come later.
      left: this.#named.left.map((row) => ({ ...row, token: this.#total.tokenOf(row) })),
      keys: this.#keys,
      keylessBy: this.#keylessBy,
      tokens: this.#tokens,
      groups: others.rows > 0 ? [...groups, others] : groups,
      returnCodes: this.#codes,
      attempts: this.#attempts,
      latency: this.#latencies.figures(0, 0).latency_ms,
      latencies: this.#latency,
      sends: this.#clock.counts,
    };
  }

  #countKey(row: Standing): void {
    const { outcome, sentAt } = row.settlement ?? {};
    if (outcome !== 'registered' && outcome !== 'already_registered' && outcome !== 'key_lost') return;
    const key = outcome === 'registered' ? this.#keyOf(row.username, sentAt) : 'none';
    this.#keys[key] += 1;
    if (key !== 'none') return;
    this.#keylessBy[outcome] += 1;
    mention(this.#named.keyless, row);
  }

  #group(name: string): Group {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    if (this.#groups.size >= MOST_GROUPS) return this.#others;
    const group = new Group(name, this.#random);
    this.#groups.set(name, group);
    return group;
  }

  #count({ tokenType }: Standing, settlement: Settlement): void {
    const { outcome, returnCode, attempts, latencyMs, sentAt } = settlement;
    this.#outcomes[outcome] += 1;
    if (outcome === 'registered' && tokenType !== undefined) this.#registered[tokenType] += 1;
    const tries = Math.min(attempts, MOST_ATTEMPTS);
    this.#attempts[tries] = (this.#attempts[tries] ?? 0) + 1;
    if (sentAt !== undefined) this.#clock.add(sentAt);
    if (returnCode !== '') {
      const code = this.#codes.has(returnCode) || this.#codes.size < MOST_CODES ? returnCode : OTHERS;
      this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
    }
    if (latencyMs === undefined || attempts === 0) return;
    this.#latencies.add(latencyMs);
    const power = Math.min(MOST_LATENCY, Math.ceil(Math.log2(Math.max(1, latencyMs))));
    this.#latency[power] = (this.#latency[power] ?? 0) + 1;
  }
}

class Group {
  readonly #name: string;
  readonly #people: People;
  readonly #retry = zeros(RETRY_MARKERS);

  constructor(name: string, random: () => number) {
    this.#name = name;
    this.#people = new People(random);
  }

  add({ username, settlement }: Standing, retry: RetryMarker): void {
    this.#retry[retry] += 1;
    const outcome = settlement?.outcome;
    const isLeft = retry !== 'no' && outcome !== 'undone';
    if (username !== '') this.#people.add(username, { isLeft, token: tokenOf(outcome) });
  }

  tokenOf({ username, outcome }: Mention): TokenState {
    return username === '' ? tokenOf(outcome) : this.#people.tokenOf(username);
  }

  result(): GroupFigures {
    const rows = RETRY_MARKERS.reduce((sum, marker) => sum + this.#retry[marker], 0);
    return {
      name: this.#name,
      rows,
      retry: this.#retry,
      people: this.#people.count(),
      byToken: this.#people.countTokens(),
    };
  }
}

/** A million rows are looked at, and two hundred of them named. */
function mention(list: Mention[], row: Standing): void {
  if (list.length < MOST_SHOWN) list.push(toMention(row));
}

function toMention({ settlement, ...row }: Standing): Mention {
  const retry = settlement === undefined ? 'yes' : retryOf(settlement);
  const outcome = settlement?.outcome;
  return { ...row, outcome, retry, detail: settlement?.detail ?? '', token: tokenOf(outcome) };
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  // Object.fromEntries loses the names, which are all there.
  return Object.fromEntries(names.map((each) => [each, 0])) as Record<Name, number>;
}
