import { failuresToRepeat } from '../core/exit-code.js';
import type { EarlierRun } from '../report/run-report.js';
import { OUTCOME_NAMES, OUTCOMES } from '../row/outcome.js';
import type { RetryMarker } from '../row/outcome.js';
import { LEGEND, timeLine } from './charts.js';
import { commandText, fitting, html, said } from './html.js';
import type { Html } from './html.js';
import {
  administratorsOf,
  durationText,
  countText,
  endText,
  lastedMs,
  numberText,
  runsOf,
  selectionText,
  timeText,
  whoText,
} from './report-words.js';
import type { Story } from './report-words.js';
import { paceSection } from './pace-section.js';
import { table, toRow } from './html-table.js';

/** Room in the page, in bytes. */
const ROOM = { runs: 24_000, typed: 24_000 };
const MOST_BARS = 20;

const RUN_HEAD = [
  { title: 'Run' },
  { title: 'Began' },
  { title: 'Took', holds: 'count' },
  { title: 'For', holds: 'text' },
  { title: 'Sends', holds: 'count' },
  { title: 'Done after it', holds: 'count' },
  { title: 'Left after it', holds: 'count' },
  { title: 'How it ended', holds: 'text' },
] as const;

/** What each run did, and when. */
export function runsSection({ summary, figures }: Story): Html {
  const runs = runsOf(summary);
  if (runs.length === 0) {
    return html`<section id="runs" aria-labelledby="runs-title">
      <h2 id="runs-title">The runs</h2>
      <p>
        The summary of the runs (<code>.summary.json</code>) is not beside the results: what each run did is not known
        here.
      </p>
    </section>`;
  }
  // The newest first: those are asked for.
  const rows = runs.map((run, at) => runRow(run, at + 1)).reverse();
  const { shown, left } = fitting(rows, ROOM.runs);
  const administrators = summary === undefined ? [] : administratorsOf(summary);
  const typed = fitting(runs.map((run, at) => typedRow(run, at + 1, administrators[at])).reverse(), ROOM.typed);
  const rest =
    left > 0
      ? html`<p>
          ${countText(left, 'earlier run')} ${left === 1 ? 'is' : 'are'} not shown here; the summary has
          ${left === 1 ? 'it' : 'them'}.
        </p>`
      : html``;
  return html`<section id="runs" aria-labelledby="runs-title">
    <h2 id="runs-title">The runs</h2>
    ${timeLineOf(runs)} ${table('Each run, the last one first', RUN_HEAD, shown)}${rest}
    ${table('Who typed what, the last one first', TYPED_HEAD, typed.shown)} ${paceSection(runs, figures)}
  </section>`;
}

function timeLineOf(runs: readonly EarlierRun[]): Html {
  const last = runs.slice(-MOST_BARS);
  const first = runs.length - last.length;
  const bars = last.map((run, at) => ({
    label: `run ${first + at + 1}`,
    from: Date.parse(run.started_at),
    to: Date.parse(run.ended_at),
    marker: markerOf(run),
  }));
  const known = bars.filter(({ from, to }) => Number.isFinite(from) && Number.isFinite(to));
  if (known.length === 0) return html``;
  const ends = [last[0]?.started_at ?? '', last.at(-1)?.ended_at ?? ''].map(timeText) as [string, string];
  return html`${LEGEND}${timeLine('Runs on a time line; the table below has the numbers', known, ends)}`;
}

/** Whether it left nothing, what a repetition helps, or what a person has to do. */
function markerOf({ exit_code: code }: EarlierRun): RetryMarker {
  if (code === 0) return 'no';
  return failuresToRepeat(true).includes(code) ? 'yes' : 'fix';
}

function runRow(run: EarlierRun, number: number): Html {
  const { outcomes, rows, sends } = run;
  const done = OUTCOME_NAMES.filter((name) => OUTCOMES[name].retry === 'no').reduce(
    (sum, name) => sum + (outcomes[name] ?? 0),
    0,
  );
  return toRow(RUN_HEAD, [
    String(number),
    timeText(run.started_at),
    durationText(lastedMs(run)),
    said(selectionText(run), 120),
    numberText(sends),
    numberText(done),
    numberText(rows - done),
    said(endText(run), 500),
  ]);
}

const TYPED_HEAD = [
  { title: 'Run' },
  { title: 'Who' },
  { title: 'What was typed', holds: 'text' },
  { title: 'Set otherwise than before', holds: 'text' },
] as const;

function typedRow(run: EarlierRun, number: number, administrator: string | undefined): Html {
  const { made_by: madeBy, changed_settings: changes = {} } = run;
  const changed = Object.entries(changes).map(
    ([name, value]) => `${name} ${value === null ? 'no longer given' : String(value)}`,
  );
  const isKnown = madeBy !== null && madeBy !== undefined;
  return toRow(TYPED_HEAD, [
    String(number),
    isKnown ? said(whoText(run, administrator), 140) : 'not known: an older version',
    isKnown ? commandText(madeBy.command, 400) : '',
    said(changed.join(', '), 200),
  ]);
}
