import type { RetryMarker } from '../row/outcome.js';
import { RETRY_MARKERS } from '../row/outcome.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { numberText, RETRY_WORDS } from './report-words.js';

/*
 * Pictures are drawn with presentation attributes and classes alone: a strict policy lets no style stand in an element. What
 * they show stands in a table beside them; who can't tell colours apart goes by the patterns.
 */

const WIDTH = 720;

/** How each marker is filled: plain, striped, crossed. Stands once in a page. */
export const PATTERNS = html`<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false">
  <defs>
    <pattern id="fill-no" width="8" height="8" patternUnits="userSpaceOnUse">
      <rect class="no" width="8" height="8" />
    </pattern>
    <pattern id="fill-yes" width="8" height="8" patternUnits="userSpaceOnUse">
      <rect class="yes" width="8" height="8" />
      <path class="over" d="M-2 2l4-4M0 8l8-8M6 10l4-4" />
    </pattern>
    <pattern id="fill-fix" width="8" height="8" patternUnits="userSpaceOnUse">
      <rect class="fix" width="8" height="8" />
      <path class="over" d="M0 0l8 8M8 0l-8 8" />
    </pattern>
  </defs>
</svg>`;

export const LEGEND = html`<ul class="legend">
  ${RETRY_MARKERS.map(
    (marker) =>
      html`<li>
        <svg width="14" height="14" aria-hidden="true" focusable="false">
          <rect width="14" height="14" fill="url(#fill-${marker})" />
        </svg>
        ${RETRY_WORDS[marker]}
      </li>`,
  )}
</ul>`;

/** Rows by marker, in one line; the text in front is cut to its place by whoever gives it. */
export interface StackedBar {
  readonly label: string;
  readonly rows: Readonly<Record<RetryMarker, number>>;
}

/** One bar for each, all to one scale. */
export function stackedBars(title: string, bars: readonly StackedBar[]): Html {
  const [labelWidth, line] = [bars.some(({ label }) => label !== '') ? 190 : 0, 26];
  const room = WIDTH - labelWidth - 60;
  const totals = bars.map(({ rows }) => sum(rows));
  const most = Math.max(1, ...totals);
  const drawn = bars.map(({ label, rows }, at) => {
    let x = labelWidth;
    const parts = RETRY_MARKERS.filter((marker) => rows[marker] > 0).map((marker) => {
      const width = Math.max(2, (rows[marker] / most) * room);
      const part = html`<rect
        x="${px(x)}"
        y="${at * line + 4}"
        width="${px(width)}"
        height="18"
        fill="url(#fill-${marker})"
      />`;
      x += width + 1;
      return part;
    });
    const text = html`<text x="${labelWidth - 8}" y="${at * line + 17}" class="end">${label}</text>`;
    return html`${label === '' ? '' : text}${parts}<text x="${px(x + 5)}" y="${at * line + 17}"
        >${numberText(totals[at] ?? 0)}</text
      >`;
  });
  return picture(title, bars.length * line + 4, html`${drawn}`);
}

/** Columns over an axis, with the highest value named. */
export interface Columns {
  readonly title: string;
  readonly values: readonly number[];
  /** Under each of them. */
  readonly labels?: readonly string[];
  /** Under the first and the last. */
  readonly ends?: readonly [string, string];
  /** Of the highest value. */
  readonly unit: string;
}

export function columns({ title, values, labels = [], ends, unit }: Columns): Html {
  const [height, bottom, left] = [130, 24, 8];
  const most = Math.max(...values, 0);
  const step = (WIDTH - left) / Math.max(1, values.length);
  const bars = values.map((value, at) => {
    const tall = most === 0 ? 0 : Math.max(value > 0 ? 2 : 0, (value / most) * (height - 20));
    const width = Math.max(1, step - (values.length > 30 ? 1 : 6));
    return html`<rect
      class="bar"
      x="${px(left + at * step)}"
      y="${px(height - tall)}"
      width="${px(width)}"
      height="${px(tall)}"
    />`;
  });
  const below = labels.map((label, at) => {
    const x = left + at * step + Math.max(1, step - 6) / 2;
    return html`<text x="${px(x)}" y="${height + 17}" class="middle">${label}</text>`;
  });
  const names = ends === undefined ? below : endNames(ends, left, height + 17);
  const highest = html`<text x="${left}" y="12">highest: ${unit}</text>`;
  const axis = html`<path class="axis" d="M${left} ${height}H${WIDTH}" />`;
  return picture(title, height + bottom, html`${highest}${bars}${axis}${names}`);
}

export interface RunBar {
  readonly label: string;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly marker: RetryMarker;
}

/** Runs under each other, each from its beginning to its end. */
export function timeLine(title: string, runs: readonly RunBar[], ends: readonly [string, string]): Html {
  const [left, line, top] = [110, 20, 6];
  const [from, to] = [Math.min(...runs.map((run) => run.from)), Math.max(...runs.map((run) => run.to))];
  const scale = (WIDTH - left - 10) / Math.max(1, to - from);
  const bars = runs.map((run, at) => {
    const y = top + at * line;
    const [x, width] = [left + (run.from - from) * scale, Math.max(4, (run.to - run.from) * scale)];
    return html`<text x="${left - 8}" y="${y + 12}" class="end">${run.label}</text
      ><path class="grid" d="M${left} ${y + 8}H${WIDTH}" /><rect
        x="${px(Math.min(x, WIDTH - width))}"
        y="${y}"
        width="${px(width)}"
        height="15"
        fill="url(#fill-${run.marker})"
      />`;
  });
  const bottom = top + runs.length * line;
  const axis = html`<path class="axis" d="M${left} ${bottom + 2}H${WIDTH}" />`;
  const names = endNames(ends, left, bottom + 18);
  return picture(title, bottom + 26, html`${bars}${axis}${names}`);
}

function endNames([first, last]: readonly [string, string], left: number, y: number): Html {
  return html`<text x="${left}" y="${y}">${first}</text><text x="${WIDTH}" y="${y}" class="end">${last}</text>`;
}

function picture(title: string, height: number, drawn: Html): Html {
  return html`<svg class="picture" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}" focusable="false">
    ${drawn}
  </svg>`;
}

function sum(rows: Readonly<Record<RetryMarker, number>>): number {
  return RETRY_MARKERS.reduce((total, marker) => total + rows[marker], 0);
}

/** A tenth of a unit is finer than any screen. */
function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
