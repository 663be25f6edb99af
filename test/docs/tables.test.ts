import { describe, expect, it } from 'vitest';
import { shardStem, stemFiles } from '../../src/core/stem.js';
import { FILES } from '../../src/help/man-page.js';
import { SHARDS_SCHEMA } from '../../src/schema/shards-schema.js';
import { ALLOWANCES } from '../../src/core/allowance.js';
import { commonSettingsTable, settingsTable } from '../../src/help/setting-help.js';
import { SIMULATE_OPTIONS } from '../../src/help/simulate-options.js';
import { ADDED_COLUMNS } from '../../src/input/added-column.js';
import { INPUT_COLUMNS } from '../../src/input/column.js';
import { EXIT_CODES } from '../../src/core/exit-code.js';
import { LETTER_PLACEHOLDERS } from '../../src/handout/letter-template.js';
import { ATTEMPT_COLUMNS } from '../../src/manifest/attempt-row.js';
import { METRICS } from '../../src/monitor/metrics.js';
import { KEY_COLUMNS } from '../../src/handout/keys-csv.js';
import { WITHHELD } from '../../src/handout/withheld.js';
import { LOG_EVENTS } from '../../src/report/log-event.js';
import { OUTCOMES } from '../../src/row/outcome.js';
import { RETURN_CODES } from '../../src/row/return-code.js';
import type { ReturnCode } from '../../src/row/return-code.js';
import { UNDO_WAYS } from '../../src/row/undo.js';
import { CALLS } from '../../src/server/call.js';
import { ARRAYS } from '../../src/settings/array-variables.js';
import { FAULT_KINDS } from '../../src/simulator/fault.js';
import { expectBlock, readDocument } from '../support/document.js';

const [WHOLE, SHARD] = [stemFiles('', 'users'), shardStem('users', { index: 3, count: 8 })];
/** The endings of all files but those that only the whole has. */
const OF_A_RUN = Object.entries<string>({ ...stemFiles('', SHARD) }).flatMap(([name, path]) =>
  ['handedOut', 'undone', 'shards', 'mergedShards'].includes(name) ? [] : [`\`${path.slice(SHARD.length + 1)}\``],
);
/** The members of the shards file that tell of the job. */
const ROUND = Object.entries(SHARDS_SCHEMA.schema.properties ?? {}).flatMap(([name, { description = '' }]) =>
  ['version', 'run_id', 'made_at'].includes(name) ? [] : [[name, description] as const],
);

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
  withheld: [
    '| reason | why a key is not handed out |',
    '|---|---|',
    ...Object.entries(WITHHELD).map(([name, { meaning }]) => `| \`${name}\` | ${meaning} |`),
  ],
  'letter placeholders': [
    '| placeholder | what |',
    '|---|---|',
    ...Object.entries(LETTER_PLACEHOLDERS).map(([name, what]) => `| \`{{${name}}}\` | ${what} |`),
  ],
  metrics: [
    '| metric | what |',
    '|---|---|',
    ...Object.entries(METRICS).map(([name, what]) => `| \`${name}\` | ${what} |`),
  ],
  'key columns': [
    '| column | what |',
    '|---|---|',
    ...Object.entries(KEY_COLUMNS).map(([name, what]) => `| \`${name}\` | ${what} |`),
  ],
  allowances: [
    '| kind | what is let pass | what is then not promised |',
    '|---|---|---|',
    ...Object.entries(ALLOWANCES).map(([name, { lets, risk }]) => `| \`${name}\` | ${lets} | ${risk} |`),
  ],
  'log events': [
    '| event | what |',
    '|---|---|',
    ...Object.entries(LOG_EVENTS).map(([name, what]) => `| \`${name}\` | ${what} |`),
  ],
  'ways of undo': [
    '| `--how` | the call | what it does |',
    '|---|---|---|',
    ...Object.entries(UNDO_WAYS).map(([name, { status, describe: what }]) => {
      const { method, path } = status === undefined ? CALLS.unregister : CALLS.updateStatus;
      return `| \`${name}\` | ${method} \`${path.slice(1)}\` | ${what} |`;
    }),
  ],
  'array variables': [
    '| scheduler | index | how many |',
    '|---|---|---|',
    ...ARRAYS.map(({ scheduler, index, count, first }) => {
      const less = first === undefined ? '' : ` less \`${first}\``;
      return `| ${scheduler} | \`${index}\`${less} | \`${count}\` |`;
    }),
  ],
  'files of shards': [
    '| file | what |',
    '|---|---|',
    `| \`${SHARD}.*\`: ${OF_A_RUN.join(', ')} | what runs of that shard leave, of its rows alone |`,
    `| \`${WHOLE.shards}\` | ${FILES.shards}: ${ROUND.map(([name, what]) => `\`${name}\`, ${what}`).join('; ')} |`,
    `| \`${WHOLE.mergedShards}/7/\` | ${FILES.mergedShards}, by the 7th run of the manifest |`,
  ],
  settings: settingsTable(),
  'common settings': commonSettingsTable(),
  'simulator flags': [
    '| flag | what |',
    '|---|---|',
    ...Object.entries(SIMULATE_OPTIONS).map(([name, { describe: what }]) => `| \`--${name}\` | ${what} |`),
  ],
  faults: [
    '| kind | what the send meets |',
    '|---|---|',
    ...Object.entries(FAULT_KINDS).map(([name, what]) => `| \`${name}\` | ${what} |`),
  ],
};

/** Where each table stands. */
const places = [
  ...['columns', 'outcomes', 'exit codes', 'common settings'].map((name) => ['README.md', name] as const),
  ['docs/input.md', 'columns'],
  ['docs/results.md', 'added columns'],
  ['docs/results.md', 'outcomes'],
  ['docs/keys.md', 'withheld'],
  ['docs/keys.md', 'key columns'],
  ['docs/monitoring.md', 'metrics'],
  ['docs/keys.md', 'letter placeholders'],
  ['docs/return-codes.md', 'return codes'],
  ['docs/settings.md', 'settings'],
  ['docs/settings.md', 'allowances'],
  ['docs/settings.md', 'log events'],
  ['docs/simulator.md', 'simulator flags'],
  ['docs/simulator.md', 'faults'],
  ['docs/undo.md', 'ways of undo'],
  ['docs/shards.md', 'array variables'],
  ['docs/shards.md', 'files of shards'],
] as const;

describe('the documents', () => {
  it.each(places)('%s has the table of %s as the code has it', (path, name) => {
    expectBlock(path, name, { lines: tables[name] ?? [] });
  });
});

it('the document of undo has each exit code that it ends with', () => {
  const [, table = ''] = readDocument('docs/undo.md').split('| exit code | then |');
  const codes = [...table.slice(0, table.indexOf('\n\n')).matchAll(/^\| ([\d, ]+) \|/gm)];
  const ends = Object.values(EXIT_CODES).filter((end) => end !== EXIT_CODES.bug);
  expect(codes.flatMap(([, cell = '']) => cell.split(', ').map(Number))).toEqual(ends.map(({ code }) => code));
});

it('the document of the log of all sends names its columns, in their order', () => {
  const [, text = ''] = readDocument('docs/proof.md').split('also writes `users.attempts.csv`:');
  const names = [...text.slice(0, text.indexOf(' of\n')).matchAll(/`(\w+)`/g)].map(([, name]) => name);
  expect(names).toEqual(ATTEMPT_COLUMNS);
});

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
