import { namesOf } from '../core/table.js';
import { JOB_SETTINGS } from './job-settings.js';
import { KEYS_SETTINGS } from './keys-settings.js';
import { MONITOR_SETTINGS } from './monitor-settings.js';
import { OUTPUT_SETTINGS } from './output-settings.js';
import { PROOF_SETTINGS } from './proof-settings.js';
import { SERVER_SETTINGS } from './server-settings.js';
import { SESSION_FILE_SETTINGS } from './session-file-settings.js';
import type { Setting, SettingCommand } from './setting-rule.js';
import { UNDO_SETTINGS } from './undo-settings.js';

/** The settings of all commands: a line here is a flag, a variable, a config key and a checked value of {@link Setting}. */
export const SETTINGS = {
  ...SERVER_SETTINGS,
  ...SESSION_FILE_SETTINGS,
  ...JOB_SETTINGS,
  ...PROOF_SETTINGS,
  ...KEYS_SETTINGS,
  ...UNDO_SETTINGS,
  ...MONITOR_SETTINGS,
  ...OUTPUT_SETTINGS,
};
export type SettingName = keyof typeof SETTINGS;

type CommandsOf<Rule> = Rule extends { readonly commands: readonly (infer Command)[] } ? Command : 'run';
export type SettingNameOf<Command extends SettingCommand> = {
  [Name in SettingName]: Command extends CommandsOf<(typeof SETTINGS)[Name]> ? Name : never;
}[SettingName];

export const SETTING_NAMES = namesOf(SETTINGS);

export function settingNamesOf(command: SettingCommand): readonly SettingName[] {
  const isTaken = (setting: Setting): boolean => (setting.commands ?? ['run']).includes(command);
  return SETTING_NAMES.filter((name) => isTaken(SETTINGS[name]));
}
