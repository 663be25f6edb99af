import { describe, expect, it } from 'vitest';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import { bashCut, complete, joinBashWords, toCompletionText } from '../../src/help/completion.js';

const COLUMNS = ['Login', 'Department', 'Employee No'];

async function wordsAfter(...words: string[]): Promise<readonly string[]> {
  const { candidates } = await complete(words, (input) => Promise.resolve(input === 'users.csv' ? COLUMNS : []));
  return candidates.map(({ word }) => word);
}

async function pathsAfter(...words: string[]): Promise<string> {
  return (await complete(words, () => Promise.resolve([]))).paths;
}

describe('what may come next', () => {
  it('is a command or the input of a run, where nothing is typed yet', async () => {
    expect(await wordsAfter('')).toEqual(expect.arrayContaining(['run', 'validate', 'explain', 'completion', 'help']));
    expect(await wordsAfter('va')).toEqual(['validate']);
    expect(await pathsAfter('')).toBe('files');
  });

  it('is a file behind a command that reads one, and nothing behind that', async () => {
    for (const command of ['run', 'validate', 'verify']) expect(await pathsAfter(command, '')).toBe('files');
    expect(await pathsAfter('run', 'users.csv', '')).toBe('none');
    expect(await pathsAfter('doctor', '')).toBe('none');
  });

  it('is a flag of that command which was not given, or can be given again', async () => {
    expect(await wordsAfter('verify', '--conc')).toEqual(['--concurrency']);
    expect(await wordsAfter('validate', '--conc')).toEqual([]);
    expect(await wordsAfter('run', '--concurrency', '8', '--conc')).toEqual([]);
    expect(await wordsAfter('run', '--concurrency=8', '--conc')).toEqual([]);
    expect(await wordsAfter('run', '--where', 'a=b', '--whe')).toEqual(['--where']);
    expect(await wordsAfter('users.csv', '--dry')).toEqual(['--dry-run']);
    expect(await wordsAfter('simulate', '--fau')).toEqual(['--fault']);
  });

  it.each([
    [
      ['run', '--clock', ''],
      ['server', 'local'],
    ],
    [['run', '--clock=l'], ['local']],
    [['run', '--delimiter', 't'], ['tab']],
    [['run', '--encoding', 'windows-125'], expect.arrayContaining(['windows-1252'])],
    [['run', '--default-status', 'p'], ['pending']],
    [
      ['simulate', '--timestamp-unit', ''],
      ['ms', 's'],
    ],
    [
      ['simulate', '--fault', 'reset-'],
      ['reset-before=', 'reset-after='],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish', 'powershell'],
    ],
    [['help', 'ver'], ['verify']],
    [['explain', '2200'], expect.arrayContaining(['22002', '22004'])],
  ])('is a value that %j takes', async (words, expected) => {
    expect(await wordsAfter(...words)).toEqual(expected);
  });

  it('is an outcome behind explain', async () => {
    expect(await wordsAfter('explain', '')).toEqual(expect.arrayContaining([...OUTCOME_NAMES]));
  });

  it.each([
    [['run', '--config', ''], 'files'],
    [['run', '--ca=/etc/'], 'files'],
    [['run', '--password-file', ''], 'files'],
    [['run', '--out-dir', ''], 'folders'],
    [['simulate', '--users', ''], 'files'],
    [['run', '--admin', ''], 'none'],
  ])('are names of files or folders behind %j', async (words, paths) => {
    expect(await pathsAfter(...words)).toBe(paths);
  });

  it('is a column of the input behind --where, and one of ours and then one of the input behind --map', async () => {
    expect(await wordsAfter('run', 'users.csv', '--where', '')).toEqual(['Login=', 'Department=', 'Employee No=']);
    expect(await wordsAfter('users.csv', '--where', 'Dep')).toEqual(['Department=']);
    expect(await wordsAfter('--limit', '5', 'users.csv', '--where=Dep')).toEqual(['Department=']);
    expect(await wordsAfter('run', 'users.csv', '--map', 'user')).toEqual(['username=']);
    expect(await wordsAfter('run', 'users.csv', '--map', 'username=L')).toEqual(['username=Login']);
    expect(await wordsAfter('run', '--where', '')).toEqual([]);
  });

  it('is nobody’s value behind a column', async () => {
    expect(await wordsAfter('run', 'users.csv', '--where', 'Department=')).toEqual([]);
  });
});

describe('bash', () => {
  it('takes words apart at = and :, which are put together again', () => {
    expect(joinBashWords(['run', '--where', '=', 'Dep'])).toEqual(['run', '--where=Dep']);
    expect(joinBashWords(['--map', 'username', '='])).toEqual(['--map', 'username=']);
    expect(joinBashWords(['--server', 'https', ':', '//a', '--map', 'a', '=', ''])).toEqual([
      ...['--server', 'https://a', '--map', 'a='],
    ]);
  });

  it('puts an answer in the place of what stands behind the last of them', () => {
    expect(bashCut('Dep')).toBe(0);
    expect(bashCut('--where=Dep')).toBe(0);
    expect('username=Login'.slice(bashCut('username=L'))).toBe('Login');
    expect('username=Login'.slice(bashCut('--map=username=L'))).toBe('Login');
  });
});

it('is told line by line: first which paths, then each word with what it means', () => {
  const candidates = [{ word: 'run', about: 'register' }, { word: 'a=b' }];
  expect(toCompletionText({ paths: 'files', candidates })).toBe('files\nrun\tregister\na=b\n');
  expect(toCompletionText({ paths: 'none', candidates: [{ word: 'a=b' }] }, 2)).toBe('none\nb\n');
});
