import { describe, expect, it } from 'vitest';
import * as adminSession from '../../src/gate/admin-session.js';
import * as backoff from '../../src/core/backoff.js';
import { MAX_THROTTLED } from '../../src/row/decision.js';
import * as lock from '../../src/record/lock-holder.js';
import { RETURN_CODES } from '../../src/row/return-code.js';
import type { ReturnCode } from '../../src/row/return-code.js';
import { MOST_OFF_MS } from '../../src/core/clock.js';
import * as serverClock from '../../src/server/server-clock.js';
import { LOGOUT_MS } from '../../src/server/admin-account.js';
import { MAX_REPLY_BYTES } from '../../src/network/connection.js';
import { MAX_RECORD_BYTES } from '../../src/input/records.js';
import { MAX_WORKBOOK_BYTES } from '../../src/input/workbook.js';
import { MAX_LOGINS } from '../../src/gate/logins.js';
import { failuresToRepeat } from '../../src/core/exit-code.js';
import { MOST_SHARDS } from '../../src/plan/shard.js';
import { METRICS_EVERY_MS } from '../../src/monitor/run-monitor.js';
import { QUIET_MS } from '../../src/gate/change-log.js';
import { ENOUGH_ROWS } from '../../src/batch/failure-limit.js';
import * as outage from '../../src/gate/outage.js';
import * as retries from '../../src/gate/retry-budget.js';
import * as rate from '../../src/gate/send-rate.js';
import * as sends from '../../src/gate/send-window.js';
import { MOST_SILENT_LOOKS } from '../../src/server/server-time.js';
import { readDocument } from '../support/document.js';

const sessionCodes = codesWhere(({ verdict }) => verdict === 'session').join(' or ');
const stampCodes = codesWhere(({ isForStamp = false }) => isForStamp).join(' or ');
const retryAfter = `at most ${minutes(backoff.MAX_RETRY_AFTER_MS)}`;
const doubling = `after ${seconds(outage.FIRST_PAUSE_MS)}, then twice as long up to ${seconds(outage.LAST_PAUSE_MS)}`;
const longOff = minutes(MOST_OFF_MS);

/** What the documents say of numbers that are constants in the code. */
const sentences: Readonly<Record<string, readonly string[]>> = {
  'docs/pace.md': [
    `backoff from ${seconds(backoff.BASE_MS)} to ${seconds(backoff.MAX_MS)} with full jitter, on top of the server's \`Retry-After\` (${retryAfter})`,
    `or the ${ordinal(sends.SILENT)} time-out, cut or 504 among ${sends.LAST_REPLIES} replies`,
    `${percent(1 - rate.UNDER)} under what was accepted, ${percent(rate.GROWTH)} more after ${seconds(rate.GROWTH_MS)}`,
    `forgotten at ${rate.FORGOTTEN} times as many`,
    `\`Retry-After\` (${retryAfter}), and any 503`,
    `${retries.BURST} at once, then ${percent(retries.SHARE)} of the first sends`,
    `after ${MAX_THROTTLED} times in a row it is left for another run`,
    `a reply is read up to ${mebibytes(MAX_REPLY_BYTES)}`,
    `A look takes ${seconds(serverClock.SLOWEST_MS)} at most, a logout ${seconds(LOGOUT_MS)}`,
    `for ${outage.ROWS} different rows in a row: one probe at a time, ${doubling}`,
    `more rows fail than \`--max-failures\`, a share of them from ${ENOUGH_ROWS} rows on`,
    `of a kind at most one in ${seconds(QUIET_MS)}`,
  ],
  'docs/session.md': [
    `a row is refused with 401, 403, ${sessionCodes.replace(' or ', ', ').replace(/, (?=\d+$)/, ' or ')}`,
    `${adminSession.MAX_REFUSED_ALONE} users in a row that no earlier run knew as \`refused\``,
    `No other row comes within ${seconds(adminSession.PATIENCE_MS)}: \`unavailable\``,
    `after its \`Retry-After\` or ${doubling.replace('after ', '')}`,
    `then it is asked again, ${adminSession.MAX_CHECKS} times in all`,
    `never more than ${MAX_LOGINS} logins without an accepted`,
  ],
  'docs/clock.md': [
    `where this machine's is over ${seconds(serverClock.TOLERATED_MS)} off; you are warned of an offset over ${seconds(serverClock.NOTABLE_MS)}`,
    `A reply with \`Age\`, or slower than ${seconds(serverClock.SLOWEST_MS)}, tells nothing`,
    `the server's by a reply that is over ${longOff} off`,
    `or ${MOST_SILENT_LOOKS} looks in a row without a reply`,
    `does not start (exit 2) when this machine's clock is over ${longOff} off`,
  ],
  'docs/return-codes.md': [
    `A row that meets it ${MAX_THROTTLED} times in a row is left for another run`,
    `PKI: ${stampCodes}, where the reply's \`Date\` shows a stamp over ${longOff} off`,
    `empty, over ${mebibytes(MAX_REPLY_BYTES)}`,
    `401, 403, ${sessionCodes.replace(' or ', ', ')} | the session is in question`,
  ],
  'docs/input.md': [
    `a record over ${mebibytes(MAX_RECORD_BYTES)}`,
    `may have ${mebibytes(MAX_WORKBOOK_BYTES)} at most`,
  ],
  'docs/monitoring.md': [`when the run begins, each ${seconds(METRICS_EVERY_MS)}, and at the end`],
  'docs/results.md': [
    `has not renewed its lock for ${minutes(lock.DEAD_AFTER_MS)}`,
    `its lock is watched for ${seconds(lock.WATCH_MS)}`,
  ],
  'docs/shards.md': [
    `A scheduler may repeat a shard after ${failuresToRepeat(true)
      .join(', ')
      .replace(/, (?=\d+$)/, ' and ')},`,
    `and n is at most ${MOST_SHARDS}`,
  ],
};

describe.each(Object.entries(sentences))('%s', (path, expected) => {
  // A sentence may go over the end of a line.
  const text = readDocument(path).replaceAll('\n', ' ');

  it.each(expected)('says: %s', (sentence) => {
    expect(text).toContain(sentence);
  });
});

function codesWhere(isMeant: (code: ReturnCode) => boolean): string[] {
  return Object.entries<ReturnCode>(RETURN_CODES)
    .filter(([, known]) => isMeant(known))
    .map(([code]) => code);
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

function minutes(ms: number): string {
  return ms === 60_000 ? '1 minute' : `${ms / 60_000} minutes`;
}

function mebibytes(bytes: number): string {
  return `${bytes / 1024 ** 2} MiB`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function ordinal(count: number): string {
  return ['first', 'second', 'third', 'fourth', 'fifth'][count - 1] ?? `${count}th`;
}
