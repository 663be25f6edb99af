import type { Setting } from './setting-rule.js';

export type PlainSetting = Exclude<Setting, { kind: 'secret' | 'path' | 'list' }>;

export function parseValue(setting: PlainSetting, given: string): unknown {
  const text = given.trim();
  switch (setting.kind) {
    case 'string':
      return setting.pattern.test(text) ? text : undefined;
    case 'parsed':
      // A tab is a delimiter: nothing is trimmed.
      return setting.parse(given);
    case 'url':
      return isServerAddress(text) ? new URL(text).origin : undefined;
    case 'integer':
    case 'number':
    case 'seconds': {
      const isNumber = (setting.kind === 'integer' ? /^\d{1,9}$/ : /^\d{1,9}(?:\.\d{1,9})?$/).test(text);
      return isNumber && Number(text) >= setting.min && Number(text) <= setting.max ? Number(text) : undefined;
    }
    case 'choice': {
      const choice = choiceOf(setting.names, text);
      return setting.choices.includes(choice) ? choice : undefined;
    }
    case 'boolean':
      return BOOLEANS.get(text.toLowerCase());
  }
}

const BOOLEANS = new Map([
  ...['true', 'yes', '1'].map((word) => [word, true] as const),
  ...['false', 'no', '0'].map((word) => [word, false] as const),
]);

const NEEDS = {
  url: 'https://host[:port] and nothing after it: the path is added to it',
  boolean: 'true or false (or yes, no, 1, 0)',
  path: 'the name of a file or folder',
  secret: 'the name of a file',
};

export const NEEDS_ONE = 'needs a single plain value';

export function needsOf(setting: Setting): string {
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
