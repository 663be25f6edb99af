import { TOKEN_STATUSES } from '../core/registration.js';
import type { Setting } from './setting-rule.js';

/** What a command works on, and what comes out of it. */
export const JOB_SETTINGS = {
  config: {
    flag: 'config',
    env: 'CENTAGATE_CONFIG',
    kind: 'path',
    group: 'what to run',
    placeholder: 'file.yaml',
    describe: 'YAML file with settings, by the names of their flags',
    commands: ['run', 'validate'],
  },
  defaultStatus: {
    flag: 'default-status',
    env: 'CENTAGATE_DEFAULT_STATUS',
    kind: 'choice',
    choices: ['1', '2', '3', '4'],
    names: TOKEN_STATUSES,
    group: 'what to run',
    describe: 'status for PKI rows that have none',
    commands: ['run', 'validate'],
  },
  signaturesDir: {
    flag: 'signatures-dir',
    env: 'CENTAGATE_SIGNATURES_DIR',
    kind: 'path',
    group: 'what to run',
    placeholder: 'folder',
    describe: "where relative signature paths start, instead of the CSV's own folder",
    commands: ['run', 'validate'],
  },
  outDir: {
    flag: 'out-dir',
    env: 'CENTAGATE_OUT_DIR',
    kind: 'path',
    group: 'what to run',
    placeholder: 'folder',
    describe: "where the results go, instead of the CSV's own folder",
    commands: ['run', 'validate'],
  },
  name: {
    flag: 'name',
    kind: 'string',
    pattern: /^(?!\.{1,2}$)[^\p{Cc}/\\]{1,200}$/u,
    needs: 'a plain name for the result files, without folders',
    group: 'what to run',
    placeholder: 'name',
    describe: "what the names of the result files start with, instead of the CSV's own name",
    commands: ['run', 'validate'],
  },
  fresh: {
    flag: 'fresh',
    kind: 'boolean',
    group: 'what to run',
    describe: 'start over; the old result files are kept as numbered .bak',
  },
  takeLock: {
    flag: 'take-lock',
    kind: 'boolean',
    group: 'what to run',
    describe: 'run although another run seems to hold this input: only when that one is surely dead',
  },
  json: {
    flag: 'json',
    kind: 'boolean',
    group: 'output',
    describe: 'write the summary as JSON',
    commands: ['run', 'validate'],
  },
} as const satisfies Record<string, Setting>;
