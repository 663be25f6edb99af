import type { EarlierRun } from '../report/run-report.js';
import { columns } from './charts.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { countText, lastedMs, numberText, timeText } from './report-words.js';
import type { Story } from './report-words.js';
import { table, toRow } from './html-table.js';

const ATTEMPT_HEAD = [
  { title: 'Sends of a row, over all runs', holds: 'count' },
  { title: 'Rows', holds: 'count' },
] as const;

/** How fast it went, what replies took, and how often rows had to be sent. */
export function paceSection(
  runs: readonly EarlierRun[],
  { sends, latency, latencies, attempts }: Story['figures'],
): Html {
  const at = sends.findLastIndex((counts) => counts.some((count) => count > 0));
  const [run, counts] = [runs[at], sends[at]];
  const pace =
    run === undefined || counts === undefined
      ? html`<p>No row that stands in the results was sent by these runs.</p>`
      : paceChart(run, counts, at + 1);
  const tries = attempts.map((rows, count) => ({
    rows,
    label: count === 0 ? 'never sent' : count === attempts.length - 1 ? `${count} or more` : String(count),
  }));
  return html`<h3>Sends a second</h3>
    ${pace}
    <h3>What replies took</h3>
    ${replySection({ latency, latencies })}
    <h3>Retries</h3>
    ${table(
      'Rows by how often they were sent',
      ATTEMPT_HEAD,
      tries.filter(({ rows }) => rows > 0).map(({ label, rows }) => toRow(ATTEMPT_HEAD, [label, numberText(rows)])),
    )}`;
}

/** A picture of fewer columns shows nothing. */
const LEAST_COLUMNS = 5;
/** Names that have room under the columns. */
const MOST_NAMES = 9;

function paceChart(run: EarlierRun, counts: readonly number[], number: number): Html {
  const partS = Math.max(lastedMs(run), 1) / 1000 / counts.length;
  const most = `${rateText(Math.max(...counts) / partS)} a second`;
  const whole = run.pace === undefined ? '' : `, over the whole of it ${rateText(run.pace.sends_per_second)} a second`;
  const ends = [timeText(run.started_at), timeText(run.ended_at)] as const;
  const title = `Sends a second in run ${number}, at most ${most}`;
  const chart = counts.length < LEAST_COLUMNS ? html`` : columns({ title, values: counts, ends, unit: most });
  return html`<p>Run ${number}${whole}; at most ${most}, of the last sends of its rows.</p>
    ${chart}`;
}

const REPLY_HEAD = [
  { title: 'The last reply took', holds: 'count' },
  { title: 'Rows', holds: 'count' },
] as const;

function replySection({ latency, latencies }: Pick<Story['figures'], 'latency' | 'latencies'>): Html {
  if (latency === null) return html`<p>No reply has come yet.</p>`;
  const from = latencies.findIndex((count) => count > 0);
  const values = latencies.slice(from, latencies.findLastIndex((count) => count > 0) + 1);
  const names = values.map((_, at) => `≤ ${msText(from + at)}`);
  const labels = names.map((name, at) => (names.length <= MOST_NAMES || at % 2 === 0 ? name : ''));
  const unit = countText(Math.max(...values), 'row');
  const title = `Rows by what their last reply took; the table below has the numbers`;
  const rows = values.map((count, at) => toRow(REPLY_HEAD, [names[at] ?? '', numberText(count)]));
  return html`<p>
      Half of the replies came within ${latency.median} ms, 95 of 100 within ${latency.p95} ms, 99 of 100 within
      ${latency.p99} ms.
    </p>
    ${values.length < LEAST_COLUMNS ? html`` : columns({ title, values, labels, unit })}
    ${table('Rows by what their last reply took', REPLY_HEAD, rows)}`;
}

function rateText(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : numberText(Math.round(rate));
}

/** What the n-th column holds, at most. */
function msText(power: number): string {
  const ms = 2 ** power;
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
