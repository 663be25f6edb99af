import { environmentOf, isConnecting } from '../settings/setting-rule.js';
import { SETTING_NAMES, settingNamesOf, SETTINGS } from '../settings/setting.js';
import type { Setting, SettingCommand } from '../settings/setting-rule.js';
import type { Completes, FlagWords } from './flag-words.js';

/** The settings that a command takes, in the order of their groups. */
export function settingFlags(command: SettingCommand): readonly FlagWords[] {
  return settingNamesOf(command).map((name) => toFlagWords(SETTINGS[name], command));
}

/** Those of all commands, as a run takes them. */
export function everySettingFlag(): readonly FlagWords[] {
  return SETTING_NAMES.map((name) => toFlagWords(SETTINGS[name], 'run'));
}

function toFlagWords(setting: Setting, command: SettingCommand): FlagWords {
  const placeholder = placeholderOf(setting);
  return {
    flag: setting.flag,
    describe: setting.describe,
    ...(placeholder !== '' && { placeholder }),
    group: `${setting.group.charAt(0).toUpperCase()}${setting.group.slice(1)}`,
    ...('default' in setting && { default: String(setting.default) }),
    environment: environmentOf(setting),
    isNeeded: setting.required === true && isConnecting(command),
    isCommon: setting.common?.includes(command) === true,
    isRepeatable: setting.kind === 'list' || (setting.kind === 'parsed' && setting.isRepeatable === true),
    completes: completesOf(setting),
  };
}

function completesOf(setting: Setting): Completes {
  if (setting.completes !== undefined) return { kind: setting.completes };
  if (setting.kind === 'path' || setting.kind === 'secret') {
    return { kind: setting.placeholder === 'folder' ? 'folders' : 'files' };
  }
  if (setting.kind === 'choice') {
    return { kind: 'words', words: [...setting.choices, ...Object.values(setting.names ?? {})] };
  }
  if (setting.kind === 'parsed' && setting.words !== undefined) return { kind: 'words', words: setting.words };
  return { kind: 'nothing' };
}

export function settingsTable(): string[] {
  return toTable(Object.values(SETTINGS));
}

/** The same of those that most people need for a run. */
export function commonSettingsTable(): string[] {
  return toTable(Object.values<Setting>(SETTINGS).filter(({ common }) => common?.includes('run') === true));
}

function toTable(settings: readonly Setting[]): string[] {
  const code = (text: string): string => (text === '' ? '' : `\`${text.replaceAll('|', '\\|')}\``);
  const rows = settings.map((setting) => [
    setting.describe,
    code(`--${setting.flag} ${placeholderOf(setting)}`.trimEnd()),
    environmentOf(setting).map(code).join(', '),
    setting.required ? 'needed' : 'default' in setting ? String(setting.default) : '',
  ]);
  const cells = [['what', 'flag', 'environment', 'default'], ['---', '---', '---', '---'], ...rows];
  return cells.map((row) => `| ${row.join(' | ')} |`);
}

/** What stands for the value: the words to choose from, the range, or a word. */
function placeholderOf(setting: Setting): string {
  if (setting.placeholder !== undefined) return setting.placeholder;
  if (setting.kind === 'choice') return [...setting.choices, ...Object.values(setting.names ?? {})].join('|');
  if (setting.kind === 'integer' || setting.kind === 'number') return `${setting.min}-${setting.max}`;
  if (setting.kind === 'seconds') return 'seconds';
  return setting.kind === 'boolean' ? '' : 'file';
}
