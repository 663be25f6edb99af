import { html } from './html.js';
import type { Html } from './html.js';

export interface TableHead {
  readonly title: string;
  /** A count; words of ours that stand in one line; or a name or text of others, which may be one long word. */
  readonly holds?: 'count' | 'words' | 'name' | 'text';
}

/** A cell of a table: text of ours, a count, or what was drawn up for it. */
export type TableCell = Html | string;

/** Each row has its heading in its first cell. A table that is too wide for its place can be scrolled, by keys too. */
export function table(caption: string, head: readonly TableHead[], rows: readonly Html[]): Html {
  // Counts that are drawn over the whole width are hard to follow.
  const isSmall = head.every(({ holds }) => holds === 'count');
  const heads = head.map(({ title, holds }) => html`<th scope="col" ${attribute(holds)}>${title}</th>`);
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table${isSmall ? html` class="small"` : html``}>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

export function toRow(head: readonly TableHead[], cells: readonly TableCell[]): Html {
  const drawn = cells.map((cell, at) =>
    at === 0
      ? html`<th scope="row" ${attribute(head[at]?.holds)}>${cell}</th>`
      : html`<td${attribute(head[at]?.holds)}>${cell}</td>`,
  );
  return html`<tr>
    ${drawn}
  </tr> `;
}

function attribute(holds: TableHead['holds']): Html {
  if (holds === undefined) return html``;
  return html` class="${holds}"`;
}
