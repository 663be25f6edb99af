import { allowedLines, parseAllowances } from '../core/allowance.js';
import { showText } from '../core/safe-text.js';
import { wrap } from '../help/help-text.js';
import { OUTCOME_NAMES } from '../row/outcome.js';
import { describeReturnCode } from '../row/return-code.js';
import type { Cause } from './causes.js';
import {
  actorOf,
  administratorsOf,
  countText,
  durationText,
  endText,
  explainCause,
  lastedMs,
  numberText,
  RETRY_WORDS,
  runsOf,
  selectionText,
  timeText,
  whoText,
} from './report-words.js';
import type { Story } from './report-words.js';
import { toMessage } from './message.js';

/** A mail's lines; a command to copy is never broken. */
const WIDTH = 76;
const [MOST_GROUPS, MOST_RUNS, MOST_CAUSES] = [30, 10, 12];

/** The same for a mail: what is left and for whom, and what next; then counts, groups, codes and runs, in plain text. */
export function toReportText(story: Story): string {
  const { files, madeAt, program } = story;
  const parts = [
    messageLines(story),
    causeLines(story),
    titled('Rows', outcomeLines(story)),
    titled(`People by ${showText(story.column ?? '', 60)}`, groupLines(story)),
    titled('What the server said', codeLines(story)),
    titled('Runs, the last one first', runLines(story)),
    allowedText(story),
    [...wrap(`Made from ${files.results} on ${timeText(madeAt)} by ${program}. No key and no secret is in it.`, WIDTH)],
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, '-'.repeat(title.length), ...lines];
}

function messageLines(story: Story): readonly string[] {
  const { headline, sentences, steps } = toMessage(story);
  const numbered = steps.flatMap(({ text, command }, at) => [
    ...item(`${at + 1}. `, text),
    ...(command === undefined ? [] : ['', `   ${showText(command, 2000)}`, '']),
  ]);
  return [
    ...wrap(headline, WIDTH),
    '',
    ...sentences.flatMap((text) => wrap(text, WIDTH)),
    '',
    ...titled('What to do next', numbered),
  ];
}

function causeLines({ figures: { causes }, files }: Story): readonly string[] {
  const shown = causes.slice(0, MOST_CAUSES).flatMap((cause) => {
    const { happened, remedy } = explainCause(cause);
    const text = `${countText(cause.rows, 'row')}: ${showText(happened, 240)}. ${remedy} (${actorOf(cause)}; ${namesText(cause, files.failed)})`;
    return item('* ', text);
  });
  const rest = causes.length > MOST_CAUSES ? [`* and ${countText(causes.length - MOST_CAUSES, 'other reason')}`] : [];
  return titled('What is left, and why', [...shown, ...rest]);
}

/** Where a row is to be corrected, its line there. */
function namesText({ who, rows, retry }: Cause, failed: string): string {
  const names = who.map(({ username, line, failedLine }) => {
    const there = retry === 'fix' && failedLine !== undefined ? `line ${failedLine} of ${failed}` : undefined;
    if (username === '') return there ?? `line ${line}`;
    return [showText(username, 40), there].filter((part) => part !== undefined).join(': ');
  });
  return rows > names.length ? `${names.join(', ')}, …` : names.join(', ');
}

function outcomeLines({ figures: { outcomes, retry } }: Story): readonly string[] {
  const rows = OUTCOME_NAMES.filter((name) => outcomes[name] > 0).map(
    (name) => [name, numberText(outcomes[name])] as const,
  );
  const markers = (['no', 'yes', 'fix'] as const).map(
    (marker) => `${numberText(retry[marker])} ${RETRY_WORDS[marker]}`,
  );
  return [...aligned(rows), `in all: ${markers.join(', ')}`];
}

function groupLines({ figures: { groups }, column }: Story): readonly string[] {
  if (column === undefined) return [];
  const rows = groups.slice(0, MOST_GROUPS).map(({ name, people, byToken }) => {
    const label = name === '' ? '(empty)' : showText(name, 40);
    const lost = byToken.without_key === 0 ? '' : `, ${numberText(byToken.without_key)} with one whose key is lost`;
    return [label, `${numberText(byToken.there)} of ${numberText(people.all)} with a token${lost}`] as const;
  });
  const left = groups.length - MOST_GROUPS;
  return [...aligned(rows), ...(left > 0 ? [`and ${numberText(left)} others`] : [])];
}

function codeLines({ figures: { returnCodes } }: Story): readonly string[] {
  const most = [...returnCodes].sort(([, a], [, b]) => b - a).slice(0, MOST_CAUSES);
  return aligned(
    most.map(([code, count]) => {
      const meaning = describeReturnCode(code)?.meaning ?? 'not in any document';
      return [showText(`${code} ${meaning}`, 56), countText(count, 'row')] as const;
    }),
  );
}

function runLines({ summary }: Story): readonly string[] {
  if (summary === undefined) return [];
  const administrators = administratorsOf(summary);
  const runs = runsOf(summary).map((run, at) => ({ run, number: at + 1, who: whoText(run, administrators[at]) }));
  const shown = runs.reverse().slice(0, MOST_RUNS);
  return shown.flatMap(({ run, number, who }) => {
    const { sends } = run;
    const text = `${timeText(run.started_at)}, ${durationText(lastedMs(run))}${who && ` by ${who}`}, for ${selectionText(run)}: ${countText(sends, 'send')}; ${endText(run)}`;
    return item(`${number}. `, showText(text, 600));
  });
}

/** What the last run was let do, and what is not promised then. */
function allowedText({ summary }: Story): readonly string[] {
  const allowed = parseAllowances(String(summary?.settings['allowed'] ?? '')) ?? [];
  return allowedLines(allowed).flatMap((line) => item('', line));
}

function item(mark: string, text: string): readonly string[] {
  return wrap(text, WIDTH - mark.length).map((line, at) => `${at === 0 ? mark : ' '.repeat(mark.length)}${line}`);
}

function aligned(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(0, ...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
}
