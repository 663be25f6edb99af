import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import { namesOf } from '../core/table.js';
import type { TokenType } from '../row/token-type.js';
import type { Stop } from '../core/stop.js';
import { findToken } from '../server/token-listing.js';
import type { Sought, TokenListing } from '../server/token-listing.js';

export const PRESENCES = {
  there: 'the server shows it',
  missing: 'the server does not show it',
  gone: 'undo unregistered it, and the server does not show it any more',
  still_there: 'undo unregistered it, and the server shows it all the same',
  uncheckable:
    'a token is there, and nobody can tell whose: the signature file is away, or it is an OTP token after an undo',
  unclear: 'the server gave no usable answer, or was not asked',
} as const;
export type Presence = keyof typeof PRESENCES;
export const PRESENCE_NAMES = namesOf(PRESENCES);

export interface RegisteredRow {
  /** In the first input. */
  readonly line: number;
  readonly username: string;
  readonly tokenType: TokenType;
  /** Undo has unregistered it: it should not be there. */
  readonly isUndone?: boolean;
  /** What the listing shows of no other; undefined where there is no such thing, or the file can't be read. */
  readonly mark: () => string | undefined;
}

/** Is what the row registered among what the server has of its user? */
export function presenceOf(listing: TokenListing, sought: Sought): Presence {
  switch (findToken(listing, sought)) {
    case 'ours':
    case 'one':
      return 'there';
    case 'another':
    case 'none':
      return 'missing';
    case 'some':
      return 'uncheckable';
  }
}

/** Is what undo unregistered gone from there? An OTP token that is shown may be one that somebody has given since. */
export function absenceOf(listing: TokenListing, sought: Sought): Presence {
  switch (findToken(listing, sought)) {
    case 'ours':
      return 'still_there';
    case 'another':
    case 'none':
      return 'gone';
    case 'one':
    case 'some':
      return 'uncheckable';
  }
}

/** What `verify` says to a machine: one JSON object, its names in snake case like the columns. */
export interface VerifyReport {
  readonly version: 1;
  readonly results: string;
  readonly server: string;
  readonly exit_code: ExitCode;
  readonly stopped_by: string | null;
  readonly rows: number;
  readonly presence: Readonly<Record<Presence, number>>;
  readonly missing_rows: readonly NamedRegistration[];
  readonly still_there_rows: readonly NamedRegistration[];
}

export interface NamedRegistration {
  readonly line: number;
  readonly username: string;
  readonly token_type: TokenType;
}

/** Rows that a report names: a server that was set back to last week must not fill the memory. */
const MAX_NAMED = 10_000;

export class VerifyCounter {
  // Object.fromEntries loses the names, which are all there.
  readonly #presence = Object.fromEntries(PRESENCE_NAMES.map((name) => [name, 0])) as Record<Presence, number>;
  readonly #named: Readonly<Record<'missing' | 'still_there', NamedRegistration[]>> = { missing: [], still_there: [] };

  add({ line, username, tokenType }: Omit<RegisteredRow, 'mark'>, presence: Presence): void {
    this.#presence[presence] += 1;
    const named = presence === 'missing' || presence === 'still_there' ? this.#named[presence] : undefined;
    if (named === undefined || named.length >= MAX_NAMED) return;
    named.push({ line, username, token_type: tokenType });
  }

  result(of: { readonly results: string; readonly server: string; readonly stop: Stop | undefined }): VerifyReport {
    const { results, server, stop } = of;
    return {
      version: 1,
      results,
      server,
      exit_code: this.#exitCode(stop),
      stopped_by: stop?.reason ?? null,
      rows: PRESENCE_NAMES.reduce((sum, name) => sum + this.#presence[name], 0),
      presence: { ...this.#presence },
      missing_rows: [...this.#named.missing],
      still_there_rows: [...this.#named.still_there],
    };
  }

  /** What is not known is no success. */
  #exitCode(stop: Stop | undefined): ExitCode {
    if (stop !== undefined) return EXIT_CODES[stop.kind].code;
    if (this.#presence.missing + this.#presence.still_there > 0) return EXIT_CODES.fix.code;
    return this.#presence.unclear > 0 ? EXIT_CODES.stopped.code : EXIT_CODES.done.code;
  }
}
