import { showText } from '../core/safe-text.js';
import type { RunReport } from '../report/run-report.js';
import { describeReturnCode, verdictOf } from '../row/return-code.js';
import { fitting, html, said } from './html.js';
import type { Html } from './html.js';
import { countText, numberText, timeText } from './report-words.js';
import type { Story } from './report-words.js';
import { isUnusual, usualOf } from './usual-setting.js';
import { table, toRow } from './html-table.js';

/** Room in the page, in bytes. */
const ROOM = { codes: 14_000, settings: 16_000 };

const CODE_HEAD = [
  { title: 'Code', holds: 'text' },
  { title: 'Rows', holds: 'count' },
  { title: 'Meaning' },
  { title: 'What to do' },
] as const;

export function codesSection({ figures: { returnCodes } }: Story): Html {
  const rows = [...returnCodes]
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => {
      const known = describeReturnCode(code);
      const remedy =
        verdictOf(code, 'noToken') === 'success' ? '' : (known?.remedy ?? "Look at the row's message and detail.");
      return toRow(CODE_HEAD, [
        said(code, 40),
        numberText(count),
        known?.meaning ?? 'not in any document of the server',
        remedy,
      ]);
    });
  const { shown } = fitting(rows, ROOM.codes);
  const body =
    shown.length === 0
      ? html`<p>No row was answered with one.</p>`
      : table("What the server said, by its rows' last answers", CODE_HEAD, shown);
  return html`<section id="codes" aria-labelledby="codes-title">
    <h2 id="codes-title">Return codes</h2>
    ${body}
  </section>`;
}

const SETTING_HEAD = [
  { title: 'Setting', holds: 'text' },
  { title: 'Value', holds: 'text' },
  { title: 'Usually', holds: 'text' },
] as const;

/** Who to ask, what was read, and what the last run was told. */
export function settingsSection({ summary, files, madeAt, program }: Story): Html {
  const about = summary === undefined ? html`` : aboutOf(summary);
  const settings = Object.entries(summary?.settings ?? {}).sort(
    (a, b) => Number(isUnusual(b)) - Number(isUnusual(a)) || (a[0] < b[0] ? -1 : 1),
  );
  const { shown } = fitting(
    settings.map((setting) => {
      const [name, value] = setting;
      const usually = isUnusual(setting) ? html`<strong>${String(usualOf(name))}</strong>` : '';
      return toRow(SETTING_HEAD, [showText(name, 40), said(String(value), 300), usually]);
    }),
    ROOM.settings,
  );
  const told =
    shown.length === 0
      ? html``
      : table('What the last run was told, without secrets; first what is not as usual', SETTING_HEAD, shown);
  return html`<section id="about" aria-labelledby="about-title">
    <h2 id="about-title">Who to ask, and the settings</h2>
    ${about} ${told}
    <p class="soft">
      Made from ${files.results} on ${timeText(madeAt)} by ${showText(program, 60)}. It holds no activation key and no
      secret.
    </p>
  </section>`;
}

function aboutOf({ made_by: madeBy, settings, ...read }: RunReport): Html {
  const who =
    madeBy == null
      ? []
      : [
          ['The last run was made by', `${madeBy.system_user} on ${madeBy.host} (time zone ${madeBy.time_zone})`],
          ['With', `${madeBy.program}, Node.js ${madeBy.node}`],
        ];
  const entries = [
    ...who,
    ['As the administrator', String(settings['admin'] ?? 'not known')],
    ['Of the server', String(settings['server'] ?? 'not known')],
    ['From the input', `${read.input}, ${countText(read.input_rows, 'row')}, SHA-256 ${read.input_sha256}`],
  ] as const;
  return html`<dl class="box">
    ${entries.map(
      ([term = '', text = '']) =>
        html`<dt>${term}</dt>
          <dd>${said(text, 400)}</dd> `,
    )}
  </dl>`;
}
