import { SETTINGS } from '../settings/setting.js';
import { environmentOf } from '../settings/setting-rule.js';
import type { Setting } from '../settings/setting-rule.js';

type Told = readonly [name: string, value: string | number | boolean];

/** By any text: a summary may be of another version, and has names of its own. */
const BY_NAME: ReadonlyMap<string, Setting> = new Map(Object.entries(SETTINGS));

function find(name: string): { readonly setting: Setting | undefined; readonly isMs: boolean } {
  const isMs = name.endsWith('Ms');
  return { setting: BY_NAME.get(isMs ? name.slice(0, -2) : name), isMs };
}

/** What a setting is where nobody says otherwise, in the unit of the summary; undefined where it has no such value. */
export function usualOf(name: string): string | number | boolean | undefined {
  const { setting, isMs } = find(name);
  if (setting === undefined) return undefined;
  if (setting.kind === 'boolean') return false;
  const usual = 'default' in setting ? setting.default : undefined;
  return isMs && typeof usual === 'number' ? usual * 1000 : usual;
}

/** Was it said to be another than it usually is? One without a usual value is not. */
export function isUnusual([name, value]: Told): boolean {
  const usual = usualOf(name);
  return usual !== undefined && usual !== value;
}

export interface ToldFlag {
  readonly flag: string;
  readonly text: string;
}

/** One that is not as usual and may have come from the environment: what belongs to a run alone has no variable. */
export function unusualFlag(told: Told): ToldFlag | undefined {
  const [name, value] = told;
  const { setting, isMs } = find(name);
  if (setting === undefined || environmentOf(setting).length === 0 || !isUnusual(told)) return undefined;
  const flag = `--${setting.flag}`;
  if (value === true) return { flag, text: flag };
  return { flag, text: `${flag} ${isMs && typeof value === 'number' ? value / 1000 : value}` };
}
