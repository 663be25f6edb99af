import { resolve } from 'node:path';

import * as z from 'zod';

import { showText } from '../core/safe-text.js';
import { UsageError } from '../core/usage-error.js';
import { readConfig } from './config-file.js';
import type { Config, Found, Given } from './config-file.js';
import { checkPemFile, parseSecret, readSecretFile, showAddress } from './secret.js';
import type { Problem, Secret } from './secret.js';
import { environmentOf, SETTING_NAMES, SETTINGS } from './setting.js';
import type { Setting, SettingName } from './setting.js';

/** Where settings come from; the configuration file is named by one of the two. */
export interface SettingSources {
  /** As yargs gives them for `yargsOptions()`, by the name of the flag. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: NodeJS.ProcessEnv;
}

/** What the kind of a setting makes of its text. */
type ValueOf<Rule> = Rule extends { kind: 'integer' | 'seconds' }
  ? number
  : Rule extends { kind: 'boolean' }
    ? boolean
    : Rule extends { kind: 'choice'; choices: readonly (infer Choice)[] }
      ? Choice
      : Rule extends { kind: 'secret' }
        ? Secret
        : string;
type AbsentOf<Rule> = Rule extends { required: true } | { default: unknown } | { kind: 'boolean' } ? never : undefined;

/** Every line of the table with its value: paths are absolute, `server` is `https://host[:port]`. */
type SettingValues = {
  readonly [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]> | AbsentOf<(typeof SETTINGS)[Name]>;
};

/** A session that was made elsewhere. */
export interface Session {
  readonly admin: string;
  readonly authToken: Secret;
  readonly secretCode: Secret;
}

/** The checked settings of a run, deeply frozen. */
export interface Settings extends Omit<SettingValues, keyof Session | 'timeout'> {
  readonly session: Session;
  /** What one attempt may take, in whole milliseconds. */
  readonly timeoutMs: number;
  /** What is odd but no reason to stop, for a person. */
  readonly warnings: readonly string[];
}

/** Flag over environment over configuration file over default. Throws one UsageError that names every problem. */
export async function resolveSettings(sources: SettingSources): Promise<Settings> {
  const config = await readConfig(findValue('config', sources, new Map()));
  const problems = [...config.problems];
  const warnings: string[] = [];
  const values: Partial<Record<SettingName, unknown>> = {};
  const origins = new Map<SettingName, string>();
  for (const name of SETTING_NAMES) {
    const setting: Setting = SETTINGS[name];
    const found = findValue(name, sources, config.entries);
    if (found === undefined) {
      const names = [`--${setting.flag}`, ...environmentOf(setting)].join(' or ');
      if (setting.required && config.isWhole) problems.push(`${names} is missing: ${setting.describe}`);
      values[name] = setting.kind === 'boolean' ? false : 'default' in setting ? setting.default : undefined;
      continue;
    }
    origins.set(name, found.where);
    const checked = await checkValue(setting, found);
    if ('problem' in checked) problems.push(`${found.where}: ${checked.problem}`);
    else values[name] = checked.value;
    if ('warning' in checked && checked.warning !== undefined) warnings.push(`${found.where}: ${checked.warning}`);
  }
  // Each value was checked by the kind that its type is computed from; those with a problem are absent.
  problems.push(...contradictions(values as Partial<SettingValues>, origins));
  if (problems.length > 0) throw new UsageError(problems);
  const { admin, authToken, secretCode, timeout, ...others } = values as SettingValues;
  return Object.freeze({
    ...others,
    session: Object.freeze({ admin, authToken, secretCode }),
    timeoutMs: Math.round(timeout * 1000),
    warnings: Object.freeze(warnings),
  });
}

/** The settings for the summary file. Whatever is not plain text, number or boolean, as a secret, is left out. */
export function describeSettings(settings: Settings): Record<string, string | number | boolean> {
  const described: Record<string, string | number | boolean> = { admin: settings.session.admin };
  for (const [name, value] of Object.entries(settings) as [string, unknown][]) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') described[name] = value;
  }
  return described;
}

function findValue(name: SettingName, sources: SettingSources, config: Config['entries']): Found | undefined {
  const setting: Setting = SETTINGS[name];
  const [variable, secretVariable] = environmentOf(setting);
  const secret = fromVariable(secretVariable, sources.env);
  return (
    fromFlag(setting, sources.flags) ??
    fromVariable(variable, sources.env) ??
    config.get(name) ??
    (secret && { ...secret, isSecret: true })
  );
}

