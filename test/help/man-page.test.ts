import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../src/core/exit-code.js';
import { COMMANDS } from '../../src/help/command-words.js';
import { toManPage } from '../../src/help/man-page.js';
import { SETTINGS } from '../../src/settings/setting.js';
import { FAULT_KINDS } from '../../src/simulator/fault.js';

const page = toManPage('1.2.3', 'November 29, 2026');
const isMandocHere = spawnSync('mandoc', ['-V']).error === undefined;

function mandoc(...words: string[]): {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
} {
  return spawnSync('mandoc', words, { input: page, encoding: 'utf8' });
}

const BACKSPACE = String.fromCharCode(8);

describe('the manual page', () => {
  it('has every command, setting, exit code and fault', () => {
    const plain = page.replaceAll('\\-', '-');
    for (const name of Object.keys(COMMANDS)) expect(plain).toMatch(new RegExp(`^\\.It Cm ${name}\\b`, 'm'));
    for (const { flag } of Object.values(SETTINGS)) expect(plain).toMatch(new RegExp(`^\\.It Fl -${flag}( |$)`, 'm'));
    for (const { code } of Object.values(EXIT_CODES)) expect(plain).toMatch(new RegExp(`^\\.It ${code}$`, 'm'));
    for (const kind of Object.keys(FAULT_KINDS)) expect(plain).toContain(`.It Li "${kind}"`);
  });

  it('tells its version and date', () => {
    expect(page).toMatch(/^\.Dd November 29, 2026\n\.Dt CENTAGATE-PROVISION 1\n/);
    expect(page).toContain('of version 1.2.3.');
  });

  it('is ASCII, in lines that every reader takes', () => {
    expect(page.split('\n').filter((line) => !/^(?:[ -~]{0,80}|\.[ -~]*)$/.test(line))).toEqual([]);
    expect(page).toContain('\\[u2026]');
  });

  it.skipIf(!isMandocHere)('is without a fault to mandoc', () => {
    expect(mandoc('-Tlint')).toMatchObject({ stdout: '', stderr: '', status: 0 });
  });

  it.skipIf(!isMandocHere)('reads as it is meant', () => {
    // A letter, a backspace and the letter again are a bold one.
    const text = mandoc('-Tascii')
      .stdout.replaceAll(new RegExp(`.${BACKSPACE}`, 'g'), '')
      .replaceAll(/\s+/g, ' ');
    expect(text).toContain('centagate-provision run input [settings]');
    expect(text).toContain('--concurrency 1-1024 rows in work at the same time; fewer when the server is strained');
    expect(text).toContain('[default 16, CENTAGATE_CONCURRENCY]');
    expect(text).toContain('completion bash > ~/.local/share/bash-completion');
  });
});
