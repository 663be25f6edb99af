import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/usage-error.js';
import { KEYS_HEADER, readSavedKeys, toKeysText } from '../../src/record/keys-file.js';
import { appendKeys } from '../../src/shards/merge-keys.js';
import { Lab } from '../support/lab.js';
import { aKey } from '../support/stem-files.js';
import { step } from '../support/suite.js';

const HEADER = `${KEYS_HEADER.join()}\n`;

let lab: Lab;
let path: string;
let shards: string[];
beforeEach(() => {
  lab = new Lab();
  path = lab.path('users.keys.csv');
  shards = [
    lab.file('0.keys.csv', `${HEADER}${toKeysText([aKey('ann'), aKey('b,"en')])}`),
    lab.path('1.keys.csv'),
    lab.file('2.keys.csv', HEADER),
    lab.file(
      '3.keys.csv',
      `${HEADER}${toKeysText([aKey('cem', { raw: { form: 'json', text: '{"a":1}', isOdd: true } })])}`,
    ),
  ];
});
afterEach(() => lab.remove());

/** What there was when the shards began. */
async function before() {
  const { length, missing } = await readSavedKeys(path, () => undefined);
  return { bytes: length, missing };
}

const KEYS = toKeysText([
  aKey('ann'),
  aKey('b,"en'),
  aKey('cem', { raw: { form: 'json', text: '{"a":1}', isOdd: true } }),
]);

describe('the keys of shards', () => {
  it('come behind those of the whole, each once, however often', async () => {
    lab.file('users.keys.csv', `${HEADER}${toKeysText([aKey('dan')])}`);
    const round = await before();
    for (let time = 0; time < 2; time += 1) {
      await appendKeys(path, round, shards);
      expect(readFileSync(path, 'utf8')).toBe(`${HEADER}${toKeysText([aKey('dan')])}${KEYS}`);
    }
  });

  it('begin a file for this user alone where there was none', async () => {
    await appendKeys(path, await before(), shards);
    expect(readFileSync(path, 'utf8')).toBe(HEADER + KEYS);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('are made whole wherever a kill has cut them off', async () => {
    lab.file('users.keys.csv', `${HEADER}${toKeysText([aKey('dan')])}`);
    const round = await before();
    await appendKeys(path, round, shards);
    const whole = readFileSync(path);
    for (let size = round.bytes; size < whole.length; size += step(7)) {
      writeFileSync(path, whole.subarray(0, size));
      await appendKeys(path, round, shards);
      expect(readFileSync(path, 'utf8')).toBe(whole.toString());
    }
  });

  it.each([
    [
      'a last line without its end',
      `${HEADER}${toKeysText([aKey('dan')]).trimEnd()}`,
      `${HEADER}${toKeysText([aKey('dan')])}`,
    ],
    ['a torn last line', `${HEADER}${toKeysText([aKey('dan')])}eve,KE`, `${HEADER}${toKeysText([aKey('dan')])}`],
  ])('come behind %s', async (_, text, mended) => {
    lab.file('users.keys.csv', text);
    await appendKeys(path, await before(), shards);
    expect(readFileSync(path, 'utf8')).toBe(mended + KEYS);
  });

  it('have as many columns as the file that they come into, where they say no more', async () => {
    const head = `${KEYS_HEADER.slice(0, 3).join()}\n${toKeysText([aKey('dan')], 3)}`;
    lab.file('users.keys.csv', head);
    await appendKeys(path, await before(), shards.slice(0, 1));
    expect(readFileSync(path, 'utf8')).toBe(`${head}${toKeysText([aKey('ann'), aKey('b,"en')], 3)}`);
  });

  it.each([
    ['more than they are', (text: string) => `${text}${toKeysText([aKey('eve')])}`],
    ['another key', (text: string) => text.replace('KEY-OF-ANN', 'KEY-OF-EVE')],
    ['less than there was', () => HEADER],
  ])('are refused where there is %s, and nothing is changed', async (_, change) => {
    lab.file('users.keys.csv', `${HEADER}${toKeysText([aKey('dan')])}`);
    const round = await before();
    await appendKeys(path, round, shards);
    const changed = change(readFileSync(path, 'utf8'));
    writeFileSync(path, changed);
    await expect(appendKeys(path, round, shards)).rejects.toThrow(UsageError);
    expect(readFileSync(path, 'utf8')).toBe(changed);
  });

  it('are nowhere else', async () => {
    await appendKeys(path, await before(), shards);
    expect(existsSync(`${path}.tmp`)).toBe(false);
  });
});
