import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { environmentOf } from '../../src/settings/setting-rule.js';
import { SETTING_NAMES, settingNamesOf, SETTINGS } from '../../src/settings/setting.js';
import { namesOf } from '../../src/core/table.js';
import { PROOF_SETTINGS } from '../../src/settings/proof-settings.js';
import { KEYS_SETTINGS } from '../../src/settings/keys-settings.js';
import { SESSION_FILE_SETTINGS } from '../../src/settings/session-file-settings.js';
import { UNDO_SETTINGS } from '../../src/settings/undo-settings.js';
import type { SettingName } from '../../src/settings/setting.js';
import type { Setting } from '../../src/settings/setting-rule.js';

const settings: readonly Setting[] = SETTING_NAMES.map((name) => SETTINGS[name]);

describe('the table of settings', () => {
  it('stands by itself: help must not wait for yaml', async () => {
    const tables = [
      'setting',
      'setting-rule',
      'server-settings',
      'session-settings',
      'session-file-settings',
      'job-settings',
      'keys-settings',
      'undo-settings',
      'proof-settings',
      'monitor-settings',
      'output-settings',
    ];
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
    const isOfAnother = (name: SettingName): boolean =>
      name in KEYS_SETTINGS ||
      name in SESSION_FILE_SETTINGS ||
      name in UNDO_SETTINGS ||
      ['input', 'withoutKeys', 'signature', 'controlTotals', 'text'].includes(name);
    expect(settingNamesOf('run')).toEqual(SETTING_NAMES.filter((name) => !isOfAnother(name)));
    expect(settingNamesOf('audit').filter(isOfAnother)).toEqual(['input', 'withoutKeys', 'signature']);
    expect(settingNamesOf('keys').filter(isOfAnother)).toEqual(namesOf(KEYS_SETTINGS));
    expect(settingNamesOf('report').filter(isOfAnother)).toEqual(['text']);
    expect(settingNamesOf('login').filter(isOfAnother)).toEqual(['sessionOut', 'kubernetesSecret']);
    expect(settingNamesOf('logout').filter(isOfAnother)).toEqual(['sessionFolder']);
    expect(settingNamesOf('undo').filter(isOfAnother)).toEqual(namesOf(UNDO_SETTINGS));
  });

  it('gives validate what the input and its checks hang on, and nothing of the server', () => {
    expect(settingNamesOf('validate')).toEqual([
      'config',
      'allow',
      'defaultStatus',
      'encoding',
      'delimiter',
      'headerLine',
      'unwrapFormulas',
      'sheet',
      'visibleOnly',
      'columns',
      'signaturesDir',
      'checkSignatures',
      'trust',
      'outDir',
      'name',
      'limit',
      'only',
      'where',
      'controlTotals',
      'annotate',
      'all',
      'errorsOnly',
      'color',
      'json',
    ]);
  });

  it.each(settings.map((setting) => [setting.flag, setting] as const))('names --%s in kebab case', (flag) => {
    expect(flag).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
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
    const names = ['auth-token', 'secret-code', 'password', 'integration-key', 'integration-secret', 'ping'];
    expect(secrets.map((setting) => setting.flag)).toEqual(names.map((name) => `${name}-file`));
    const variables = names.map((name) => `CENTAGATE_${name.toUpperCase().replace('-', '_')}`);
    expect(secrets.map(environmentOf)).toEqual(variables.map((variable) => [`${variable}_FILE`, variable]));
  });

  it('keeps what belongs to one run out of the environment', () => {
    const flagOnly = settings.filter((setting) => environmentOf(setting).length === 0);
    expect(flagOnly.map((setting) => setting.flag)).toEqual([
      'out',
      'kubernetes-secret',
      'session',
      'visible-only',
      'name',
      'limit',
      'only',
      'where',
      'shard',
      'dry-run',
      'fresh',
      'take-lock',
      ...Object.values<Setting>(PROOF_SETTINGS).map(({ flag }) => flag),
      ...Object.values<Setting>(KEYS_SETTINGS).map(({ flag }) => flag),
      ...Object.values<Setting>(UNDO_SETTINGS).map(({ flag }) => flag),
      'annotate',
      'all',
      'errors-only',
      'report',
      'by',
      'text',
      'color',
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
