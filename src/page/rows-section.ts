import { showText } from '../core/safe-text.js';
import { OUTCOME_NAMES, OUTCOMES } from '../row/outcome.js';
import { describeTokenType } from '../row/token-type.js';
import type { TokenType } from '../row/token-type.js';
import { LEGEND, stackedBars } from './charts.js';
import { commandText, fitting, html, said } from './html.js';
import type { Html } from './html.js';
import { OTHERS } from './job-figures.js';
import type { GroupFigures } from './job-figures.js';
import type { Mention } from './standing.js';
import { actorOf, countText, explainCause, numberText, RETRY_WORDS, TOKEN_WORDS } from './report-words.js';
import type { Story } from './report-words.js';
import { toMessage } from './message.js';
import { table, toRow } from './html-table.js';

/** Characters of what came from a file or the server. */
const [NAME, DETAIL] = [60, 240];
/** Room in the page, in bytes, for each kind of what grows with the job. */
const ROOM = { causes: 36_000, left: 78_000, groups: 24_000 };
const MOST_BARS = 20;

/** What is left and what to do, before all else. */
export function messageSection(story: Story): Html {
  const { headline, sentences, steps } = toMessage(story);
  const items = steps.map(
    ({ text, command }) =>
      html`<li>${text}${command === undefined ? '' : html`<pre>${commandText(command, 2000)}</pre>`}</li>`,
  );
  return html`<section id="next" aria-labelledby="next-title">
    <p class="headline">${headline}</p>
    <ul>
      ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
    <h2 id="next-title">What to do next</h2>
    <ol>
      ${items}
    </ol>
  </section>`;
}

const CAUSE_HEAD = [
  { title: 'Who can act' },
  { title: 'Rows', holds: 'count' },
  { title: 'What happened', holds: 'text' },
  { title: 'What to do' },
  { title: 'The first of them', holds: 'text' },
] as const;

export function leftSection({ figures, files, column }: Story): Html {
  const { causes, left, retry } = figures;
  const total = retry.yes + retry.fix;
  if (total === 0) return html``;
  const rows = causes.map((cause) => {
    const { happened, remedy } = explainCause(cause);
    const who = cause.who.map(({ username, line, failedLine }) => {
      const lines = failedLine === undefined ? `line ${line}` : `line ${line}; ${failedLine} of ${files.failed}`;
      return username === '' ? html`${lines}` : html`${said(username, NAME)} (${lines})`;
    });
    const first = who.map((one, at) => html`${at > 0 ? ', ' : ''}${one}`);
    const more = cause.rows > who.length ? html` … and ${numberText(cause.rows - who.length)} more` : html``;
    return toRow(CAUSE_HEAD, [
      actorOf(cause),
      numberText(cause.rows),
      said(happened, DETAIL),
      showText(remedy, DETAIL),
      html`${first}${more}`,
    ]);
  });
  const { shown, left: cut } = fitting(rows, ROOM.causes);
  const reasons = cut > 0 ? html`<p>${countText(cut, 'reason')} more stand in ${files.failed}.</p>` : html``;
  return html`<section id="left" aria-labelledby="left-title">
    <h2 id="left-title">What is left, and why</h2>
    ${table('Why rows are left, and who can act', CAUSE_HEAD, shown)}${reasons}
    ${rowsTable(left, { total, file: files.failed, column })}
  </section>`;
}

interface Rest {
  readonly total: number;
  readonly file: string;
  readonly column: string | undefined;
}

function rowsTable(rows: readonly Mention[], { total, file, column }: Rest): Html {
  const head = [
    { title: 'Line', holds: 'count' } as const,
    { title: 'Failed file', holds: 'count' } as const,
    { title: 'Username', holds: 'name' } as const,
    { title: 'Token' },
    ...(column === undefined ? [] : [{ title: showText(column, NAME), holds: 'text' as const }]),
    { title: 'Outcome', holds: 'words' } as const,
    { title: 'Is', holds: 'words' } as const,
    { title: 'Has a token' },
    { title: 'Detail', holds: 'text' } as const,
  ];
  const drawn = rows.map(({ line, failedLine, username, tokenType, group = '', outcome, retry, detail, token }) =>
    toRow(head, [
      String(line),
      failedLine === undefined ? '' : String(failedLine),
      said(username, NAME),
      typeText(tokenType),
      ...(column === undefined ? [] : [said(group, NAME)]),
      outcome ?? 'not tried yet',
      RETRY_WORDS[retry],
      TOKEN_WORDS[token],
      said(detail, DETAIL),
    ]),
  );
  const { shown } = fitting(drawn, ROOM.left);
  const isAll = shown.length === total;
  const caption = isAll
    ? `Every row that is left (${numberText(total)})`
    : `The first ${shown.length} of ${numberText(total)} rows that are left`;
  const rest = isAll ? html`` : html`<p>All of them stand in ${file}.</p>`;
  return html`<h3>Row by row</h3>
    ${table(caption, head, shown)}${rest}`;
}

