import { SETTINGS } from '../settings/setting.js';
import type { Setting } from '../settings/setting-rule.js';

/** What a setting is where nobody says otherwise, in the unit of the summary; undefined where it has no such value. */
export function usualOf(name: string): string | number | boolean | undefined {
  const isMs = name.endsWith('Ms');
  const plain = isMs ? name.slice(0, -2) : name;
  if (!Object.hasOwn(SETTINGS, plain)) return undefined;
  const setting = SETTINGS[plain as keyof typeof SETTINGS] as Setting;
  if (setting.kind === 'boolean') return false;
  const usual = 'default' in setting ? setting.default : undefined;
  return isMs && typeof usual === 'number' ? usual * 1000 : usual;
}

/** Was it said to be another than it usually is? One without a usual value is not. */
export function isUnusual([name, value]: readonly [string, string | number | boolean]): boolean {
  const usual = usualOf(name);
  return usual !== undefined && usual !== value;
}
