import { OUTCOMES } from '../row/outcome.js';
import { fitting, html, said } from './html.js';
import type { Html } from './html.js';
import type { JobFigures } from './job-figures.js';
import type { Mention } from './standing.js';
import { countText, numberText } from './report-words.js';
import type { Story } from './report-words.js';
import { typeText } from './rows-section.js';
import { table, toRow } from './html-table.js';

const NAME = 60;
/** Room in the page, in bytes. */
const ROOM = { holders: 24_000, without: 16_000, keyless: 20_000 };

/** Who has a token, who has none, and who has one that nobody can use by what is here. */
export function peopleSection({ figures, files }: Story): Html {
  const { people, byToken, nameless, left, keyless, keys } = figures;
  return html`<section id="people" aria-labelledby="people-title">
    <h2 id="people-title">People and tokens</h2>
    <dl class="box">
      <dt>With a token</dt>
      <dd>${numberText(byToken.there)} of ${countText(people.all, 'person', 'people')}</dd>
      <dt>With one whose key is lost</dt>
      <dd>${numberText(byToken.without_key)}</dd>
      <dt>Without one that is known of</dt>
      <dd>${numberText(byToken.none)}</dd>
      <dt>In doubt: the server may have registered one</dt>
      <dd>${numberText(byToken.in_doubt)}</dd>
      <dt>Rows that name nobody</dt>
      <dd>${numberText(nameless)}</dd>
      <dt>Activation keys that wait to be handed out</dt>
      <dd>${numberText(keys.waiting)}, in ${files.keys}</dd>
      <dt>Activation keys that were handed out</dt>
      <dd>${numberText(keys.handed_out)}</dd>
      <dt>OTP tokens without an activation key here</dt>
      <dd>${numberText(keys.none)}</dd>
    </dl>
    ${holderList(figures, files.results)} ${withoutList(left, byToken.none, files.failed)}
    ${keylessTable(keyless, keys.none)}
  </section>`;
}

function holderList({ holders: rows, tokens, byToken }: JobFigures, file: string): Html {
  if (rows.length === 0) {
    const butFor = byToken.without_key === 0 ? '' : ', but for those whose key is lost';
    return html`<p>Nobody has a token yet${butFor}.</p>`;
  }
  const types = new Map<string, string[]>();
  for (const { username, tokenType } of rows)
    types.set(username, [...(types.get(username) ?? []), typeText(tokenType)]);
  const names = [...types].map(
    ([username, their]) => html`<li>${said(username, NAME)} <span class="soft">${their.join(', ')}</span></li>`,
  );
  const { shown, left } = fitting(names, ROOM.holders);
  const isAll = left === 0 && rows.length === tokens;
  const title = isAll ? 'Who has a token' : 'Who has a token: the first of them';
  const rest = isAll ? html`` : html`<p>All of them stand in ${file}: registered, or already_registered.</p>`;
  return html`<h3>${title}</h3>
    <ul class="names">
      ${shown}
    </ul>
    ${rest}`;
}

/** Of the rows that are left, those whose person has no other row with a token. */
function withoutList(rows: readonly Mention[], without: number, file: string): Html {
  if (without === 0) return html``;
  const names = new Set(rows.filter(({ token }) => token === 'none').map(({ username }) => username));
  names.delete('');
  const { shown } = fitting(
    [...names].map((username) => html`<li>${said(username, NAME)}</li>`),
    ROOM.without,
  );
  const isAll = shown.length === without;
  const title = isAll ? 'Who has none that is known of' : 'Who has none that is known of: the first of them';
  const where = isAll ? 'Why stands under “What is left”, row by row.' : `All of them stand in ${file}.`;
  return html`<h3>${title}</h3>
    <ul class="names">
      ${shown}
    </ul>
    <p>${where}</p>`;
}

const KEYLESS_HEAD = [
  { title: 'Username', holds: 'name' },
  { title: 'Line', holds: 'count' },
  { title: 'Outcome', holds: 'words' },
  { title: 'Why' },
] as const;

/** Tokens that nobody can use by what is here. */
function keylessTable(rows: readonly Mention[], total: number): Html {
  if (total === 0) return html``;
  const drawn = rows.map(({ username, line, outcome }) =>
    toRow(KEYLESS_HEAD, [
      username === '' ? '(empty)' : said(username, NAME),
      String(line),
      outcome ?? '',
      keylessText(outcome),
    ]),
  );
  const { shown } = fitting(drawn, ROOM.keyless);
  const caption = shown.length === total ? 'All of them' : `The first ${shown.length} of ${numberText(total)}`;
  return html`<h3>OTP tokens without an activation key here</h3>
    ${table(caption, KEYLESS_HEAD, shown)}`;
}

function keylessText(outcome: Mention['outcome']): string {
  if (outcome === 'already_registered')
    return 'The token was there before: its key went to whoever registered it. To give a new one: unregister it in the console of CENTAGATE, then rerun.';
  if (outcome === 'key_lost') return OUTCOMES.key_lost.remedy;
  return 'The keys file has no key of this user that came with this row: is it the file that the runs wrote?';
}
