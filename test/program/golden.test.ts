import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import { EXIT_CODES } from '../../src/core/exit-code.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { runProgram } from '../support/program.js';
import { expectSchema } from '../support/schemas.js';

/*
 * The whole tool, case by case: fixtures/<case>/case.json says what the simulator meets and which commands are typed;
 * expected/ holds what came out. UPDATE_GOLDENS=1 writes it anew: read the difference before it is committed.
 */
const FIXTURES = join(import.meta.dirname, '../../fixtures');
const SAMPLES = join(import.meta.dirname, '../../samples');
const SESSION = { admin: 'admin', authToken: 'auth-token-of-goldens', secretCode: 'secret-code-of-goldens' };
const SUMMARY = 'users.summary.json';
const MANIFEST = 'users.manifest.json';
const COMPARED = ['users.results.csv', 'users.failed.csv', 'annotated.csv', 'users.undo.results.csv'];

interface GoldenCase {
  readonly title: string;
  readonly simulator?: Partial<SimulatorOptions> & {
    readonly endSession?: boolean;
    readonly denyUsers?: readonly string[];
  };
  readonly steps: readonly GoldenStep[];
}

interface GoldenStep {
  readonly words: readonly string[];
  /** Before the command, as an operator would with an editor: each `from` must be there. */
  readonly edit?: readonly { readonly file: string; readonly from: string; readonly to: string }[];
  readonly env?: Readonly<Record<string, string>>;
}

const cases = readdirSync(FIXTURES).filter((name) => existsSync(join(FIXTURES, name, 'case.json')));
const exitCodesSeen = new Set<number>();
/** From the end: a row with too few cells or too many has the added ones behind its own. */
const outcomeAt = ADDED_COLUMN_NAMES.indexOf('outcome') - ADDED_COLUMN_NAMES.length;
const outcomesSeen = new Set<string>();

describe('the whole tool', () => {
  it.each(cases)('%s', async (name) => {
    const golden = JSON.parse(readFileSync(join(FIXTURES, name, 'case.json'), 'utf8')) as GoldenCase;
    const folder = mkdtempSync(join(tmpdir(), 'golden-'));
    const simulator = await startSimulator({ ...SESSION, seed: 1, ...golden.simulator });
    if (golden.simulator?.endSession === true) simulator.endSession();
    golden.simulator?.denyUsers?.forEach((user) => simulator.denyUser(user));
    try {
      cpSync(join(FIXTURES, name), folder, { recursive: true, filter: (path) => !path.includes('expected') });
      const transcript: string[] = [];
      for (const step of golden.steps) transcript.push(await take(step, folder, simulator));
      compare(name, 'transcript.txt', transcript.join('\n'));
      for (const file of COMPARED) {
        const text = existsSync(join(folder, file)) ? maskRow(readFileSync(join(folder, file), 'utf8')) : '';
        if (file === 'users.results.csv') noteOutcomes(text);
        compare(name, file, text);
      }
      ['users.results.csv', 'users.failed.csv'].forEach((file) => holdRows(join(folder, file)));
      for (const [file, schema] of [
        [SUMMARY, 'summary.schema.json'],
        [MANIFEST, 'manifest.schema.json'],
      ] as const) {
        if (existsSync(join(folder, file))) expectSchema(schema, readJson(join(folder, file)));
      }
    } finally {
      await simulator.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('has a case for each outcome and for each way to end that needs no second process', () => {
    expect([...outcomesSeen].sort()).toEqual([...OUTCOME_NAMES].sort());
    // The others are in main.test.ts: a lock and signals need a second process, a bug has no input that makes it.
    const elsewhere: number[] = [
      EXIT_CODES.locked.code,
      EXIT_CODES.bug.code,
      EXIT_CODES.interrupted.code,
      EXIT_CODES.terminated.code,
    ];
    const here = Object.values(EXIT_CODES)
      .map(({ code }) => code)
      .filter((code) => !elsewhere.includes(code));
    expect([...exitCodesSeen].sort()).toEqual([...here].sort());
  });
});

async function take(step: GoldenStep, folder: string, simulator: Simulator): Promise<string> {
  for (const { file, from, to } of step.edit ?? []) {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text).toContain(from);
    writeFileSync(join(folder, file), text.replace(from, to));
  }
  const words = step.words.map((word) => word.replace('{folder}', folder).replace('{samples}', SAMPLES));
  const env = {
    CENTAGATE_SERVER: simulator.url,
    CENTAGATE_ADMIN: SESSION.admin,
    CENTAGATE_AUTH_TOKEN: SESSION.authToken,
    CENTAGATE_SECRET_CODE: SESSION.secretCode,
    ...step.env,
  };
  const sendsBefore = simulator.sends.length;
  const ended = await runProgram(words, env);
  exitCodesSeen.add(ended.exitCode);
  const said = [ended.stdout, ended.stderr].join('');
  expect(said).not.toContain(SESSION.authToken);
  expect(said).not.toContain(SESSION.secretCode);
  if (step.words[0] === 'validate' && step.words.includes('--json')) {
    const lines = ended.stdout.trim().split('\n');
    for (const line of lines) expectSchema('validate-line.schema.json', JSON.parse(line));
  }
  const masked = said
    .replaceAll(folder, '.')
    .replaceAll(SAMPLES, 'samples')
    .replaceAll(simulator.url, 'http://server')
    .replaceAll(/\d+\.\d s\b/g, '0.0 s')
    .replaceAll(/away for \d+ s/g, 'away for 1 s')
    .replaceAll(/\d+ attempts at a connection, \d+ of them/g, '9 attempts at a connection, 9 of them');
  const sends = simulator.sends.length - sendsBefore;
  return `$ centagate-provision ${step.words.join(' ')}\n${masked}[exit code ${ended.exitCode}; the server saw ${sends} sends]\n`;
}

/** To their schema: each row that has as many cells as the header. */
function holdRows(path: string): void {
  if (!existsSync(path)) return;
  const [names = [], ...rows]: string[][] = parse(readFileSync(path), { bom: true, relax_column_count: true });
  const at = names.findIndex((name) => name === ADDED_COLUMN_NAMES[0]);
  for (const row of rows) {
    if (row.length !== names.length) continue;
    // Own columns may share a name; what is added stands behind them.
    expectSchema(
      'results-row.schema.json',
      Object.fromEntries(row.map((cell, cellAt) => [cellAt < at ? `own ${cellAt}` : names[cellAt], cell])),
    );
  }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Times and durations are different every time. */
function maskRow(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]{12}Z,\d*/g, '<time>,<ms>')
    .replaceAll(/ at \d{4}-\d\d-\d\dT[\d:.]{12}Z/g, ' at <time>')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'server');
}

function noteOutcomes(text: string): void {
  const rows: string[][] = parse(text, { relax_column_count: true });
  for (const row of rows.slice(1)) outcomesSeen.add(row.at(outcomeAt) ?? '');
}

function compare(name: string, file: string, actual: string): void {
  const path = join(FIXTURES, name, 'expected', file);
  if (process.env['UPDATE_GOLDENS'] === '1') {
    mkdirSync(join(FIXTURES, name, 'expected'), { recursive: true });
    if (actual === '') rmSync(path, { force: true });
    else writeFileSync(path, actual);
  }
  expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(actual);
}
