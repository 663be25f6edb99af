import { dirname, resolve } from 'node:path';

import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

import { showText } from '../core/safe-text.js';
import { readSmallFile } from '../core/small-file.js';
import { decodeText, MAX_SMALL_FILE_BYTES } from './secret.js';
import type { Problem } from './secret.js';
import { NEEDS_ONE } from './setting-value.js';
import { SETTING_NAMES, SETTINGS } from './setting.js';
import type { SettingName } from './setting.js';

/** What one source says of a setting, and where it says it. */
export type Found = { readonly where: string } & (Problem | Given);

export interface Given {
  readonly text: string;
  /** The other values of a setting that was given more than once, or as a list. */
  readonly more?: readonly string[];
  readonly folder: string;
  /** Of the environment, where quotes and blanks may have come with it. */
  readonly isVariable?: true;
  /** The text is the secret itself, not the name of its file. */
  readonly isSecret?: boolean;
}

export interface Config {
  readonly entries: ReadonlyMap<SettingName, Found>;
  readonly problems: readonly string[];
  /** Whether all of the file could be read; else nothing can be called missing. */
  readonly isWhole: boolean;
}

export function readConfig(found: Found): Config {
  // A broken --config is a problem of its own setting.
  if ('problem' in found) return unread([]);
  const path = resolve(found.folder, found.text);
  const name = showText(found.text);
  const file = readSmallFile(path, MAX_SMALL_FILE_BYTES);
  if ('problem' in file) return unread([`${found.where}: "${name}" ${file.problem}`]);
  const text = decodeText(file.bytes);
  if (text === undefined) return unread([`${found.where}: "${name}" is not UTF-8 text`]);
  return parseConfig(text, { name, folder: dirname(path) });
}

function unread(problems: readonly string[]): Config {
  return { entries: new Map(), problems, isWhole: false };
}

function parseConfig(text: string, file: { readonly name: string; readonly folder: string }): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  // The library's own messages quote the file, which may hold what nobody should see.
  const faults = [...document.errors, ...document.warnings].slice(0, 10).map(({ code, pos }) => {
    const { line, col } = lines.linePos(pos[0]);
    return `${file.name} line ${line}, column ${col}: is not valid YAML (${code.toLowerCase().replaceAll('_', ' ')})`;
  });
  const root = document.contents;
  const isEmpty = root === null || (isScalar(root) && root.source === '');
  if (!isEmpty && !isMap(root)) faults.push(`${file.name}: needs lines such as "concurrency: 8"`);
  if (faults.length > 0) return unread(faults);
  const entries = new Map<SettingName, Found>();
  const problems: string[] = [];
  for (const { key, value } of isMap(root) ? root.items : []) {
    const word = isScalar(key) ? key.source : '';
    const where = `${showText(word, 40)} in ${file.name} line ${lines.linePos(key.range[0]).line}`;
    const named = nameOfKey(word);
    if ('problem' in named) problems.push(`${where}: ${named.problem}`);
    else if (entries.has(named.name)) problems.push(`${where}: is given more than once, in another spelling`);
    else entries.set(named.name, { where, ...valueTexts(value), folder: file.folder });
  }
  return { entries, problems, isWhole: true };
}

/** The setting of a config key in kebab, snake or camel spelling. */
function nameOfKey(key: string): { readonly name: SettingName } | Problem {
  const word = plainWord(key);
  const inConfig = SETTING_NAMES.filter(
    (name) => ('env' in SETTINGS[name] || 'isInConfig' in SETTINGS[name]) && name !== 'config',
  );
  for (const name of SETTING_NAMES) {
    const flag: string = SETTINGS[name].flag;
    if (plainWord(flag) === word) {
      return inConfig.includes(name)
        ? { name }
        : { problem: `does not belong in a configuration file; give --${flag}` };
    }
    if (SETTINGS[name].kind === 'secret' && plainWord(flag) === `${word}file`) {
      return { problem: `a configuration file holds no secrets; put it in a file of its own and name that as ${flag}` };
    }
  }
  const flags = inConfig.map((name) => SETTINGS[name].flag);
  const near = flags.filter((flag) => plainWord(flag).startsWith(word.slice(0, 3)));
  return { problem: `is not a setting; did you mean ${(near.length > 0 ? near : flags).join(' or ')}?` };
}

function plainWord(key: string): string {
  return key.toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** A list has as many values. */
function valueTexts(node: unknown): Pick<Given, 'text' | 'more'> | Problem {
  if (!isSeq(node) || node.items.length === 0) return scalarText(node);
  const texts: string[] = [];
  for (const item of node.items) {
    const found = scalarText(item);
    if ('problem' in found) return found;
    texts.push(found.text);
  }
  const [text = '', ...more] = texts;
  return { text, more };
}

/** As it is written, so that an administrator `007` stays one. */
function scalarText(node: unknown): { readonly text: string } | Problem {
  if (!isScalar(node)) return { problem: NEEDS_ONE };
  if (node.value === null || !node.source) return { problem: 'has no value; give one or leave the line out' };
  return { text: node.source };
}