export function typeText(tokenType: TokenType | undefined): string {
  return tokenType === undefined ? '' : describeTokenType(tokenType).label;
}

const OUTCOME_HEAD = [
  { title: 'Outcome', holds: 'words' },
  { title: 'Rows', holds: 'count' },
  { title: 'Is', holds: 'words' },
  { title: 'Meaning' },
  { title: 'What to do' },
] as const;

export function outcomeSection({ figures }: Story): Html {
  const { outcomes, retry, untried } = figures;
  const rows = OUTCOME_NAMES.filter((name) => outcomes[name] > 0).map((name) => {
    const { retry: marker, meaning, remedy } = OUTCOMES[name];
    return toRow(OUTCOME_HEAD, [name, numberText(outcomes[name]), RETRY_WORDS[marker], meaning, remedy]);
  });
  const byHand =
    untried > 0
      ? [
          toRow(OUTCOME_HEAD, [
            '(none yet)',
            numberText(untried),
            RETRY_WORDS.yes,
            'added by hand, not tried yet',
            'Rerun.',
          ]),
        ]
      : [];
  const title = `Rows: ${retry.no} done, ${retry.yes} to run again, ${retry.fix} to correct first`;
  return html`<section id="rows" aria-labelledby="rows-title">
    <h2 id="rows-title">Every row</h2>
    ${LEGEND}${stackedBars(title, [{ label: '', rows: retry }])}
    ${table('Rows by what became of them', OUTCOME_HEAD, [...rows, ...byHand])}
  </section>`;
}

const GROUP_HEAD = [
  { title: 'People', holds: 'count' },
  { title: 'With a token', holds: 'count' },
  { title: 'Key lost', holds: 'count' },
  { title: 'Without', holds: 'count' },
  { title: 'In doubt', holds: 'count' },
  { title: 'Rows done', holds: 'count' },
  { title: 'To run again', holds: 'count' },
  { title: 'To correct', holds: 'count' },
] as const;

export function groupSection({ figures, column }: Story): Html {
  const { groups } = figures;
  if (column === undefined) {
    return html`<section id="groups" aria-labelledby="groups-title">
      <h2 id="groups-title">By department</h2>
      <p>The input has no column that looks like one. Any other can be named: <code>--by “column”</code>.</p>
    </section>`;
  }
  const name = showText(column, NAME);
  const head = [{ title: name, holds: 'text' } as const, ...GROUP_HEAD];
  const drawn = groups.map((group) => toRow(head, [groupName(group), ...groupCounts(group)]));
  const { shown, left } = fitting(drawn, ROOM.groups);
  const rest =
    left > 0
      ? html`<p>${countText(left, 'value')} more of this column ${left === 1 ? 'is' : 'are'} not shown here.</p>`
      : html``;
  const bars = groups
    .slice(0, MOST_BARS)
    .map(({ name: label, retry }) => ({ label: showText(label === '' ? '(empty)' : label, 24), rows: retry }));
  const cut = groups.length > MOST_BARS ? `, the first ${MOST_BARS}` : '';
  return html`<section id="groups" aria-labelledby="groups-title">
    <h2 id="groups-title">By ${name}</h2>
    ${LEGEND}${stackedBars(`Rows by ${name}${cut}; the table below has the numbers`, bars)}
    ${table(`People and rows by ${name}`, head, shown)}${rest}
  </section>`;
}

function groupName({ name }: GroupFigures): Html {
  if (name === '') return html`(empty)`;
  return name === OTHERS ? html`${name}` : said(name, NAME);
}

function groupCounts({ people, byToken, retry }: GroupFigures): string[] {
  const { there, without_key, none, in_doubt } = byToken;
  const counts = [people.all, there, without_key, none, in_doubt, retry.no, retry.yes, retry.fix];
  return counts.map(numberText);
}
