import type { Administrator } from '../../src/gate/logins.js';
import fc from 'fast-check';
import type { Clock } from '../../src/core/clock.js';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import type { AddedColumn } from '../../src/input/added-column.js';
import type { UsedCells } from '../../src/input/correction.js';
import type { Circumstances } from '../../src/row/decision.js';
import { PLAIN_DIALECT } from '../../src/input/dialect.js';
import type { HttpReply } from '../../src/server/exchange.js';
import type { FileRow, RowFile } from '../../src/input/file-row.js';
import { parseHeader } from '../../src/input/header.js';
import type { Header } from '../../src/input/header.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import type { OtpRegistration, PkiRegistration } from '../../src/row/registration.js';
import type { Answer, OtherStatus, Reply, Unanswered, Unreadable, Unsent } from '../../src/row/reply.js';
import { addAttempt, beginRow } from '../../src/row/row-state.js';
import type { RowState } from '../../src/row/row-state.js';
import type { Round } from '../../src/manifest/round.js';
import type { Origin } from '../../src/report/origin.js';
import { RowFigures } from '../../src/report/row-figures.js';
import type { EndedRun } from '../../src/report/run-report.js';
import { SummaryCounter } from '../../src/report/summary.js';
import { toAddedCells } from '../../src/record/added-cells.js';
import type { Settlement } from '../../src/row/settlement.js';

/** Valid values with one thing changed. */

export const NOON = Date.UTC(2026, 0, 31, 12, 0, 0, 250);

export function aRegistration(changes: Partial<PkiRegistration> = {}): PkiRegistration {
  return { tokenType: 'pki', username: 'ann', signaturePath: 'ann.p7s', status: '2', algorithm: undefined, ...changes };
}

export function anOtpRegistration(changes: Partial<OtpRegistration> = {}): OtpRegistration {
  return { tokenType: 'otp', username: 'ann', ...changes };
}

/** A reply with a return code. */
export function aReply(changes: Partial<Answer> = {}): Answer {
  return { kind: 'answer', httpStatus: 200, code: '0', message: 'Success', key: undefined, ...changes };
}

/** A whole reply of the server's, with its time. */
export function anExchange(changes: Partial<HttpReply> = {}): HttpReply {
  const dated = { date: new Date(NOON).toUTCString(), isCached: false, leftAt: 0, cameAt: 10 };
  return { kind: 'reply', status: 200, retryAfter: undefined, dated, body: '', ...changes };
}

export function aStatus(httpStatus: number, retryAfterMs?: number): OtherStatus {
  return { kind: 'status', httpStatus, retryAfterMs };
}

export function anUnreadable(why: Unreadable['why'] = 'the reply is not JSON'): Unreadable {
  return { kind: 'unreadable', httpStatus: 200, why };
}

export function anUnanswered(why = 'the connection was reset'): Unanswered {
  return { kind: 'unanswered', why };
}

export function anUnsent(why = 'the connection was refused'): Unsent {
  return { kind: 'unsent', why };
}

/** What earlier runs left of a row. */
export function aSettlement(changes: Partial<Settlement> = {}): Settlement {
  return {
    outcome: 'registered',
    returnCode: '0',
    message: 'Success',
    httpStatus: 200,
    attempts: 1,
    sentAt: NOON,
    latencyMs: 12,
    detail: '',
    ...changes,
  };
}

/** A row under way: as it begins, with what a test changes. */
export function aState(changes: Partial<RowState> = {}): RowState {
  return { ...beginRow(undefined), ...changes };
}

/** The state that these replies leave, by sends one second apart. */
export function stateAfter(replies: readonly Reply[], begun: RowState = beginRow(undefined)): RowState {
  return replies.reduce(
    (state, reply, at) => addAttempt(state, { reply, sentAt: NOON + at * 1000, latencyMs: at + 1 }),
    begun,
  );
}

export function someCircumstances(changes: Partial<Circumstances> = {}): Circumstances {
  return { tokenType: 'pki', maxAttempts: 4, endpointSeen: true, isRowAlone: false, random: 0, ...changes };
}

export const OWN_NAMES = ['username', 'token_type', 'signature_path', 'status', 'algorithm'] as const;

export function aHeader(names: readonly string[] = OWN_NAMES): Header {
  const header = parseHeader(names);
  if ('problem' in header) throw new Error(header.problem);
  return header;
}

/** The cells of a row under {@link OWN_NAMES}. */
export function someCells(changes: Partial<UsedCells> = {}): string[] {
  const cells = { ...someUsedCells(), ...changes };
  return OWN_NAMES.map((name) => cells[name]);
}

export function someUsedCells(changes: Partial<UsedCells> = {}): UsedCells {
  return { username: 'ann', token_type: 'pki', signature_path: 'ann.p7s', status: '2', algorithm: '', ...changes };
}

/** The cells that a run added for a settlement. */
export function addedCells(settlement = aSettlement(), line = 2): Record<AddedColumn, string> {
  const cells = toAddedCells(line, settlement);
  return Object.fromEntries(ADDED_COLUMN_NAMES.map((name, at) => [name, cells[at]])) as Record<AddedColumn, string>;
}

