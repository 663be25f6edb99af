/** One thing that can be set; its kind says what its value may be. */
export type Setting = SettingBase & SettingRule;
export type SettingCommand = ConnectingCommand | 'validate' | 'keys' | 'report' | 'audit' | 'merge';
/** Those that talk to the server about rows: they take the settings of `run` that say how. */
export const TALKING = ['run', 'doctor', 'verify', 'undo'] as const;
type SettingGroup =
  | 'server'
  | 'session'
  | 'trust'
  | 'pace'
  | 'what to run'
  | 'time'
  | 'output'
  | 'handing out'
  | 'undoing'
  | 'monitoring';

/** All that need to know where the server is, and who we are. */
export const CONNECTING = [...TALKING, 'login', 'logout'] as const;
export type ConnectingCommand = (typeof CONNECTING)[number];

export function isConnecting(command: SettingCommand): command is ConnectingCommand {
  return CONNECTING.some((connecting) => connecting === command);
}

interface SettingBase {
  /** The long flag without its dashes; also the key in the config file. */
  readonly flag: string;
  /** Absent: the setting belongs to one run, and is a flag only. */
  readonly env?: string;
  readonly group: SettingGroup;
  /** One line, without default and environment. */
  readonly describe: string;
  /** What stands for the value in help and README, where the kind doesn't say it. */
  readonly placeholder?: string;
  /** Needed by every command that takes it and connects to the server. */
  readonly required?: true;
  /** The commands that take it; absent: `run` alone. */
  readonly commands?: readonly SettingCommand[];
  /** It may stand in a configuration file although it has no variable. */
  readonly isInConfig?: true;
  /** The commands whose short help has it: what most people need. */
  readonly common?: readonly SettingCommand[];
  /** What a shell completes its value with, where the kind doesn't say it. */
  readonly completes?: 'files' | 'columns' | 'names' | 'mapping';
}

type SettingRule =
  /** `pattern`: what the whole value must match, and `needs` the same in words. */
  | { readonly kind: 'string'; readonly pattern: RegExp; readonly needs: string }
  /** The same for each of its values: it can be given more than once. */
  | { readonly kind: 'list'; readonly pattern: RegExp; readonly needs: string }
  /**
   * `parse`: the value of the text, nothing when it is none. `isRepeatable`: given more than once, or as a list in the
   * configuration file, is given with commas.
   */
  | {
      readonly kind: 'parsed';
      readonly parse: (text: string) => unknown;
      readonly needs: string;
      readonly isRepeatable?: true;
      /** Values that a shell offers. */
      readonly words?: readonly string[];
    }
  /** `pem`: the file must hold a block of this name. `isWritten`: so others may not write to its folder. */
  | { readonly kind: 'path'; readonly pem?: 'CERTIFICATE' | 'PRIVATE KEY'; readonly isWritten?: true }
  /** `https://host[:port]` and nothing after it. */
  | { readonly kind: 'url' }
  /** Both bounds belong to the range; all but integers may have a fraction. */
  | (Range & { readonly kind: 'integer' | 'number' | 'seconds' })
  /** `names`: another word for a choice, by choice. */
  | ({ readonly kind: 'choice'; readonly default?: string } & Choices)
  /** False when not given. */
  | { readonly kind: 'boolean' }
  /** The flag, the config key and `<env>_FILE` name a file that holds the value; `env` alone holds the value itself. */
  | { readonly kind: 'secret'; readonly env: string };

interface Range {
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

interface Choices {
  readonly choices: readonly string[];
  readonly names?: Readonly<Record<string, string>>;
}

/** The variables that set it; of a secret, the one that names a file goes first. */
export function environmentOf(setting: Setting): readonly string[] {
  if (setting.env === undefined) return [];
  return setting.kind === 'secret' ? [`${setting.env}_FILE`, setting.env] : [setting.env];
}
