import { EXIT_CODES } from '../core/exit-code.js';
import { namesOf } from '../core/table.js';
import { stemFiles } from '../core/stem.js';
import { COMMANDS, describeCommand, NAME } from './command-words.js';
import type { CommandName, CommandWords } from './command-words.js';
import type { FlagWords } from './flag-words.js';
import { notesOf } from './help-page.js';
import { wrap } from './help-text.js';
import { everySettingFlag } from './setting-help.js';

/** What mandoc wants of a line of source. */
const WIDTH = 78;

/** What each file of a stem is for. */
export const FILES: Readonly<Record<keyof ReturnType<typeof stemFiles>, string>> = {
  results: 'every row, with what became of it',
  failed: 'the rows that need another run',
  keys: 'the activation keys of OTP tokens, and nothing else has them',
  summary: 'the counts of the last run and of all, and the next command',
  report: 'what all that says, as a page for people who read no CSV',
  handedOut: 'whose keys were handed out, when, by whom and in which file',
  attempts: 'every send of all runs, where --attempt-log asked for it',
  manifest: 'what each run read and left, by digests and totals that audit checks',
  digests: 'the digests of these, for sha256sum -c',
  undone: 'the rows that undo took up, with what became of them',
  journal: 'what a run under way has sent, from which a killed one is completed',
  lock: 'who is running',
  reserve: 'room that a run gives up when the disk is full',
  shards: 'what the shards of the input hold to, until they are merged',
  mergedShards: 'the files of shards that were merged',
};

/** The manual page, in the language of mdoc(7). @param date such as `November 29, 2026` */
export function toManPage(version: string, date: string): string {
  const names = namesOf(COMMANDS);
  const lines = [
    `.Dd ${date}`,
    `.Dt ${NAME.toUpperCase()} 1`,
    '.Os',
    '.Sh NAME',
    `.Nm ${NAME}`,
    '.Nd register CENTAGATE authentication tokens from a CSV',
    '.Sh SYNOPSIS',
    ...names.flatMap(synopsis),
    '.Sh DESCRIPTION',
    '.Nm',
    text(
      'registers CENTAGATE authentication tokens for whole departments: it reads a CSV of users, calls the registration endpoint for each row, and writes a results file that tells the truth about every one of them. Repeat the command until nothing is left: a row that is done is never sent again.',
    ),
    '.Pp',
    text(
      'A flag goes before its environment variable, that before a line of the configuration file, that before the default.',
    ),
    '.Sh COMMANDS',
    ...tagged(names.map((name) => [`.Cm ${name}${operandOf(describeCommand(name))}`, commandText(name)])),
    '.Sh SETTINGS',
    text('Each command takes those that concern it, as its help shows.'),
    ...toGroups(everySettingFlag()),
    '.Sh SIMULATOR',
    'What',
    '.Cm simulate',
    'takes:',
    ...tagged(describeCommand('simulate').flags().map(toFlagItem)),
    ...Object.entries(describeCommand('simulate').lists ?? {}).flatMap(([title, list]) => [
      '.Pp',
      text(`${title}:`),
      ...tagged(
        Object.entries(list).map(([term, about]) => [`.It Li ${quoted(term)}`, [text(about.replaceAll('`', ''))]]),
      ),
    ]),
    '.Sh ENVIRONMENT',
    text('The variable of each setting stands behind it in brackets. Beside them:'),
    ...tagged(VARIABLES.map(([name, about]) => [`.It Ev ${name}`, [text(about)]])),
    '.Sh FILES',
    text('Of the input users.csv, beside it or in the folder of --out-dir:'),
    ...tagged(namesOf(FILES).map((file) => [`.It Pa ${stemFiles('', 'users')[file]}`, [text(FILES[file])]])),
    '.Sh EXIT STATUS',
    ...tagged(Object.values(EXIT_CODES).map((exit) => [`.It ${exit.code}`, [text(exit.meaning.replaceAll('`', ''))]])),
    '.Sh EXAMPLES',
    // No paragraph begins behind a heading.
    ...names
      .flatMap((name) => describeCommand(name).examples)
      .flatMap(toExample)
      .slice(1),
    '.Sh SEE ALSO',
    text(`The README of the package, and the pages in its folder docs. This page is of version ${version}.`),
  ];
  return `${lines.join('\n')}\n`;
}

