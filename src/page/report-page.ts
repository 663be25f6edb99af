import { createHash } from 'node:crypto';
import { showText } from '../core/safe-text.js';
import { codesSection, settingsSection } from './about-section.js';
import { PATTERNS } from './charts.js';
import { html, Html } from './html.js';
import { STYLE } from './report-style.js';
import type { Story } from './report-words.js';
import { peopleSection } from './people-section.js';
import { groupSection, leftSection, messageSection, outcomeSection } from './rows-section.js';
import { runsSection } from './runs-section.js';

/** Nothing is loaded, run, sent or framed: only the one style that stands in the page, by its digest, is taken. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** To the byte what the digest is of. */
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);

const LINKS = [
  ['next', 'What to do next'],
  ['left', 'What is left'],
  ['rows', 'Every row'],
  ['groups', 'By department'],
  ['people', 'People and tokens'],
  ['runs', 'The runs'],
  ['codes', 'Return codes'],
  ['about', 'Who to ask, settings'],
] as const;

/** One file that opens anywhere, by itself: under 300 KB whatever the job. */
export function toReportPage(story: Story): string {
  const title = `Tokens: ${showText(story.files.results, 120)}`;
  const sections = [
    messageSection(story),
    leftSection(story),
    outcomeSection(story),
    groupSection(story),
    peopleSection(story),
    runsSection(story),
    codesSection(story),
    settingsSection(story),
  ];
  const whole = sections.map(({ text }) => text).join('\n');
  const links = LINKS.filter(([id]) => whole.includes(`<section id="${id}"`));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <header>
          <h1>${title}</h1>
          <nav aria-label="On this page">
            <ul>
              ${links.map(([id, text]) => html`<li><a href="#${id}">${text}</a></li>`)}
            </ul>
          </nav>
        </header>
        ${PATTERNS}
        <main id="main" tabindex="-1">${new Html(whole)}</main>
      </body>
    </html> `.text;
}
