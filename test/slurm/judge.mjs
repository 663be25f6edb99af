import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { RETRY } from '../torture/stem-files.mjs';

/** Of a row with a token these are a lie. */
const DENIES = ['refused', 'invalid', 'unavailable', 'not_sent', 'already_registered'];

/**
 * Holds what shards left to what the server saw, in one pass over each: each row once and in its place, no send unmarked, no
 * key lost or made up, nothing secret. Nothing of the program is used.
 * @returns what is wrong, in sentences, and counts
 */
export function judge({ folder, stem, sends, secrets }) {
  const problems = [];
  const fail = (text) => problems.push(text);
  const read = (name) => readFileSync(join(folder, `${stem}.${name}`), 'utf8');
  const input = parse(read('csv'), { columns: true });
  const results = parse(read('results.csv'), { columns: true });
  const keys = existsSync(join(folder, `${stem}.keys.csv`)) ? parse(read('keys.csv'), { columns: true }) : [];
  const byUser = groupBy(sends, ({ username }) => username);
  const keysOf = groupBy(keys, ({ username }) => username);

  if (results.length !== input.length) fail(`${results.length} rows of ${input.length}`);
  const outcomes = {};
  let [sent, marked, more] = [0, 0, 0];
  input.forEach((row, at) => {
    const result = results[at] ?? {};
    const what = `${row.username} (line ${at + 2}) is ${result.outcome}`;
    const isSame = Object.entries(row).every(([name, cell]) => result[name] === cell);
    if (!isSame) fail(`row ${at + 2} is not in its place: ${result.username} instead of ${row.username}`);
    if (Number(result.line) !== at + 2) fail(`${what}, with line ${result.line}`);
    if (RETRY[result.outcome] !== result.retry) fail(`${what}, with retry ${result.retry}`);
    outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
    const own = byUser.get(row.username) ?? [];
    const attempts = Number(result.attempts);
    sent += own.length;
    marked += attempts;
    if (own.length > 1) more += 1;
    if (own.length > attempts) fail(`${what}: the server saw ${own.length} sends, attempts says ${attempts}`);
    const applied = own.filter((send) => send.applied);
    if (applied.length > 1) fail(`${what}: registered ${applied.length} times`);
    if (result.outcome === 'registered' && applied.length === 0) fail(`${what}, and no send did it`);
    if (applied.length > 0 && DENIES.includes(result.outcome)) fail(`${what}, but send ${applied[0].n} was applied`);
    const saved = keysOf.get(row.username) ?? [];
    const made = applied.map(({ key }) => key);
    if (result.outcome === 'registered' && saved.filter(({ key }) => made.includes(key)).length !== 1)
      fail(`${what}, with ${saved.length} keys, not the one that the server gave`);
    if (saved.some(({ key }) => !made.includes(key))) fail(`${what}, with a key that the server did not give`);
  });
  const known = new Set(input.map(({ username }) => username));
  for (const { username } of [...keys, ...sends]) if (!known.has(username)) fail(`nobody is called ${username}`);

  const left = results.filter(({ retry }) => retry !== 'no').map(({ line }) => line);
  const failed = parse(read('failed.csv'), { columns: true }).map(({ line }) => line);
  if (failed.join() !== left.join()) fail(`the failed file has ${failed.length} rows, not the ${left.length} left`);
  const summary = JSON.parse(read('summary.json'));
  for (const outcome of Object.keys(RETRY)) {
    if ((summary.outcomes[outcome] ?? 0) !== (outcomes[outcome] ?? 0)) fail(`the summary miscounts ${outcome}`);
  }
  findSecrets({ folder, secrets, keys }).forEach(fail);
  return { problems, figures: { outcomes, keys: keys.length, sent, marked, more } };
}

/** In files of any name: no secret, and no key but in keys files. */
function findSecrets({ folder, secrets, keys }) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return names.flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const told = secrets.filter((secret) => text.includes(secret)).map(() => `${path} holds a secret`);
    const key = path.endsWith('.keys.csv')
      ? undefined
      : keys.find(({ key: any }, at) => at % 97 === 0 && text.includes(any));
    return key === undefined ? told : [...told, `${path} holds the key of ${key.username}`];
  });
}

function groupBy(values, keyOf) {
  const groups = new Map();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}
