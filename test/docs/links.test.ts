import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.js';
import { DOCUMENTS, readDocument, REPOSITORY } from '../support/document.js';

const PROGRAM = 'centagate-provision';

describe.each(DOCUMENTS)('%s', (path) => {
  const text = readDocument(path);

  it('leads to files and headings that are there', () => {
    const links = [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !isThere(path, link))).toEqual([]);
  });

  it('shows commands that the program knows, with flags that it takes', async () => {
    const commands = shellLines(text).flatMap(commandsOf);
    for (const words of commands) {
      const command = await parseArguments(words);
      expect(command.name, words.join(' ')).toBe(words[0]);
    }
  });
});

it('has a README of one sitting', () => {
  expect(readDocument('README.md').split('\n').length).toBeLessThan(186);
});

function isThere(path: string, link: string): boolean {
  if (link.startsWith('https://')) return true;
  const [file = '', heading] = link.split('#');
  const target = file === '' ? path : normalize(join(dirname(path), file));
  if (heading === undefined) return existsSync(join(REPOSITORY, target));
  return headingsOf(readDocument(target)).includes(heading);
}

/** As the sites that show Markdown make anchors of them. */
function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

function shellLines(text: string): readonly string[] {
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.split('\n'));
}

/** The words of each call of the program in a line, whatever it is joined to. */
function commandsOf(line: string): string[][] {
  const calls = line.replace(/(^|\s)#.*$/, '').split(/\s*(?:&&|\||>)\s*/);
  return calls.filter((call) => call.startsWith(`${PROGRAM} `)).map((call) => call.trim().split(/\s+/).slice(1));
}