const VARIABLES: readonly (readonly [string, string])[] = [
  ['NO_COLOR', 'when it is not empty, nothing is coloured'],
  ['FORCE_COLOR', 'colours wherever the text goes; with 0 or false, nowhere'],
  ['HTTPS_PROXY , NO_PROXY', 'the way to the server, as other programs read them'],
];

type Item = readonly [string, readonly string[]];

function tagged(items: readonly Item[]): string[] {
  return ['.Bl -tag -width Ds', ...items.flatMap(([head, body]) => [asItem(head), ...body]), '.El'];
}

function asItem(head: string): string {
  return head.startsWith('.It') ? head : `.It ${head.slice(1)}`;
}

function operandOf({ operand }: CommandWords): string {
  if (operand === undefined) return '';
  return operand.isOptional === true ? ` Op Ar ${operand.name}` : ` Ar ${operand.name}`;
}

function synopsis(name: CommandName): string[] {
  const words = describeCommand(name);
  const { operand } = words;
  const settings = words.flags().length > 0 ? ['.Op Ar settings'] : [];
  const its =
    operand === undefined ? [] : [operand.isOptional === true ? `.Op Ar ${operand.name}` : `.Ar ${operand.name}`];
  return ['.Nm', `.Cm ${name}`, ...its, ...settings];
}

function commandText(name: CommandName): string[] {
  const { describe, operand, notes = [] } = describeCommand(name);
  const about = operand === undefined ? describe : `${describe}. The ${operand.name}: ${operand.describe}`;
  return [text(`${about}.`), ...notes.flatMap((note) => ['.Pp', text(note)])];
}

function toGroups(flags: readonly FlagWords[]): string[] {
  const titles = [...new Set(flags.map(({ group }) => group))];
  return titles.flatMap((title) => [
    `.Ss ${title}`,
    ...tagged(flags.filter(({ group }) => group === title).map(toFlagItem)),
  ]);
}

function toFlagItem(flag: FlagWords): Item {
  const notes = notesOf(flag, flag.environment);
  const value = flag.placeholder === undefined ? '' : ` Ar ${quoted(flag.placeholder)}`;
  const about = notes === '' ? flag.describe : `${flag.describe} ${notes}`;
  return [`.It Fl \\-${escape(flag.flag)}${value}`, [text(about)]];
}

function toExample([line, about]: readonly [string, string]): string[] {
  const end = /[.!?]$/.test(about) ? '' : ':';
  return ['.Pp', text(`${about.charAt(0).toUpperCase()}${about.slice(1)}${end}`), `.Dl ${escape(`${NAME} ${line}`)}`];
}

/** A bar or a bracket alone would be punctuation to mdoc. */
function quoted(word: string): string {
  return `"${escape(word).replaceAll('"', '\\(dq')}"`;
}

/** Lines of text: each sentence begins a new one, and none begins as a request does. */
function text(words: string): string {
  const sentences = words.replaceAll(/([.!?]) (?=[A-Z])/g, '$1\n').split('\n');
  const lines = sentences.flatMap((sentence) => wrap(escape(sentence), WIDTH));
  return lines.map((line) => line.replace(/^(?=[.'])/, '\\&')).join('\n');
}

function escape(words: string): string {
  const marked = words.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('~', '\\(ti').replaceAll('^', '\\(ha');
  return marked.replaceAll(/[^\0-\x7f]/gu, toCodePoint);
}

/** What is not ASCII, as every reader of manual pages takes it, whatever its locale. */
function toCodePoint(character: string): string {
  return `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
}
