import { SETTINGS } from '../settings/setting.js';
import type { Setting } from '../settings/setting-rule.js';

type Told = readonly [name: string, value: string | number | boolean];

/** By any text: a summary may be of another version, and has names of its own. */
const BY_NAME: ReadonlyMap<string, Setting> = new Map(Object.entries(SETTINGS));

/** What a setting is where nobody says otherwise, in the unit of the summary; undefined where it has no such value. */
export function usualOf(name: string): string | number | boolean | undefined {
  const isMs = name.endsWith('Ms');
  const setting = BY_NAME.get(isMs ? name.slice(0, -2) : name);
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
