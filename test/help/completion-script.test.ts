/** The scripts, sourced by the shells that are here, as a person presses the key. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/usage-error.js';
import { SHELLS } from '../../src/help/command-words.js';
import { completionScript, shellOf } from '../../src/help/completion-script.js';
import { PROGRAM } from '../support/program.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'completion-'));
  const command = join(folder, 'centagate-provision');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  chmodSync(command, 0o755);
  writeFileSync(join(folder, 'users.csv'), 'Login,Employee No,token_type\nann,1,otp\n');
  writeFileSync(join(folder, 'job one.yaml'), '');
  mkdirSync(join(folder, 'results'));
  for (const shell of SHELLS) writeFileSync(join(folder, `script.${shell}`), completionScript(shell));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const isHere = (shell: string): boolean => spawnSync(shell, ['-c', ':']).status === 0;

function ask(shell: string, script: string): readonly string[] {
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder, TERM: 'dumb' };
  const { stdout, stderr, status } = spawnSync(shell, ['-c', script], {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 50_000,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.split('\n').filter((line) => line !== '');
}

/** What bash would offer when the last of these words is being typed. */
function inBash(...words: string[]): readonly string[] {
  const typed = words.map((word) => `'${word}'`).join(' ');
  return ask(
    'bash',
    `. ./script.bash
compopt() { :; }
COMP_WORDS=(centagate-provision ${typed}); COMP_CWORD=${words.length}
_centagate_provision
printf '%s\\n' "\${COMPREPLY[@]}"`,
  );
}

/** What fish would offer behind this line. */
function inFish(line: string): readonly string[] {
  const offered = ask('fish', `source script.fish; complete -C 'centagate-provision ${line}'`);
  return offered.map((text) => text.split('\t')[0] ?? '');
}

/** Waits until zsh has made this of a line, at its prompt in a terminal of its own: nothing else completes there. */
function untilZsh(line: string, completed: string): void {
  ask(
    'zsh',
    `zmodload zsh/zpty; zpty here zsh -f -i
zpty -w here 'PROMPT=; autoload -U compinit; compinit -u; source ./script.zsh; bindkey "^I" complete-word; echo re""ady'
zpty -r -m here said '*ready*'
zpty -n -w here $'centagate-provision ${line}\\t'
zpty -r -m here said ${JSON.stringify(`*${completed.replaceAll('\\', '\\\\')}*`)}
zpty -d here`,
  );
}

describe('the script', () => {
  it('is there for each shell by its name', () => {
    for (const shell of SHELLS) expect(completionScript(shell)).toContain('centagate-provision --complete');
    expect(() => completionScript('csh')).toThrow(UsageError);
    expect(() => completionScript('toString')).toThrow('give bash, zsh, fish, powershell');
  });

  it('is that of the login, where no shell is named', () => {
    expect(shellOf({ SHELL: '/usr/bin/zsh' })).toBe('zsh');
    expect(shellOf({ SHELL: '/bin/dash' })).toBe('bash');
    expect(shellOf({})).toBe('bash');
  });
});

describe.skipIf(!isHere('bash'))('in bash', () => {
  it('offers commands, flags, values and columns', () => {
    expect(inBash('va')).toEqual(['validate']);
    expect(inBash('run', 'users.csv', '--dry')).toEqual(['--dry-run']);
    expect(inBash('run', '--clock', '')).toEqual(['server', 'local']);
    expect(inBash('run', '--clock', '=', 'l')).toEqual(['local']);
    expect(inBash('run', 'users.csv', '--where', 'Emp')).toEqual(['Employee\\ No=']);
    expect(inBash('run', 'users.csv', '--where', String.raw`Employee\ `)).toEqual(['Employee\\ No=']);
    expect(inBash('run', 'users.csv', '--map', 'username', '=', 'L')).toEqual(['Login']);
  });

  it('offers files and folders where they belong', () => {
    expect(inBash('run', '--config', 'job')).toEqual(['job one.yaml']);
    expect(inBash('run', '--out-dir', 'res')).toEqual(['results']);
    expect(inBash('run', 'us')).toEqual(['users.csv']);
  });
});

describe.skipIf(!isHere('fish'))('in fish', () => {
  it('offers commands, flags, values, columns and files', () => {
    expect(inFish('va')).toEqual(['validate']);
    expect(inFish('run users.csv --dry')).toEqual(['--dry-run']);
    expect(inFish('run --clock ')).toEqual(expect.arrayContaining(['server', 'local']));
    expect(inFish('run --clock=l')).toEqual(['--clock=local']);
    expect(inFish('run users.csv --where Emp')).toEqual(['Employee No=']);
    expect(inFish('run --config job')).toEqual(['job one.yaml']);
    expect(inFish('run --out-dir res')).toEqual(['results/']);
  });
});

describe.skipIf(!isHere('zsh'))('in zsh', () => {
  it.each([
    ['valid', 'validate'],
    ['run users.csv --dry', '--dry-run'],
    ['run --clock=l', '--clock=local'],
    ['run users.csv --where Emp', 'Employee\\ No='],
    ['run users.csv --map username=L', 'username=Login'],
    ['run --config job', 'job\\ one.yaml'],
  ])('makes of %j what it was to be', (line, completed) => {
    untilZsh(line, completed);
  });
});
