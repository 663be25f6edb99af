import { describe, expect, it } from 'vitest';
import { commonSettingsTable, settingFlags, settingsTable } from '../../src/help/setting-help.js';
import { SETTINGS } from '../../src/settings/setting.js';

const settings = Object.values(SETTINGS);

describe('the words of a setting', () => {
  const flagOf = (flag: string): unknown => settingFlags('run').find((words) => words.flag === flag);

  it('are its group, its range, its default and its variables', () => {
    expect(flagOf('concurrency')).toMatchObject({
      ...{ group: 'Pace', placeholder: '1-1024', default: '16', environment: ['CENTAGATE_CONCURRENCY'] },
    });
    expect(flagOf('timestamp-unit')).toMatchObject({ placeholder: 'ms|s', default: 'ms' });
    expect(flagOf('auth-token-file')).toMatchObject({
      ...{ placeholder: 'file', environment: ['CENTAGATE_AUTH_TOKEN_FILE', 'CENTAGATE_AUTH_TOKEN'] },
    });
    expect(flagOf('fresh')).not.toHaveProperty('placeholder');
  });

  it('say what is needed, but not to validate, which sends nothing', () => {
    expect(flagOf('server')).toMatchObject({ isNeeded: true });
    expect(settingFlags('validate').filter(({ isNeeded }) => isNeeded)).toEqual([]);
  });

  it('have some dozen for each command that most people need', () => {
    for (const command of ['run', 'validate', 'doctor', 'verify'] as const) {
      const common = settingFlags(command).filter(({ isCommon }) => isCommon).length;
      expect(common).toBeGreaterThan(3);
      expect(common).toBeLessThan(16);
    }
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

it('the table of the common ones has lines of the whole one, under the same head', () => {
  const lines = commonSettingsTable();
  expect(settingsTable()).toEqual(expect.arrayContaining(lines));
  expect(lines).toHaveLength(2 + settingFlags('run').filter(({ isCommon }) => isCommon).length);
});
