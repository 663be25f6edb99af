import { describe, expect, it } from 'vitest';
import { isColoured, openPaint } from '../../src/core/colour.js';

const TERMINAL = { isTTY: true };
const FILE = {};

describe('texts are coloured', () => {
  it('on a terminal that can do it', () => {
    expect(isColoured(TERMINAL, {})).toBe(true);
    expect(isColoured(TERMINAL, { TERM: 'dumb' })).toBe(false);
    expect(isColoured(FILE, {})).toBe(false);
  });

  it('not where NO_COLOR says so; an empty one says nothing', () => {
    expect(isColoured(TERMINAL, { NO_COLOR: '1' })).toBe(false);
    expect(isColoured(TERMINAL, { NO_COLOR: '' })).toBe(true);
  });

  it('as FORCE_COLOR says, whatever NO_COLOR or the stream says', () => {
    expect(isColoured(FILE, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(true);
    expect(isColoured(FILE, { FORCE_COLOR: '' })).toBe(true);
    for (const no of ['0', 'false']) expect(isColoured(TERMINAL, { FORCE_COLOR: no })).toBe(false);
  });

  it('as --color says before all else', () => {
    expect(isColoured(FILE, { NO_COLOR: '1' }, 'always')).toBe(true);
    expect(isColoured(TERMINAL, { FORCE_COLOR: '1' }, 'never')).toBe(false);
    expect(isColoured(FILE, {}, 'auto')).toBe(false);
  });

  it('by sequences that end what they began, or not at all', () => {
    expect(openPaint(true).red('no')).toBe('\u001b[31mno\u001b[39m');
    expect(openPaint(true).bold('no')).toBe('\u001b[1mno\u001b[22m');
    expect(openPaint(false).red('no')).toBe('no');
  });
});
