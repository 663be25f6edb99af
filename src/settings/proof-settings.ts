import type { Setting } from './setting-rule.js';

/** What proves a run to somebody else. */
export const PROOF_SETTINGS = {
  expectSha256: {
    flag: 'expect-sha256',
    kind: 'string',
    pattern: /^[0-9a-f]{64}$/i,
    needs: 'a SHA-256, 64 hex digits',
    group: 'what to run',
    placeholder: 'digest',
    describe: 'send nothing unless the input has this SHA-256, as validate --control-totals prints it',
  },
  expectRows: {
    flag: 'expect-rows',
    kind: 'integer',
    min: 0,
    max: 999_999_999,
    group: 'what to run',
    placeholder: 'N',
    describe: 'send nothing unless the input has so many rows; undo: unless so many are taken back when it is done',
    commands: ['run', 'undo'],
    common: ['undo'],
  },
  approval: {
    flag: 'approval',
    kind: 'path',
    group: 'what to run',
    describe: 'send nothing unless the input is what this signed file of control totals says; it needs --approvers',
  },
  approvers: {
    flag: 'approvers',
    kind: 'path',
    pem: 'CERTIFICATE',
    group: 'trust',
    describe: 'the authorities that the certificate of whoever approves must lead to, as PEM',
  },
  attemptLog: {
    flag: 'attempt-log',
    kind: 'boolean',
    group: 'output',
    describe: 'also write every send, with its time and reply, to users.attempts.csv; later runs go on with it',
    commands: ['run', 'undo'],
  },
  controlTotals: {
    flag: 'control-totals',
    kind: 'boolean',
    group: 'output',
    describe: 'check nothing: print rows, people, token types, hash total and SHA-256 of the input, for an approval',
    commands: ['validate'],
    common: ['validate'],
  },
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
