import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';
import yargs from 'yargs';

import { settingsTable, yargsOptions } from '../../src/cli/setting-help.js';
import { environmentOf } from '../../src/settings/setting-rule.js';
import { SETTING_NAMES, settingNamesOf, SETTINGS } from '../../src/settings/setting.js';
import type { Setting } from '../../src/settings/setting-rule.js';

const settings: readonly Setting[] = SETTING_NAMES.map((name) => SETTINGS[name]);

/** What yargs makes of a command line. */
async function parse(...args: string[]): Promise<Record<string, unknown>> {
  return yargs(args).options(yargsOptions('run')).strictOptions().exitProcess(false).parseAsync();
}

describe('the table of settings', () => {
  it('stands by itself: help must not wait for yaml', async () => {
    const tables = ['setting', 'setting-rule', 'server-settings', 'session-settings', 'job-settings'];
    // These rooms are below the settings, and none of them reads YAML.
    const allowed = [
      /^\.\.\/(core|input|row|signature|plan)\//,
      ...tables.map((name) => new RegExp(`^\\./${name}\\.js$`)),
    ];
    for (const name of tables) {
      const source = await readFile(new URL(`../../src/settings/${name}.ts`, import.meta.url), 'utf8');
      for (const [, imported = ''] of source.matchAll(/from '([^']+)'/g)) {
        expect(
          allowed.some((pattern) => pattern.test(imported)),
          imported,
        ).toBe(true);
      }
    }
  });

  it('is for run as a whole, unless a line says otherwise', () => {
    expect(settingNamesOf('run')).toEqual(SETTING_NAMES);
  });

  it('gives validate what the input and its checks hang on, and nothing of the server', () => {
    expect(settingNamesOf('validate')).toEqual([
      'config',
      'allow',
      'defaultStatus',
      'encoding',
      'delimiter',
      'sheet',
      'columns',
      'signaturesDir',
      'checkSignatures',
      'trust',
      'outDir',
      'name',
      'limit',
      'only',
      'where',
      'annotate',
      'json',
    ]);
  });

  it.each(settings.map((setting) => [setting.flag, setting] as const))('names --%s in kebab case', (flag) => {
    expect(flag).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it('gives each flag and each variable to one setting', () => {
    const names = settings.flatMap((setting) => [setting.flag, ...environmentOf(setting)]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('calls a variable as its flag', () => {
    for (const setting of settings) {
      const [variable] = environmentOf(setting);
      if (variable === undefined) continue;
      expect(variable).toBe(`CENTAGATE_${setting.flag.toUpperCase().replaceAll('-', '_')}`);
    }
  });

  it('has no flag for the value of a secret, only for its file', () => {
    const secrets = settings.filter((setting) => setting.kind === 'secret');
    const names = ['auth-token', 'secret-code', 'password', 'integration-key', 'integration-secret'];
    expect(secrets.map((setting) => setting.flag)).toEqual(names.map((name) => `${name}-file`));
    const variables = names.map((name) => `CENTAGATE_${name.toUpperCase().replace('-', '_')}`);
    expect(secrets.map(environmentOf)).toEqual(variables.map((variable) => [`${variable}_FILE`, variable]));
  });

  it('keeps what belongs to one run out of the environment', () => {
    const flagOnly = settings.filter((setting) => environmentOf(setting).length === 0);
    expect(flagOnly.map((setting) => setting.flag)).toEqual([
      'name',
      'limit',
      'only',
      'where',
      'dry-run',
      'fresh',
      'take-lock',
      'annotate',
      'json',
    ]);
  });

  it('has defaults that its own rules allow', () => {
    for (const setting of settings) {
      if (setting.kind === 'choice' && setting.default !== undefined) {
        expect(setting.choices).toContain(setting.default);
      } else if ((setting.kind === 'integer' || setting.kind === 'seconds') && setting.default !== undefined) {
        expect(setting.default).toBeGreaterThanOrEqual(setting.min);
        expect(setting.default).toBeLessThanOrEqual(setting.max);
      }
    }
  });

  it('says what the contract says', () => {
    expect(SETTINGS.concurrency).toMatchObject({ default: 16, min: 1, max: 1024 });
    expect(SETTINGS.attempts).toMatchObject({ default: 4, min: 1, max: 100 });
    expect(SETTINGS.timeout).toMatchObject({ kind: 'seconds', default: 30, max: 3600 });
    expect(SETTINGS.timestampUnit).toMatchObject({ choices: ['ms', 's'], default: 'ms' });
  });
});

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

  it('tell groups, defaults, ranges and variables in the help', async () => {
    const help = await yargs([]).options(yargsOptions('run')).wrap(null).getHelp();
    expect(help).toMatch(/^Server:$/m);
    expect(help).toMatch(/^What to run:$/m);
    expect(help).toMatch(/--concurrency .*\[1-1024, default 16, CENTAGATE_CONCURRENCY\]/);
    expect(help).toMatch(/--timeout .*\[seconds, default 30, CENTAGATE_TIMEOUT\]/);
    expect(help).toMatch(/--timestamp-unit .*\[ms\|s, default ms, CENTAGATE_TIMESTAMP_UNIT\]/);
    expect(help).toMatch(/--auth-token-file .*\[file, CENTAGATE_AUTH_TOKEN_FILE, CENTAGATE_AUTH_TOKEN\]/);
    expect(help).toMatch(/--fresh .*numbered \.bak {2}\[boolean\]/);
  });
});

describe('the table for the README', () => {
  const lines = settingsTable();

  it('has a line for every setting, below its head', () => {
    expect(lines.slice(0, 2)).toEqual(['| what | flag | environment | default |', '| --- | --- | --- | --- |']);
    expect(lines).toHaveLength(settings.length + 2);
  });

  it('has four cells in every line: no bar within a cell ends it', () => {
    for (const line of lines) expect(line.split(/(?<!\\)\|/)).toHaveLength(6);
  });

  it('names flag, variables and default', () => {
    expect(lines).toContain(
      '| rows in work at the same time; fewer when the server is strained | `--concurrency 1-1024` | `CENTAGATE_CONCURRENCY` | 16 |',
    );
    expect(lines).toContain(
      '| where CENTAGATE answers; the path is added to it | `--server https://host[:port]` | `CENTAGATE_SERVER` | needed |',
    );
    expect(lines).toContain('| write the summary as JSON; validate: the problems too, one a line | `--json` |  |  |');
    expect(lines).toContain(
      '| unit of the timestamp in PKI requests | `--timestamp-unit ms\\|s` | `CENTAGATE_TIMESTAMP_UNIT` | ms |',
    );
  });
});
