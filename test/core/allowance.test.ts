import { describe, expect, it } from 'vitest';
import { ALLOWANCE_NAMES, ALLOWANCES, allowedLines, allowText, parseAllowances } from '../../src/core/allowance.js';

describe('what may be let pass', () => {
  it.each(ALLOWANCE_NAMES)('%s is said as a word, with what is let pass and what is then not promised', (name) => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(ALLOWANCES[name].lets).not.toBe('');
    expect(allowedLines([name])).toEqual([`allowed: ${name}: ${ALLOWANCES[name].risk}`]);
    expect(allowText(name)).toContain(`--allow ${name} `);
  });

  it('is read with commas and blanks, each kind once and in the order of the table', () => {
    expect(parseAllowances([...ALLOWANCE_NAMES, ...ALLOWANCE_NAMES].reverse().join(', '))).toEqual(ALLOWANCE_NAMES);
    expect(parseAllowances('PLAIN-HTTP\n')).toEqual(['plain-http']);
  });

  it.each(['', ' , ', 'all', 'plain', 'plain-http,all', 'plain-http;', 'constructor'])('is not %j', (text) => {
    expect(parseAllowances(text)).toBeUndefined();
  });
});
