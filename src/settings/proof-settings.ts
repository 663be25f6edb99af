import type { Setting } from './setting-rule.js';

/** What proves a run to somebody else. */
export const PROOF_SETTINGS = {
  input: {
    flag: 'input',
    kind: 'path',
    group: 'what to run',
    describe: 'the original export: whether every row of it is in the results, and no other',
    commands: ['audit'],
    common: ['audit'],
  },
  signature: {
    flag: 'signature',
    kind: 'path',
    group: 'trust',
    describe: 'a CMS signature over the SHA256SUMS of the results, as DER or PEM; it needs --trust',
    commands: ['audit'],
    common: ['audit'],
  },
} as const satisfies Record<string, Setting>;
