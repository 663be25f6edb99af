import { describe, expect, it } from 'vitest';
import yargs from 'yargs';
import { yargsOptions } from '../../src/help/flag-words.js';
import { settingFlags } from '../../src/help/setting-help.js';

/** What yargs makes of a command line. */
async function parse(...args: string[]): Promise<Record<string, unknown>> {
  return yargs(args)
    .options(yargsOptions(settingFlags('run')))
    .strictOptions()
    .exitProcess(false)
    .parseAsync();
}

describe('the flags for yargs', () => {
  it('fill in nothing: what was not given stays open for the environment', async () => {
    const { _: rest, $0: script, ...flags } = await parse();
    expect(rest).toEqual([]);
    expect(script).toBeTypeOf('string');
    expect(flags).toEqual({});
  });

  it('leave a value as it was typed', async () => {
    const flags = await parse('--concurrency', 'abc', '--admin', '007', '--timeout=-5', '--name', '1e3');
    expect(flags).toMatchObject({ concurrency: 'abc', admin: '007', timeout: '-5', name: '1e3' });
  });

  it('show a repeated flag as a list, which the settings refuse', async () => {
    expect(await parse('--server', 'a', '--server', 'b')).toMatchObject({ server: ['a', 'b'] });
  });

  it('take no value for a boolean', async () => {
    expect(await parse('--json', 'users.csv')).toMatchObject({ json: true, _: ['users.csv'] });
    expect(await parse('--no-allow-plain-http')).toMatchObject({ 'allow-plain-http': false });
  });
});
