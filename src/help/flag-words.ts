/** What can be said of one flag: yargs, help, man page and completion go by it. */
export interface FlagWords {
  /** Without its dashes. */
  readonly flag: string;
  /** One line, without default and environment. */
  readonly describe: string;
  /** What stands for the value; none for a flag that is there or not. */
  readonly placeholder?: string;
  /** The title that it stands under. */
  readonly group: string;
  readonly default?: string;
  readonly environment: readonly string[];
  readonly isNeeded: boolean;
  /** Among the few that most people need. */
  readonly isCommon: boolean;
  readonly isRepeatable: boolean;
  /** What completes a value that has been begun. */
  readonly completes: Completes;
}

/** `names`: columns of the input. `columns`: one of them, and then `=`. `mapping`: one of ours, `=`, and then one of the input. */
export type Completes =
  | { readonly kind: 'files' | 'folders' | 'columns' | 'names' | 'mapping' | 'nothing' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

/** What we use of yargs' options: every value arrives as it was typed, and nothing is filled in. */
export interface FlagOptions {
  readonly type: 'string' | 'boolean';
}

export function yargsOptions(flags: readonly FlagWords[]): Record<string, FlagOptions> {
  return Object.fromEntries(
    flags.map(({ flag, placeholder }) => [flag, { type: placeholder === undefined ? 'boolean' : 'string' }]),
  );
}
