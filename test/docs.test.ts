import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingsTable } from '../src/cli/setting-help.js';
import { ADDED_COLUMNS, INPUT_COLUMNS } from '../src/input/column.js';
import { EXIT_CODES } from '../src/core/exit-code.js';
import { OUTCOMES } from '../src/row/outcome.js';
import { RETURN_CODES } from '../src/row/return-code.js';
import type { ReturnCode } from '../src/row/return-code.js';

/** The README's tables are written from the code's: UPDATE_DOCS=1 writes them anew. */
const README = join(import.meta.dirname, '../README.md');

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
    '| code | meaning |',
    '|---|---|',
    ...Object.values(EXIT_CODES).map(({ code, meaning }) => `| ${code} | ${meaning} |`),
  ],
  settings: settingsTable(),
};

describe('the README', () => {
  it.each(Object.keys(tables))('has the table of %s as the code has it', (name) => {
    const text = readFileSync(README, 'utf8');
    const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(open) + open.length, text.indexOf(close)];
    expect(text).toContain(open);
    expect(to).toBeGreaterThanOrEqual(from);
    const table = `${(tables[name] ?? []).join('\n')}\n`;
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(README, text.slice(0, from) + table + text.slice(to));
    else expect(text.slice(from, to)).toBe(table);
  });
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
