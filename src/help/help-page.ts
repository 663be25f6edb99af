import { UsageError } from '../core/usage-error.js';
import { showText } from '../core/safe-text.js';
import { namesOf } from '../core/table.js';
import { COMMANDS, describeCommand, isCommandName, NAME, typedAs } from './command-words.js';
import type { CommandName } from './command-words.js';
import type { FlagWords } from './flag-words.js';
import { everySettingFlag, settingFlags } from './setting-help.js';
import { simulateFlags } from './simulate-options.js';

/** What was asked: of one command or of all of them, the few settings that most people need or all. */
export interface HelpTopic {
  readonly command: CommandName | undefined;
  readonly isAll: boolean;
}

export interface HelpPage {
  readonly usage: readonly string[];
  readonly describe: string;
  readonly sections: readonly HelpSection[];
  readonly notes: readonly string[];
}

export interface HelpSection {
  readonly title: string;
  readonly entries: readonly HelpEntry[];
}

export interface HelpEntry {
  readonly term: string;
  readonly text: string;
}

/** What help the words ask for; nothing when they ask for something else. @throws {UsageError} for help on no command */
export function helpAsked(words: readonly string[]): HelpTopic | undefined {
  const [first, second] = words;
  const named = words.slice(1).filter((word) => word !== 'all');
  if (first === undefined) return { command: undefined, isAll: false };
  if (first === 'help' && !isFlag(second)) {
    const [command] = named;
    if (command !== undefined && !isCommandName(command)) {
      const known = namesOf(COMMANDS).join(', ');
      throw new UsageError([`"${showText(command, 40)}" is no command: help is there for ${known}`]);
    }
    return { command, isAll: words.includes('all') };
  }
  const end = words.indexOf('--');
  const at = words.findIndex((word, place) => isFlag(word) && (end < 0 || place < end));
  if (at < 0) return undefined;
  const isAll = words[at + 1] === 'all' || words[at]?.endsWith('=all') === true;
  return { command: words.find(isCommandName), isAll };
}

function isFlag(word: string | undefined): boolean {
  return word !== undefined && /^(?:-h|--help)(?:=|$)/.test(word);
}

export function toHelpPage(topic: HelpTopic): HelpPage {
  return topic.command === undefined ? generalPage(topic.isAll) : commandPage(topic.command, topic.isAll);
}

const ABOUT = `${NAME} registers CENTAGATE authentication tokens for whole departments from a CSV, and tells the truth about every row.`;

function generalPage(isAll: boolean): HelpPage {
  const commands = namesOf(COMMANDS).map((name) => ({ term: typedAs(name), text: COMMANDS[name].describe }));
  const settings = settingFlags('run');
  const sections = isAll
    ? [...toGroups(everySettingFlag(), isAll), ...toGroups(simulateFlags, isAll)]
    : [{ title: 'Settings that most people need for a run', entries: settings.filter(isShort).map(toShortEntry) }];
  const rest = isAll
    ? ['A flag goes before its variable, that before a line of --config, that before the default.']
    : [`All settings: ${NAME} --help all. Of one command: ${NAME} help run.`];
  return {
    usage: [`${NAME} ${typedAs('run')} [settings]`, `${NAME} <command> [settings]`],
    describe: ABOUT,
    sections: [{ title: 'Commands', entries: commands }, ...sections, OF_ALL],
    notes: rest,
  };
}

const OF_ALL: HelpSection = {
  title: 'Of every command',
  entries: [
    { term: '--help [all], -h', text: 'this text' },
    { term: '--version, -v', text: 'the version of the program' },
  ],
};

function commandPage(name: CommandName, isAll: boolean): HelpPage {
  const { describe, operand, examples, notes = [], lists = {}, ...words } = describeCommand(name);
  const flags = words.flags();
  const shown = isAll ? flags : flags.filter(isShort);
  const left = flags.length - shown.length;
  const groups = isAll ? toGroups(flags, isAll) : [{ title: 'Settings', entries: shown.map(toShortEntry) }];
  return {
    usage: [`${NAME} ${typedAs(name)}${flags.length > 0 ? ' [settings]' : ''}`],
    describe,
    sections: [
      ...(operand === undefined
        ? []
        : [{ title: 'Operand', entries: [{ term: operand.name, text: operand.describe }] }]),
      ...(flags.length > 0 ? groups : []),
      ...Object.entries(lists).map(([title, list]) => ({
        title,
        entries: Object.entries(list).map(([term, text]) => ({ term, text: text.replaceAll('`', '') })),
      })),
      { title: 'Examples', entries: examples.map(([line, text]) => ({ term: `${NAME} ${line}`, text })) },
    ],
    notes: [...notes, ...(left > 0 ? [`${left} more settings: ${NAME} ${name} --help all.`] : [])],
  };
}

function isShort({ isCommon, isNeeded }: FlagWords): boolean {
  return isCommon || isNeeded;
}

function toGroups(flags: readonly FlagWords[], isAll: boolean): readonly HelpSection[] {
  const titles = [...new Set(flags.map(({ group }) => group))];
  return titles.map((title) => ({
    title,
    entries: flags.filter(({ group }) => group === title).map(isAll ? toFullEntry : toShortEntry),
  }));
}

function toShortEntry(flag: FlagWords): HelpEntry {
  return toEntry(flag, []);
}

function toFullEntry(flag: FlagWords): HelpEntry {
  return toEntry(flag, flag.environment);
}

function toEntry(words: FlagWords, environment: readonly string[]): HelpEntry {
  const { flag, placeholder, describe } = words;
  const notes = notesOf(words, environment);
  return {
    term: placeholder === undefined ? `--${flag}` : `--${flag} ${placeholder}`,
    text: notes === '' ? describe : `${describe} ${notes}`,
  };
}

/** What stands in brackets behind a setting. */
export function notesOf({ isNeeded, default: otherwise }: FlagWords, environment: readonly string[]): string {
  const notes = [
    ...(isNeeded ? ['needed'] : []),
    ...(otherwise === undefined ? [] : [`default ${otherwise}`]),
    ...environment,
  ];
  return notes.length === 0 ? '' : `[${notes.join(', ')}]`;
}
