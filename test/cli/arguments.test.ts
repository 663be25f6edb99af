import { describe, expect, it, vi } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.js';
import { UsageError } from '../../src/core/usage-error.js';

describe('the words of a command', () => {
  it('run a file, with or without the word run', async () => {
    for (const words of [['run', 'users.csv'], ['users.csv']]) {
      expect(await parseArguments(words)).toMatchObject({ name: 'run', input: 'users.csv' });
    }
  });

  it('take a lone dash for standard input', async () => {
    expect(await parseArguments(['run', '-', '--name', 'users'])).toMatchObject({ input: '/dev/stdin' });
  });

  it('keep a file name that looks like a number as it is', async () => {
    expect(await parseArguments(['run', '007'])).toMatchObject({ input: '007' });
  });

  it('hand flags on as they were typed, so that a setting given twice can be seen', async () => {
    const command = await parseArguments(['run', 'u.csv', '--concurrency', '08', '--json']);
    expect(command).toMatchObject({ flags: { concurrency: '08', json: true } });
    const twice = await parseArguments(['run', 'u.csv', '--concurrency', '1', '--concurrency', '2']);
    expect(twice).toMatchObject({ flags: { concurrency: ['1', '2'] } });
  });

  it.each([
    [['run', 'users.csv', '--no-such-flag'], 'no-such-flag'],
    [['run'], 'Not enough'],
    [['run', 'a.csv', 'b.csv'], 'b.csv'],
    [['explain'], 'Not enough'],
    [['doctor', '--attempts', '2'], 'attempts'],
    [['verify'], 'Not enough'],
    [['verify', 'u.results.csv', '--fresh'], 'fresh'],
    [['run'], 'See centagate-provision help run.'],
    [['run', 'users.csv', '--secret-code', 'x'], 'secret-code'],
    [['run', 'users.csv', '--auth-token', 'x'], 'auth-token'],
  ])('%j are refused', async (words, named) => {
    const error: unknown = await parseArguments(words).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain(named);
  });

  it('ask for an explanation, a template, a doctor, a verification, a simulation', async () => {
    expect(await parseArguments(['explain', '22002'])).toEqual({ name: 'explain', word: '22002' });
    expect(await parseArguments(['template'])).toEqual({ name: 'template' });
    expect(await parseArguments(['verify', 'u.results.csv'])).toMatchObject({
      name: 'verify',
      results: 'u.results.csv',
    });
    expect(await parseArguments(['doctor', '--json'])).toMatchObject({ name: 'doctor', flags: { json: true } });
    const command = await parseArguments(['simulate', '--fault', '10004=0.1', '--fault', 'reset=0.1']);
    expect(command).toMatchObject({ name: 'simulate', flags: { fault: ['10004=0.1', 'reset=0.1'] } });
  });

  it('ask for the completion of a shell by its name, or of the login’s', async () => {
    expect(await parseArguments(['completion', 'zsh'])).toEqual({ name: 'completion', shell: 'zsh' });
    expect(await parseArguments(['completion'])).toEqual({ name: 'completion', shell: undefined });
  });

  it('of a command that runs draw no help, which takes longer than all else', async () => {
    // Each cell of a help text of yargs is measured with it.
    const measure = vi.spyOn(Intl.Segmenter.prototype, 'segment');
    try {
      await parseArguments(['run', 'users.csv']);
      expect(measure).not.toHaveBeenCalled();
    } finally {
      measure.mockRestore();
    }
  });
});
