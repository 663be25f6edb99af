import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readDocument, REPOSITORY } from '../support/document.js';

const SRC = join(REPOSITORY, 'src');
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.startsWith('simulator'))
  .map((path) => readFileSync(join(SRC, path), 'utf8'));

/** The names that files of the program export, as often as they do. */
const exported = sources.flatMap((text) =>
  [...text.matchAll(/^export (?:async )?(?:interface|type|class|const|function\*?) (\w+)/gm)].map(
    ([, name = '']) => name,
  ),
);

it('every word has its type or function', () => {
  const cells = readDocument('docs/words.md').matchAll(/`([A-Za-z]+[A-Z]\w*|[A-Z][a-z]+)`/g);
  const named = [...cells].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((name) => !exported.includes(name))).toEqual([]);
});

/** Names that end in one of the words that had several senses. */
function typesNamed(word: string): string[] {
  const types = sources.flatMap((text) =>
    [...text.matchAll(/^(?:export )?(?:interface|type|class) (\w+)/gm)].map(([, name = '']) => name),
  );
  return types.filter((name) => name.endsWith(word)).sort();
}

it('a row has five names, and a verdict, a problem, a reply and a reading have one', () => {
  expect(typesNamed('Row')).toEqual(['EarlierRow', 'EndedRow', 'FileRow', 'PlannedRow', 'RegisteredRow']);
  expect(typesNamed('Verdict')).toEqual(['Verdict']);
  expect(typesNamed('Problem')).toEqual(['CellProblem', 'HeaderProblem', 'Problem']);
  expect(typesNamed('Reply')).toEqual(['HttpReply', 'Reply']);
  expect(typesNamed('Reading')).toEqual(['Reading', 'SignatureReading']);
});
