import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EDGES, ROOMS } from '../../eslint.config.js';
import { expectBlock, REPOSITORY } from '../support/document.js';

const PAGE = 'docs/architecture.md';
const SOURCES = join(REPOSITORY, 'src');
const FILES = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'));

/** An OTP row that is registered at its first send, from the bytes of the CSV to the summary. */
const PATH = `
input/input-text input/row-reader plan/plan-input plan/row-key row/registration plan/row-owners plan/row-index
plan/plan-input plan/plan-warning plan/planned-row row/registration plan/planned-row batch/each-concurrently batch/run
batch/straight-life gate/gate gate/turns batch/register-row row/row-state batch/straight-life batch/row-attempt
batch/straight-life batch/slots record/row-intents record/journal-entry record/durable-file record/journal batch/slots
batch/straight-life gate/gate gate/admin-session gate/pace batch/row-attempt server/endpoint
server/request-body server/server-time server/http-client server/endpoint server/http-client server/exchange
server/server-time server/server-clock server/endpoint server/exchange server/parse-reply gate/gate gate/admin-session
gate/pace batch/straight-life batch/row-attempt row/row-state row/decision row/return-code batch/row-attempt row/row-state
batch/straight-life batch/register-row record/save-settlement record/durable-file record/journal batch/run
batch/failure-limit batch/each-concurrently batch/run record/outputs record/added-cells record/result-writer record/csv-text
record/text-encoding record/durable-file report/summary
`
  .trim()
  .split(/\s+/);
/** A newcomer who follows a row should not have to look for it all over the house. */
const MOST_CHANGES = 25;
const MOST_FILES = 25;

const changes = PATH.filter((file, at) => at > 0 && dirname(file) !== dirname(PATH[at - 1] ?? '')).length;

describe('the page of the architecture', () => {
  it('has the rooms that lint keeps', () => {
    const rows = Object.entries(ROOMS).map(([room, about]) => `| \`${room}/\` | ${about} |`);
    expectBlock(PAGE, 'rooms', { lines: ['| room | about |', '|---|---|', ...rows] });
  });

  it('has the files that touch the world', () => {
    const rows = Object.entries(EDGES).map(([file, what]) => `| \`${file}\` | ${what} |`);
    expectBlock(PAGE, 'edges', { lines: ['| file | what it touches |', '|---|---|', ...rows] });
  });

  it("has a row's path", () => {
    const legs: string[][] = [];
    for (const file of PATH) {
      const last = legs.at(-1);
      if (last?.[0] === dirname(file)) last.push(basename(file));
      else legs.push([dirname(file), basename(file)]);
    }
    const lines = legs.map(([room = '', ...files], at) => `${at + 1}. \`${room}/\`: ${files.join(', ')}`);
    expectBlock(PAGE, "a row's path", { lines: [...lines, '', `${changes} changes of folder.`] });
  });
});

describe('the house', () => {
  it('has all its files in rooms but for the door', () => {
    const rooms = new Set([...Object.keys(ROOMS), 'simulator']);
    expect(FILES.filter((path) => !path.includes('/')).sort()).toEqual(['bin.ts', 'main.ts']);
    expect(FILES.filter((path) => path.includes('/') && !rooms.has(dirname(path)))).toEqual([]);
  });

  it('has no room that is a heap, but for the simulator', () => {
    const counts = Object.keys(ROOMS).map((room) => FILES.filter((path) => dirname(path) === room).length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(MOST_FILES);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  it('has no two files of one name', () => {
    const names = FILES.map((path) => basename(path));
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('has no edge that is not there', () => {
    expect(Object.keys(EDGES).filter((file) => !FILES.includes(file))).toEqual([]);
  });

  it('has no circle of imports, of types neither', () => {
    const imports = new Map(FILES.map((path) => [path, importsOf(path)]));
    // What imports nothing that is left can be taken away; a circle stays.
    for (let before = -1; before !== imports.size;) {
      before = imports.size;
      for (const [path, targets] of imports) if (!targets.some((target) => imports.has(target))) imports.delete(path);
    }
    expect([...imports.keys()]).toEqual([]);
  });

  it('lets a row change folder seldom, on a path that is there', () => {
    expect(changes).toBeLessThanOrEqual(MOST_CHANGES);
    expect(PATH.filter((file) => !existsSync(join(SOURCES, `${file}.ts`)))).toEqual([]);
  });
});

function importsOf(path: string): readonly string[] {
  const source = readFileSync(join(SOURCES, path), 'utf8');
  return [...source.matchAll(/(?:from|import\()\s*'(\.[^']+)\.js'/g)].map(([, target = '']) =>
    join(dirname(path), `${target}.ts`).replaceAll('\\', '/'),
  );
}
