import type { Setting } from './setting-rule.js';

/** How activation keys are handed out: flags of `keys` alone. */
export const KEYS_SETTINGS = {
  keysTo: {
    flag: 'to',
    kind: 'path',
    group: 'handing out',
    describe: 'the CSV that the keys go into, which must not be there yet; left out: the next users.hand-out-1.csv',
    commands: ['keys'],
    common: ['keys'],
  },
  ownColumns: {
    flag: 'columns',
    kind: 'list',
    pattern: /\S/,
    needs: 'names of columns of the input',
    group: 'handing out',
    placeholder: 'names',
    describe: "which of the input's own columns go with the keys, with commas or given more than once; left out: all",
    commands: ['keys'],
    common: ['keys'],
    completes: 'names',
  },
  again: {
    flag: 'again',
    kind: 'string',
    pattern: /^\P{Cc}{1,256}$/u,
    needs: 'a username',
    group: 'handing out',
    placeholder: 'username',
    describe: 'hand out the key of this one user, also when it was handed out before',
    commands: ['keys'],
    common: ['keys'],
  },
} as const satisfies Record<string, Setting>;
