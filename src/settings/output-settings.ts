import { COLOURING } from '../core/colour.js';
import type { Setting } from './setting-rule.js';

export const OUTPUT_SETTINGS = {
  annotate: {
    flag: 'annotate',
    kind: 'path',
    isWritten: true,
    group: 'output',
    describe:
      'validate, or with --dry-run: also write the input to this file, with a first column that says what is wrong with each row',
    commands: ['run', 'validate'],
    common: ['validate'],
  },
  all: {
    flag: 'all',
    kind: 'boolean',
    group: 'output',
    describe: 'validate, or with --dry-run: show every problem, and not only the first few of a kind',
    commands: ['run', 'validate'],
  },
  errorsOnly: {
    flag: 'errors-only',
    kind: 'boolean',
    group: 'output',
    describe: 'validate, or with --dry-run: leave out warnings, in --annotate and --json too',
    commands: ['run', 'validate'],
  },
  report: {
    flag: 'report',
    kind: 'boolean',
    group: 'output',
    describe: 'at the end also write the page that the command report writes',
    isInConfig: true,
  },
  by: {
    flag: 'by',
    kind: 'string',
    pattern: /^\P{Cc}{1,200}$/u,
    needs: 'the name of a column',
    group: 'output',
    placeholder: 'column',
    describe: 'the column that a report counts people and rows by, where none is called department or the like',
    commands: ['run', 'report'],
    common: ['report'],
    completes: 'names',
    isInConfig: true,
  },
  text: {
    flag: 'text',
    kind: 'boolean',
    group: 'output',
    describe: 'print the report as plain text, for a mail, instead of writing the page',
    commands: ['report'],
    common: ['report'],
  },
  color: {
    flag: 'color',
    kind: 'choice',
    choices: COLOURING,
    group: 'output',
    describe: 'whether texts are coloured; auto: on a terminal, as NO_COLOR and FORCE_COLOR allow',
    commands: ['run', 'validate', 'doctor', 'verify', 'keys', 'audit', 'merge', 'undo'],
  },
  json: {
    flag: 'json',
    kind: 'boolean',
    group: 'output',
    describe: 'write the summary as JSON; validate: the problems too, one a line',
    commands: ['run', 'validate', 'doctor', 'verify', 'keys', 'audit', 'merge', 'undo'],
    common: ['validate', 'doctor', 'verify', 'keys', 'audit', 'merge', 'undo'],
  },
} as const satisfies Record<string, Setting>;
