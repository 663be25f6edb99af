import { environmentOf } from '../settings/setting-rule.js';
import { settingNamesOf, SETTINGS } from '../settings/setting.js';
import type { Setting, SettingCommand } from '../settings/setting-rule.js';

/** What we use of yargs' options: every value arrives as it was typed, and nothing is filled in. */
export interface FlagOptions {
  readonly type: 'string' | 'boolean';
  readonly group: string;
  readonly describe: string;
}

export function yargsOptions(command: SettingCommand): Record<string, FlagOptions> {
  const settings = settingNamesOf(command).map((name): Setting => SETTINGS[name]);
  return Object.fromEntries(settings.map((setting) => [setting.flag, flagOptions(setting)]));
}

function flagOptions(setting: Setting): FlagOptions {
  const notes = [placeholderOf(setting), defaultOf(setting), ...environmentOf(setting)].filter((note) => note !== '');
  return {
    type: setting.kind === 'boolean' ? 'boolean' : 'string',
    group: `${setting.group.charAt(0).toUpperCase()}${setting.group.slice(1)}:`,
    describe: notes.length === 0 ? setting.describe : `${setting.describe} [${notes.join(', ')}]`,
  };
}

export function settingsTable(): string[] {
  const code = (text: string): string => (text === '' ? '' : `\`${text.replaceAll('|', '\\|')}\``);
  const rows = Object.values(SETTINGS).map((setting: Setting) => [
    setting.describe,
    code(`--${setting.flag} ${placeholderOf(setting)}`.trimEnd()),
    environmentOf(setting).map(code).join(', '),
    setting.required ? 'needed' : defaultOf(setting).replace('default ', ''),
  ]);
  const cells = [['what', 'flag', 'environment', 'default'], ['---', '---', '---', '---'], ...rows];
  return cells.map((row) => `| ${row.join(' | ')} |`);
}

/** What stands for the value: the words to choose from, the range, or a word. */
function placeholderOf(setting: Setting): string {
  if (setting.kind === 'choice') return [...setting.choices, ...Object.values(setting.names ?? {})].join('|');
  if (setting.kind === 'integer' || setting.kind === 'number') return `${setting.min}-${setting.max}`;
  if (setting.kind === 'seconds') return 'seconds';
  return setting.placeholder ?? (setting.kind === 'boolean' ? '' : 'file');
}

function defaultOf(setting: Setting): string {
  return 'default' in setting ? `default ${setting.default}` : '';
}
