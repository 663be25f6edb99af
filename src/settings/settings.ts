import { dirname, resolve } from 'node:path';

import { ALLOWANCE_NAMES } from '../core/allowance.js';
import type { Allowance } from '../core/allowance.js';
import { showText } from '../core/safe-text.js';
import { namesOf } from '../core/table.js';
import { UsageError } from '../core/usage-error.js';
import { sharedFolderProblem } from '../disk/shared-folder.js';
import type { SelectionReport, SettingsReport } from '../report/run-report.js';
import type { Config, Found, Given } from './config-file.js';
import { contradictions } from './contradictions.js';
import { findDebugger, findEndlessRoots, findTellingVariables } from './node-environment.js';
import { checkPemFile, describeMangling, parseSecret, readSecretFile, showAddress } from './secret.js';
import type { Problem, Secret } from './secret.js';
import { findSessionProblems } from './session-settings.js';
import type { SESSION_SETTINGS } from './session-settings.js';
import { environmentOf, isConnecting } from './setting-rule.js';
import { MONITOR_SETTINGS } from './monitor-settings.js';
import { NEEDS_ONE, needsOf, parseValue } from './setting-value.js';
import { settingNamesOf, SETTINGS } from './setting.js';
import { shardText } from '../plan/shard.js';
import type { Shard } from '../plan/shard.js';
import { shardOfArray } from './array-variables.js';
import type { ConnectingCommand, Setting, SettingCommand } from './setting-rule.js';
import type { SettingName, SettingNameOf } from './setting.js';

