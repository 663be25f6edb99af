import { describe, it } from 'vitest';
import { ALLOWANCES } from '../../src/core/allowance.js';
import { settingsTable } from '../../src/cli/setting-help.js';
import { SIMULATE_OPTIONS } from '../../src/cli/simulate-options.js';
import { ADDED_COLUMNS, INPUT_COLUMNS } from '../../src/input/column.js';
import { EXIT_CODES } from '../../src/core/exit-code.js';
import { OUTCOMES } from '../../src/row/outcome.js';
import { RETURN_CODES } from '../../src/row/return-code.js';
import type { ReturnCode } from '../../src/row/return-code.js';
import { faultNames, NAMED_FAULTS } from '../../src/simulator/fault.js';
import { expectBlock } from '../support/document.js';

/** What a first run is likely to set; the page of settings has all of them. */
const COMMON_FLAGS = [
  ...['server', 'admin', 'password-file', 'integration-key-file', 'integration-secret-file', 'ca'],
  ...['concurrency', 'rate', 'max-failures', 'default-status', 'signatures-dir', 'out-dir'],
];

/** The documents' tables are written from the code's: UPDATE_DOCS=1 writes them anew. */
const tables: Record<string, string[]> = {
  columns: [
    '| column | needed | values |',
    '|---|---|---|',
    ...Object.entries(INPUT_COLUMNS).map(([name, { needed, values }]) => `| \`${name}\` | ${needed} | ${values} |`),
  ],
  'added columns': [
    '| column | what |',
    '|---|---|',
    ...Object.entries(ADDED_COLUMNS).map(([name, what]) => `| \`${name}\` | ${what} |`),
  ],
  outcomes: [
    '| outcome | when | retry |',
    '|---|---|---|',
    ...Object.entries(OUTCOMES).map(([name, { meaning, retry }]) => `| \`${name}\` | ${meaning} | \`${retry}\` |`),
  ],
  'return codes': [
    '| code | meaning | the row or the run | source |',
    '|---|---|---|---|',
    ...Object.entries(RETURN_CODES).map(
      ([code, known]) => `| ${code} | ${known.meaning} | ${verdictText(known)} | ${known.source} |`,
    ),
  ],
  'exit codes': [
    '| code | meaning | repeat by itself |',
    '|---|---|---|',
    ...Object.values(EXIT_CODES).map(
      ({ code, meaning, isToRepeat }) => `| ${code} | ${meaning} | ${isToRepeat ? 'yes' : 'no'} |`,
    ),
  ],
  allowances: [
    '| kind | what is let pass | what is then not promised |',
    '|---|---|---|',
    ...Object.entries(ALLOWANCES).map(([name, { lets, risk }]) => `| \`${name}\` | ${lets} | ${risk} |`),
  ],
  settings: settingsTable(),
  'common settings': [...settingsTable().slice(0, 2), ...settingsTable().filter(isCommon)],
  'simulator flags': [
    '| flag | what |',
    '|---|---|',
    ...Object.entries(SIMULATE_OPTIONS).map(([name, { describe: what }]) => `| \`--${name}\` | ${what} |`),
  ],
  faults: [
    '| kind | what the send meets |',
    '|---|---|',
    ...faultNames.map((name) => `| \`${name}\` | ${faultText(name)} |`),
  ],
};

/** Where each table stands. */
const places = [
  ...['columns', 'outcomes', 'exit codes', 'common settings'].map((name) => ['README.md', name] as const),
  ['docs/input.md', 'columns'],
  ['docs/results.md', 'added columns'],
  ['docs/results.md', 'outcomes'],
  ['docs/return-codes.md', 'return codes'],
  ['docs/settings.md', 'settings'],
  ['docs/settings.md', 'allowances'],
  ['docs/simulator.md', 'simulator flags'],
  ['docs/simulator.md', 'faults'],
] as const;

describe('the documents', () => {
  it.each(places)('%s has the table of %s as the code has it', (path, name) => {
    expectBlock(path, name, { lines: tables[name] ?? [] });
  });
});

function isCommon(line: string): boolean {
  return COMMON_FLAGS.some((flag) => line.includes(`\`--${flag} `));
}

function faultText(name: string): string {
  const named: Readonly<Record<string, string>> = NAMED_FAULTS;
  const forms: Readonly<Record<string, string>> = {
    '<return code>': 'HTTP 200 with that code, such as `10004`, not applied',
    '<HTTP status>': 'that status, from 300 to 599, such as `500`, not applied',
    '429:<seconds>': '429 with that `Retry-After`, not applied',
    '503:<seconds>': '503 with that `Retry-After`, not applied',
  };
  return named[name] ?? forms[name] ?? '';
}

function verdictText({ verdict }: ReturnCode): string {
  const words: Record<string, string> = {
    success: 'registered',
    already: 'already there',
    temporary: 'tried again',
    once_more: 'tried once more',
    later: 'rerun later',
    refused: 'refused',
    session: 'the session check decides',
    stop: 'the run stops',
  };
  if (typeof verdict === 'string') return words[verdict] ?? '';
  return `OTP: ${words[verdict.otp] ?? ''}; PKI: ${words[verdict.pki] ?? ''}`;
}