export function aFileRow(changes: Partial<FileRow> = {}): FileRow {
  return { line: 2, cells: someCells(), added: undefined, ...changes };
}

export function aRowFile(rows: readonly FileRow[] = [], header = aHeader()): RowFile {
  return {
    name: 'users.csv',
    dialect: PLAIN_DIALECT,
    header,
    batches: async function* () {
      yield await Promise.resolve(rows);
    },
    records: async function* () {
      yield* await Promise.resolve([{ line: 1, cells: header.ownNames }, ...rows]);
    },
  };
}

/** A clock that a test moves. */
export class HandClock implements Clock {
  #now = NOON;
  readonly #alarms = new Map<object, { readonly at: number; readonly ring: () => void }>();

  readonly now = (): number => this.#now;
  readonly monotonic = (): number => this.#now - NOON;
  readonly random = (): number => 0.5;

  readonly after = (delayMs: number, ring: () => void): (() => void) => {
    const alarm = {};
    this.#alarms.set(alarm, { at: this.#now + delayMs, ring });
    return () => this.#alarms.delete(alarm);
  };

  get waiting(): number {
    return this.#alarms.size;
  }

  /** Rings what is due by then, in its order. */
  move(byMs: number): void {
    const end = this.#now + byMs;
    for (;;) {
      const [next] = [...this.#alarms].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (next === undefined) break;
      this.#alarms.delete(next[0]);
      this.#now = next[1].at;
      next[1].ring();
    }
    this.#now = end;
  }
}

/** Any text: control characters, lone surrogates and all. */
export const anyText = fc.string({ unit: 'binary', maxLength: 40 });
/** Any UTF-16 code units, half pairs among them. */
export const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 700 })
  .map((units) => String.fromCharCode(...units));
const anyCount = fc.integer({ min: 0, max: 1_000_000 });

export const anySettlement: fc.Arbitrary<Settlement> = fc.record({
  outcome: fc.constantFrom(...OUTCOME_NAMES),
  returnCode: fc.oneof(fc.constantFrom('', '0', '22027'), anyText),
  message: fc.oneof(anyText, anyUnits),
  httpStatus: fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
  attempts: anyCount,
  sentAt: fc.option(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), { nil: undefined }),
  latencyMs: fc.option(anyCount, { nil: undefined }),
  detail: fc.oneof(anyText, anyUnits),
});

/** Any reply, the likely ones often. */
export const anyReply: fc.Arbitrary<Reply> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('10003', '10004', '10011', '23025').map((code) => aReply({ code })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('0', '10001', '10002', '22002', '22027', '22029', '27001', '29008', '99999')
      .map((code) => aReply({ code })),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(302, 400, 401, 403, 404, 429, 429, 429, 500, 503).map((status) => aStatus(status, 1000)),
  },
  { weight: 4, arbitrary: fc.constantFrom(anUnanswered(), anUnreadable(), anUnsent(), anUnsent('no connection')) },
);

/** Whom no other run keeps from logging in. */
export function anAdministrator(changes: Partial<Administrator> = {}): Administrator {
  return { name: 'admin', from: 'process 12 on here', reserve: () => Promise.resolve(undefined), ...changes };
}

export const AN_ORIGIN: Origin = {
  program: 'centagate-provision 0.1.0',
  command: 'centagate-provision run users.csv',
  node: 'v20.20.2',
  host: 'desk-7',
  system_user: 'mia',
  time_zone: 'Europe/Berlin',
};

/** A run of 1.5 s at noon with one row, whose send left; it is the first of its stem. */
export function anEndedRun(changes: Partial<EndedRun> = {}): EndedRun {
  const counter = new SummaryCounter();
  const figures = new RowFigures(() => 0.5);
  const row = { settlement: aSettlement(), carried: false, sends: 1, withoutKey: false };
  counter.add(row);
  figures.add(row, 'ann');
  return {
    id: 'this',
    madeBy: AN_ORIGIN,
    input: 'users.csv',
    inputBytes: 120,
    inputSha256: 'ab'.repeat(32),
    inputRows: 1,
    startedAt: NOON,
    endedAt: NOON + 1500,
    selection: {},
    summary: counter.result(undefined),
    figures,
    exitCode: 0,
    warnings: {},
    signaturesDir: '/data/signatures',
    encoding: 'utf-8',
    columns: { username: 'UPN' },
    settings: { server: 'https://centagate.example', concurrency: 16 },
    corrections: [],
    earlier: undefined,
    ...changes,
  };
}

/** A first round of eight shards, before any run of the whole. */
export function aRound(changes: Partial<Round> = {}): Round {
  return {
    version: 1,
    run_id: 'a-merge',
    made_at: new Date(NOON).toISOString(),
    shards: 8,
    server: 'https://centagate.example',
    input: { file: 'users.csv', bytes: 120, sha256: 'ab'.repeat(32), rows: 1, hash_total: 5 },
    history: { results: null, summary: null },
    keys: { bytes: 0, missing: 'username,key,registered_at,written,object\n' },
    ...changes,
  };
}
