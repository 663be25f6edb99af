import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shellOf, toAssignment, toShellText } from '../../src/cli/shell-text.js';

/** What a real shell hands to a program, byte for byte. */
function readBySh(text: string): string[] {
  const script = `show() { for word in "$@"; do printf '%s\\0' "$word"; done; }; show ${text}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

const HARD = [
  'it is',
  "o'brien",
  '"said"',
  '$HOME',
  '`id`',
  'a;b',
  'a&b|c',
  '*',
  '~',
  '#',
  '(x)',
  'ö ß',
  'a\\b',
  '!!',
  '',
];

describe('a line for sh', () => {
  test('leaves alone what needs no quotes', () => {
    expect(toShellText(['run', './users.csv', '--max-failures', '5%', '--map=a=b'], 'posix')).toBe(
      'run ./users.csv --max-failures 5% --map=a=b',
    );
  });

  test('is taken apart into the words that it was made of', () => {
    expect(readBySh(toShellText(HARD, 'posix') ?? '')).toEqual(HARD);
  });

  test('whatever the words, or there is none', () => {
    const word = fc.string({ unit: fc.constantFrom(...Array.from('aé-=~/.%\'"$`\\!*?[]{}()<>|&;# \t\n\u202e')) });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        const text = toShellText(words, 'posix');
        if (text === undefined) expect(words.join('')).toMatch(/[\t\n\u202e]/u);
        else expect(readBySh(text)).toEqual(words);
      }),
      { numRuns: 100 },
    );
  });
});

test.each(['posix', 'windows'] as const)('no line for %s holds what a terminal would not show as it is', (shell) => {
  for (const odd of ['two\nlines', '\u001b[2J', 'a\u202eb', 'a\u0000b', 'a\ud800']) {
    expect(toShellText(['run', odd], shell)).toBeUndefined();
  }
});

describe('a line for cmd and PowerShell', () => {
  test('has double quotes, and a backslash before them twice', () => {
    const words = ['run', 'C:\\data\\users.csv', '--out-dir', 'C:\\my data\\', '--where=a.b=c', "o'brien", 'a&b (c)'];
    expect(toShellText(words, 'windows')).toBe(
      `run C:\\data\\users.csv --out-dir "C:\\my data\\\\" "--where=a.b=c" "o'brien" "a&b (c)"`,
    );
  });

  test('is only there where both read the same', () => {
    for (const odd of ['"', '$x', '`', '^', '“x”', 'a!b']) expect(toShellText(['run', odd], 'windows')).toBeUndefined();
    expect(toShellText(['--max-failures', '5%'], 'windows')).toBe('--max-failures "5%"');
    expect(toShellText(['50%', '60%'], 'windows')).toBeUndefined();
  });
});

test.each([
  ['/', undefined, 'posix'],
  ['/', '/usr/bin/pwsh', 'posix'],
  ['\\', undefined, 'windows'],
  // What an SSH server of Windows says.
  ['\\', 'c:\\windows\\system32\\cmd.exe', 'windows'],
  ['\\', 'C:\\Program Files\\PowerShell\\7\\pwsh.exe', 'windows'],
  // Git Bash, as it says it to other programs.
  ['\\', 'C:\\Program Files\\Git\\usr\\bin\\bash.exe', 'posix'],
  ['\\', '/bin/sh', 'posix'],
])('where folders are parted by %s and SHELL is %s, a line is for %s', (separator, SHELL, shell) => {
  expect(shellOf(separator, { SHELL })).toBe(shell);
});

describe('a line that sets a variable', () => {
  test.each(HARD)('gives it just this value in sh: %s', (value) => {
    const script = `${toAssignment('VALUE', value, 'posix')}; printf '%s' "$VALUE"`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(value);
  });

  test('has every quote of PowerShell twice', () => {
    expect(toAssignment('CENTAGATE_PASSWORD', 'a$b"c', 'windows')).toBe(`$env:CENTAGATE_PASSWORD = 'a$b"c'`);
    expect(toAssignment('CENTAGATE_PASSWORD', "it’s o'k", 'windows')).toBe(`$env:CENTAGATE_PASSWORD = 'it’’s o''k'`);
  });
});
