import { allowText } from '../core/allowance.js';
import type { Allowance } from '../core/allowance.js';
import { showAddress } from './secret.js';
import { SETTINGS } from './setting.js';
import type { SettingName } from './setting.js';
import type { Setting } from './setting-rule.js';

const LOOPBACK = /^(?:localhost|\[::1\]|127(?:\.\d+){3})$/;

/** The values that can contradict others; those that were not given are absent, or false. */
type Values = Partial<Readonly<Record<SettingName, unknown>>> & {
  readonly server?: string | undefined;
  readonly allowed?: readonly Allowance[];
};

/** What is wrong with settings that are right each by itself, each with its remedy. */
export function contradictions(values: Values, origins: ReadonlyMap<SettingName, string>): string[] {
  const problems: string[] = [];
  const { server, allowed = [] } = values;
  if (server?.startsWith('http:') && !allowed.includes('plain-http') && !LOOPBACK.test(new URL(server).hostname)) {
    const remedy = `use https, or ${allowText('plain-http')}`;
    problems.push(`${origins.get('server') ?? ''}: ${showAddress(server)} is plain http to another machine; ${remedy}`);
  }
  for (const [one, other] of [
    ['clientCert', 'clientKey'],
    ['clientKey', 'clientCert'],
    ['approval', 'approvers'],
    ['approvers', 'approval'],
  ] as const) {
    const { flag, env }: Setting = SETTINGS[other];
    const origin = origins.get(one);
    const variable = env === undefined ? '' : ` (${env})`;
    if (origin !== undefined && !origins.has(other)) problems.push(`${origin}: needs --${flag}${variable} with it`);
  }
  for (const name of ['annotate', 'all', 'errorsOnly'] as const) {
    const isGiven = values[name] !== undefined && values[name] !== false;
    if (!isGiven || values.dryRun !== false) continue;
    problems.push(`${origins.get(name) ?? ''}: is for validate and --dry-run: a run says it in its results`);
  }
  for (const name of ['fresh', 'limit'] as const) {
    const isGiven = values[name] !== undefined && values[name] !== false;
    if (isGiven && values.shard !== undefined) problems.push(`${origins.get(name) ?? ''}: ${NOT_SHARDED[name]}`);
  }
  if (values.trust !== undefined && (values.checkSignatures ?? 'full') !== 'full') {
    problems.push(`${origins.get('trust') ?? ''}: is for full checks: needs --check-signatures full, or none`);
  }
  return problems;
}

const NOT_SHARDED = {
  fresh: 'is not for a shard, which shares its history with the others: give them all another --name',
  limit: 'is not for a shard: run the pilot without --shard, and then the rest with it',
};
