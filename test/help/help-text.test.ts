import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMANDS, isCommandName } from '../../src/help/command-words.js';
import { toHelpPage } from '../../src/help/help-page.js';
import { toHelpText, wrap } from '../../src/help/help-text.js';

const plain = (text: string): string => text;
const topics = [
  { command: undefined, isAll: false },
  { command: undefined, isAll: true },
  ...Object.keys(COMMANDS)
    .filter(isCommandName)
    .map((command) => ({ command, isAll: true })),
];

describe('the text of help', () => {
  it.each([80, 100, 120])('is no wider than a terminal of %i columns', (columns) => {
    for (const topic of topics) {
      const lines = toHelpText(toHelpPage(topic), { columns, bold: plain }).split('\n');
      // A term is typed as it stands, and not taken apart.
      const wide = lines.filter((line) => line.length > columns && !/^ {2}\S/.test(line));
      expect(wide).toEqual([]);
    }
  });

  it('is as wide as 80 columns where there is no terminal, or one that has no width', () => {
    const page = toHelpPage({ command: undefined, isAll: false });
    const at80 = toHelpText(page, { columns: 80, bold: plain });
    expect(toHelpText(page, { columns: undefined, bold: plain })).toBe(at80);
    expect(toHelpText(page, { columns: 0, bold: plain })).toBe(at80);
  });

  it('puts what a long term means on the next line', () => {
    const sections = [
      { title: 'Settings', entries: [entry('--a-very-long-flag-that-is-long', 'long'), entry('--b', 'short')] },
    ];
    const text = toHelpText({ usage: ['x'], describe: 'd', sections, notes: [] }, { columns: 80, bold: plain });
    expect(text).toContain('\n  --a-very-long-flag-that-is-long\n          long\n  --b     short\n');
  });

  it('shows titles as it is told to', () => {
    const bold = (title: string): string => `*${title}*`;
    expect(toHelpText(toHelpPage({ command: 'run', isAll: false }), { columns: 80, bold })).toContain(
      '\n*Settings:*\n',
    );
  });

  it('loses no word by wrapping, and makes no line too long but for a word that is', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 10, max: 60 }), (given, width) => {
        const lines = wrap(given.join(' '), width);
        expect(lines.join(' ')).toBe(given.join(' '));
        expect(lines.every((line) => line.length <= width || !line.includes(' '))).toBe(true);
      }),
    );
  });
});

function entry(term: string, text: string): { readonly term: string; readonly text: string } {
  return { term, text };
}