/** Where settings come from; the configuration file is named by one of the two. */
export interface SettingSources {
  /** As yargs gives them for `yargsOptions()`, by the name of the flag. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: NodeJS.ProcessEnv;
}

type ValueOf<Rule> = Rule extends { kind: 'integer' | 'number' | 'seconds' }
  ? number
  : Rule extends { kind: 'boolean' }
    ? boolean
    : Rule extends { kind: 'choice'; choices: readonly (infer Choice)[] }
      ? Choice
      : Rule extends { kind: 'parsed'; parse: (text: string) => infer Value }
        ? Exclude<Value, undefined>
        : Rule extends { kind: 'secret' }
          ? Secret
          : Rule extends { kind: 'list' }
            ? readonly string[]
            : string;
type AbsentOf<Rule, Command extends SettingCommand> = Rule extends
  { default: unknown } | { kind: 'boolean' | 'list' } | (Command extends ConnectingCommand ? { required: true } : never)
  ? never
  : undefined;

/** What may pass has an old name too: what both say is one value. */
type AllowSetting = 'allow' | 'allowPlainHttp';

type CheckedValues<Command extends SettingCommand> = {
  readonly [Name in SettingNameOf<Command>]:
    ValueOf<(typeof SETTINGS)[Name]> | AbsentOf<(typeof SETTINGS)[Name], Command>;
};

/** Every setting of a command with its value: paths are absolute, `server` is `https://host[:port]`. */
export type SettingValues<Command extends SettingCommand> = Omit<CheckedValues<Command>, AllowSetting> & {
  readonly allowed: readonly Allowance[];
  /** Where each setting that was given was found, by its name. */
  readonly origins: ReadonlyMap<string, string>;
  /** What is odd but no reason to stop, for a person. */
  readonly warnings: readonly string[];
};

/** Who we are: a session, or a login, or both: then the session is used first. */
export interface SessionSettings {
  readonly admin: string;
  readonly tokens: Readonly<Record<'authToken' | 'secretCode', Secret>> | undefined;
  readonly login: LoginSettings | undefined;
}

export interface LoginSettings {
  readonly secrets: Readonly<Record<'password' | 'integrationKey' | 'integrationSecret', Secret>>;
  /** Stands before `/CentagateWS` in the address of login and logout. */
  readonly authBase: string;
}

type SessionValueName = keyof typeof SESSION_SETTINGS;

/** The checked settings of a run, deeply frozen. */
export interface Settings extends Omit<SettingValues<'run'>, SessionValueName | 'timeout' | 'maxOutage' | 'shard'> {
  readonly session: SessionSettings;
  /** Undefined: the whole input. */
  readonly shard: Shard | undefined;
  /** What one attempt may take, in whole milliseconds. */
  readonly timeoutMs: number;
  /** How long the server may be away before the run ends, in whole milliseconds. */
  readonly maxOutageMs: number;
}

/** The settings of `run`. @throws {UsageError} as {@link resolveValues} */
export async function resolveSettings(sources: SettingSources): Promise<Settings> {
  const values = await resolveValues('run', sources);
  const { admin, authToken, secretCode, password, integrationKey, integrationSecret, authBase, ...more } = values;
  const { timeout, maxOutage, shard: part, ...others } = more;
  const shard = part === 'auto' ? shardOfArray(sources.env) : part;
  // They come whole or not at all.
  const tokens = authToken && secretCode && Object.freeze({ authToken, secretCode });
  const secrets =
    password && integrationKey && integrationSecret && Object.freeze({ password, integrationKey, integrationSecret });
  // A shard that logged in would end the session that the others share.
  const isShared = shard !== undefined && tokens !== undefined;
  const login = secrets && !isShared ? Object.freeze({ secrets, authBase: authBase ?? '' }) : undefined;
  return Object.freeze({
    ...others,
    session: Object.freeze({ admin, tokens, login }),
    shard,
    timeoutMs: Math.round(timeout * 1000),
    maxOutageMs: Math.round(maxOutage * 1000),
  });
}

/**
 * The settings of one command: flag over environment over configuration file over default. What is given for other
 * commands alone is not looked at. @throws {UsageError} one that names every problem
 */
export async function resolveValues<Command extends SettingCommand>(
  command: Command,
  sources: SettingSources,
): Promise<SettingValues<Command>> {
  // Before any secret is read.
  const telling =
    command === 'validate' ? [] : [...findTellingVariables(sources.env), ...findDebugger(openInspector())];
  const endless = isConnecting(command) ? findEndlessRoots(sources.env) : [];
  if (telling.length + endless.length > 0) throw new UsageError([...telling, ...endless]);
  const config = await configOf(findValue('config', sources, new Map()));
  const problems = [...config.problems];
  const warnings: string[] = [];
  const values: Partial<Record<SettingName, unknown>> = {};
  const origins = new Map<SettingName, string>();
  for (const name of settingNamesOf(command)) {
    const setting: Setting = SETTINGS[name];
    const found = findValue(name, sources, config.entries);
    if (found === undefined) {
      const names = [`--${setting.flag}`, ...environmentOf(setting)].join(' or ');
      const isNeeded = setting.required && isConnecting(command) && config.isWhole;
      if (isNeeded) problems.push(`${names} is missing: ${setting.describe}`);
      values[name] = absentValue(setting);
      continue;
    }
    origins.set(name, found.where);
    const checked = withMangling(checkValue(setting, found), setting, found);
    if ('problem' in checked) problems.push(`${found.where}: ${checked.problem}`);
    else values[name] = checked.value;
    if ('warning' in checked && checked.warning !== undefined) warnings.push(`${found.where}: ${checked.warning}`);
  }
  // Each value was checked by the kind that its type is computed from; those with a problem are absent, here alone.
  const { allow = [], allowPlainHttp = false, ...others } = values as Partial<CheckedValues<'run'>>;
  const both: readonly Allowance[] = allowPlainHttp ? [...allow, 'plain-http'] : allow;
  const allowed = Object.freeze(ALLOWANCE_NAMES.filter((kind) => both.includes(kind)));
  problems.push(...contradictions({ ...others, allowed }, origins), ...sharedFolders({ ...others, allowed }, origins));
  if (isConnecting(command) && config.isWhole) problems.push(...findSessionProblems(command, origins));
  if (problems.length > 0) throw new UsageError(problems);
  return Object.freeze({
    ...others,
    allowed,
    origins: Object.freeze(origins),
    warnings: Object.freeze(warnings),
  }) as SettingValues<Command>;
}

/** Its address. Loaded here, since a Node.js may be built without one. */
function openInspector(): string | undefined {
  return process.features.inspector ? process.getBuiltinModule('node:inspector').url() : undefined;
}

/** What is written there could be taken away by others, and theirs be put in its place. */
function sharedFolders(
  { allowed, ...values }: Partial<Readonly<Record<SettingName, unknown>>> & { readonly allowed: readonly Allowance[] },
  origins: ReadonlyMap<SettingName, string>,
): string[] {
  return namesOf(values).flatMap((name) => {
    const [setting, path]: [Setting, unknown] = [SETTINGS[name], values[name]];
    if (setting.kind !== 'path' || setting.isWritten !== true || typeof path !== 'string') return [];
    const problem = sharedFolderProblem(dirname(path), allowed, 'give another folder');
    return problem === undefined ? [] : [`${origins.get(name) ?? ''}: ${problem}`];
  });
}

function absentValue(setting: Setting): unknown {
  if (setting.kind === 'boolean') return false;
  if (setting.kind === 'list') return Object.freeze([]);
  return 'default' in setting ? setting.default : undefined;
}

/** For the summary file: no secrets, and nothing of who else is told of the run, which makes it no other one. */
export function describeSettings(settings: Settings): SettingsReport {
  const described: Record<string, string | number | boolean> = { admin: settings.session.admin };
  for (const [name, value] of Object.entries(settings) as [string, unknown][]) {
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (isPlain && !Object.hasOwn(MONITOR_SETTINGS, name)) described[name] = value;
  }
  if (settings.allowed.length > 0) described['allowed'] = settings.allowed.join(',');
  return described;
}

/** The flags that say which rows are sent, as far as they are given. */
export function describeSelection({
  only,
  where,
  limit,
  visibleOnly,
  shard,
}: Pick<Settings, 'only' | 'where' | 'limit' | 'visibleOnly' | 'shard'>): SelectionReport {
  return {
    ...(only !== undefined && { only }),
    ...(where.length > 0 && { where }),
    ...(limit !== undefined && { limit }),
    ...(visibleOnly && { visible_only: true }),
    ...(shard !== undefined && { shard: shardText(shard) }),
  };
}

/** YAML is read, and its reader loaded, by those who have some. */
async function configOf(found: Found | undefined): Promise<Config> {
  if (found === undefined) return { entries: new Map(), problems: [], isWhole: true };
  const { readConfig } = await import('./config-file.js');
  return readConfig(found);
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
  const folder = process.cwd();
  if (Array.isArray(given) && takesMore(setting)) {
    const [text = '', ...more] = given.map(String);
    return { where, text, more, folder };
  }
  if (Array.isArray(given)) return { where, problem: 'is given more than once; give it once' };
  // What is neither comes from yargs' `--no-server` and `--server.x`.
  const isOfItsType = typeof given === 'string' || (typeof given === 'boolean' && setting.kind === 'boolean');
  if (!isOfItsType || given === '') return { where, problem: `has no value; needs ${needsOf(setting)}` };
  return { where, text: String(given), folder };
}

/** An empty variable counts as not set: that is how schedules and containers unset one. */
function fromVariable(variable: string | undefined, env: NodeJS.ProcessEnv): ({ where: string } & Given) | undefined {
  const text = variable === undefined ? '' : (env[variable] ?? '');
  if (variable === undefined || text === '') return undefined;
  return { where: variable, text, folder: process.cwd(), isVariable: true };
}

type Checked = { readonly value: unknown; readonly warning?: string | undefined } | Problem;

/** What came with quotes or blanks from the environment says so: one that is wrong, and one that is taken as it is. */
function withMangling(checked: Checked, setting: Setting, found: Found): Checked {
  if ('problem' in found || found.isVariable !== true || found.isSecret === true) return checked;
  const isWrong = 'problem' in checked;
  // Blanks at the ends of any other value are taken away; of a path they are a part.
  const isTrimmed = !isWrong && setting.kind !== 'path' && setting.kind !== 'secret';
  const mangling = describeMangling(isTrimmed ? found.text.trim() : found.text);
  if (mangling === undefined) return checked;
  if (isWrong) return { problem: `${checked.problem}; the value ${mangling}` };
  return { ...checked, warning: checked.warning ?? `the value ${mangling}` };
}

function checkValue(setting: Setting, found: Found): Checked {
  if ('problem' in found) return found;
  if (found.isSecret) return parseSecret(found.text);
  if (found.more !== undefined && !takesMore(setting)) return { problem: NEEDS_ONE };
  const { more = [] } = found;
  const path = resolve(found.folder, found.text);
  if (setting.kind === 'secret') return readSecretFile(path);
  if (setting.kind === 'path') return setting.pem === undefined ? { value: path } : checkPemFile(path, setting.pem);
  if (setting.kind === 'list') return checkList(setting, [found.text, ...more]);
  const text = [found.text, ...more].join(',');
  const value = parseValue(setting, text);
  if (value !== undefined) return { value };
  const shown = setting.kind === 'url' ? showAddress(text) : `"${showText(text, 60)}"`;
  return { problem: `found ${shown}, needs ${needsOf(setting)}` };
}

function takesMore(setting: Setting): boolean {
  return setting.kind === 'list' || (setting.kind === 'parsed' && setting.isRepeatable === true);
}

function checkList({ pattern, needs }: Extract<Setting, { kind: 'list' }>, given: readonly string[]): Checked {
  const texts = given.map((text) => text.trim());
  const wrong = texts.find((text) => !pattern.test(text));
  if (wrong !== undefined) return { problem: `found "${showText(wrong, 60)}", needs ${needs}` };
  return { value: Object.freeze(texts) };
}