function fromFlag(setting: Setting, flags: SettingSources['flags']): Found | undefined {
  const where = `--${setting.flag}`;
  const given = flags[setting.flag];
  if (given === undefined) return undefined;
  if (Array.isArray(given)) return { where, problem: 'is given more than once; give it once' };
  // What is neither comes from yargs' `--no-server` and `--server.x`.
  const isOfItsType = typeof given === 'string' || (typeof given === 'boolean' && setting.kind === 'boolean');
  if (!isOfItsType || given === '') return { where, problem: `has no value; needs ${needsOf(setting)}` };
  return { where, text: String(given), folder: process.cwd() };
}

/** An empty variable counts as not set: that is how schedules and containers unset one. */
function fromVariable(variable: string | undefined, env: NodeJS.ProcessEnv): ({ where: string } & Given) | undefined {
  const text = variable === undefined ? '' : (env[variable] ?? '');
  return variable === undefined || text === '' ? undefined : { where: variable, text, folder: process.cwd() };
}

type Checked = { readonly value: unknown; readonly warning?: string | undefined } | Problem;

async function checkValue(setting: Setting, found: Found): Promise<Checked> {
  if ('problem' in found) return found;
  if (found.isSecret) return parseSecret(found.text);
  const path = resolve(found.folder, found.text);
  if (setting.kind === 'secret') return readSecretFile(path);
  if (setting.kind === 'path') return setting.pem === undefined ? { value: path } : checkPemFile(path, setting.pem);
  const parsed = schemaOf(setting).safeParse(found.text);
  if (parsed.success) return { value: parsed.data };
  const shown = setting.kind === 'url' ? showAddress(found.text) : `"${showText(found.text, 60)}"`;
  return { problem: `found ${shown}, needs ${needsOf(setting)}` };
}

type PlainSetting = Exclude<Setting, { kind: 'secret' | 'path' }>;

function schemaOf(setting: PlainSetting): z.ZodType {
  const text = z.string().trim();
  switch (setting.kind) {
    case 'string':
      return text.regex(setting.pattern);
    case 'url':
      return text.refine(isServerAddress).transform((address) => new URL(address).origin);
    case 'integer':
    case 'seconds':
      return text
        .regex(setting.kind === 'integer' ? /^\d{1,9}$/ : /^\d{1,9}(?:\.\d{1,9})?$/)
        .transform(Number)
        .pipe(z.number().min(setting.min).max(setting.max));
    case 'choice':
      return text.transform((word) => choiceOf(setting.names, word)).pipe(z.enum(setting.choices));
    case 'boolean':
      return text.pipe(z.stringbool({ truthy: ['true', '1', 'yes'], falsy: ['false', '0', 'no'] }));
  }
}

const NEEDS = {
  url: 'https://host[:port] and nothing after it: the path is added to it',
  boolean: 'true or false (or yes, no, 1, 0)',
  path: 'the name of a file or folder',
  secret: 'the name of a file',
};

/** What a right value looks like. */
function needsOf(setting: Setting): string {
  if ('needs' in setting) return setting.needs;
  if ('choices' in setting) return `one of ${[...setting.choices, ...Object.values(setting.names ?? {})].join(', ')}`;
  if (!('min' in setting)) return NEEDS[setting.kind];
  const kind = setting.kind === 'integer' ? 'a whole number' : 'seconds, such as 30 or 2.5,';
  return `${kind} from ${setting.min} to ${setting.max}`;
}

function choiceOf(names: Readonly<Record<string, string>> = {}, word: string): string {
  const plain = word.toLowerCase().replaceAll(/[_ ]/g, '-');
  return Object.entries(names).find(([, name]) => name === plain)?.[0] ?? plain;
}

function isServerAddress(text: string): boolean {
  return /^https?:\/\/[^\s/?#\\@]+\/?$/i.test(text) && URL.canParse(text);
}

const LOOPBACK = /^(?:localhost|\[::1\]|127(?:\.\d+){3})$/;

/** What is wrong with settings that are right by themselves. */
function contradictions(values: Partial<SettingValues>, origins: ReadonlyMap<SettingName, string>): string[] {
  const problems: string[] = [];
  const { server, allowPlainHttp } = values;
  if (server?.startsWith('http:') && allowPlainHttp === false && !LOOPBACK.test(new URL(server).hostname)) {
    const remedy = 'use https, or allow it with --allow-plain-http (CENTAGATE_ALLOW_PLAIN_HTTP)';
    problems.push(`${origins.get('server') ?? ''}: ${showAddress(server)} is plain http to another machine; ${remedy}`);
  }
  for (const [one, other] of [
    ['clientCert', 'clientKey'],
    ['clientKey', 'clientCert'],
  ] as const) {
    const { flag, env } = SETTINGS[other];
    const origin = origins.get(one);
    if (origin !== undefined && !origins.has(other)) problems.push(`${origin}: needs --${flag} (${env}) with it`);
  }
  return problems;
}
