import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eachRow } from '../../src/input/file-row.js';
import { InputError } from '../../src/core/input-error.js';
import { DurableFile } from '../../src/record/durable-file.js';
import { KEYS_HEADER, readSavedKeys, toKeysText } from '../../src/record/keys-file.js';
import type { SavedKey, SavedKeys } from '../../src/record/keys-file.js';
import { openInputText } from '../../src/input/input-text.js';
import { openRowFile } from '../../src/input/row-reader.js';
import { Lab } from '../support/lab.js';
import { runs } from '../support/suite.js';

const NOON = Date.UTC(2026, 0, 31, 12, 0, 0, 250);
const HEADER = 'username,key,registered_at,written,object\n';
const OLD_HEADER = 'username,key,registered_at\n';
const ANN = 'ann,7A3F,2026-01-31T12:00:00.250Z,,\n';
const isRoot = process.getuid?.() === 0;
let lab: Lab;
let path: string;

beforeEach(() => {
  lab = new Lab();
  path = lab.path('users.keys.csv');
});
afterEach(() => lab.remove());

function read(content: string | Uint8Array) {
  return readFrom(lab.file('users.keys.csv', content));
}

/** Together with each user's last key. */
async function readFrom(file: string): Promise<SavedKeys & { readonly savedAt: ReadonlyMap<string, number> }> {
  const savedAt = new Map<string, number>();
  return { ...(await readSavedKeys(file, (username, at) => savedAt.set(username, at))), savedAt };
}

/** One run after another over the file, as it is on the disk. */
async function save(...keys: readonly SavedKey[]): Promise<string> {
  const { length, missing, width } = await readFrom(path);
  const toBytes = (saved: readonly SavedKey[]): Buffer => Buffer.from(toKeysText(saved, width));
  const file = new DurableFile(path, { toBytes, length, head: missing });
  keys.forEach((key) => file.append(key));
  await file.sync();
  file.close();
  return readFileSync(path, 'utf8');
}

/** What came with a key, as the file has it. */
const RAW = { text: '{"Key":"B,0"}', form: 'json', isOdd: true } as const;
const KEY: SavedKey = { username: 'bob', key: 'B0B', savedAt: NOON };
const BOB = 'bob,B0B,2026-01-31T12:00:00.250Z,,\n';
const OLD_BOB = 'bob,B0B,2026-01-31T12:00:00.250Z\n';

describe('saving', () => {
  test('a first key comes behind the header, with the time at which it was saved', async () => {
    expect(await save({ username: 'ann', key: '7A3F', savedAt: NOON })).toBe(HEADER + ANN);
    expect(KEYS_HEADER.join(',')).toBe(HEADER.trimEnd());
  });

  test('all runs of a stem add to one file, which has one header', async () => {
    await save({ username: 'ann', key: '7A3F', savedAt: NOON });
    await save();
    expect(await save(KEY)).toBe(HEADER + ANN + BOB);
  });

  test('any username and any key come back cell for cell', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', ' ', "'", '=', 'k'), minLength: 1 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 }), async (pairs) => {
        const lines = toKeysText(pairs.map(([username, key]) => ({ username, key, savedAt: NOON })));
        const text = HEADER.replace('key', 'token_type') + lines;
        const found: (readonly string[])[] = [];
        for await (const row of eachRow(await openRowFile(await openInputText(lab.file('keys.csv', text)))))
          found.push(row.cells);
        expect(found).toEqual(pairs.map(([username, key]) => [username, key, '2026-01-31T12:00:00.250Z', '', '']));
      }),
      runs(200),
    );
  });
});

describe('a key that is no plain text, or did not come alone', () => {
  test.each<[Partial<SavedKey>, string]>([
    [{ raw: RAW }, 'B0B,2026-01-31T12:00:00.250Z,object as JSON,"{""Key"":""B,0""}"'],
    [{ raw: { ...RAW, text: 'e30=', form: 'base64' } }, 'B0B,2026-01-31T12:00:00.250Z,object in base64,e30='],
    [
      { key: '"\\ud800"', form: 'json', raw: RAW },
      '"""\\ud800""",2026-01-31T12:00:00.250Z,key as JSON; object as JSON,"{""Key"":""B,0""}"',
    ],
    [
      { key: '/w==', form: 'base64', raw: { ...RAW, text: '/w==', form: 'base64' } },
      '/w==,2026-01-31T12:00:00.250Z,key in base64; object in base64,/w==',
    ],
    [{ key: '', raw: RAW }, ',2026-01-31T12:00:00.250Z,object as JSON,"{""Key"":""B,0""}"'],
    [
      { raw: { ...RAW, text: '', form: 'left_out' } },
      'B0B,2026-01-31T12:00:00.250Z,object left out: it quotes a secret,',
    ],
    [{ key: '/w==', form: 'base64', isTakenBack: true }, '/w==,taken back 2026-01-31T12:00:00.250Z,key in base64,'],
  ])('has a column that says how it is written: %j', async (changes, line) => {
    expect(await save({ ...KEY, ...changes })).toBe(`${HEADER}bob,${line}\n`);
    const savedAt = changes.key === '' ? undefined : changes.isTakenBack === true ? 0 : NOON;
    expect((await readFrom(path)).savedAt.get('bob')).toBe(savedAt);
  });

  test('is in a file of an earlier version too, whose other lines stay as they are', async () => {
    lab.file('users.keys.csv', `${OLD_HEADER}${OLD_BOB}`);
    const text = await save(KEY, { ...KEY, raw: RAW });
    expect(text).toBe(`${OLD_HEADER}${OLD_BOB}${OLD_BOB}${OLD_BOB.trimEnd()},object as JSON,"{""Key"":""B,0""}"\n`);
    expect(await readFrom(path)).toMatchObject({ width: 3, isTorn: false, missing: '' });
  });

  test('keeps its key wherever a kill cuts what stands behind it', async () => {
    await save(KEY, { ...KEY, username: 'ann', raw: RAW });
    const whole = readFileSync(path, 'utf8');
    for (let cut = whole.indexOf('ann,B0B,') + 8; cut < whole.length; cut += 1) {
      lab.file('users.keys.csv', whole.slice(0, cut));
      expect(await readFrom(path)).toMatchObject({ isTorn: false, length: cut });
      await save({ ...KEY, username: 'dora' });
      const text = readFileSync(path, 'utf8');
      expect(text.startsWith(whole.slice(0, cut))).toBe(true);
      for (const record of parse(text)) expect(record).toHaveLength(5);
      expect([...(await readFrom(path)).savedAt.keys()]).toEqual(['bob', 'ann', 'dora']);
    }
  });

  test('that did not come at all settles nothing, and takes nothing from a key before', async () => {
    await save(KEY, { ...KEY, key: '', raw: RAW, savedAt: NOON + 1 });
    expect((await readFrom(path)).savedAt.get('bob')).toBe(NOON);
  });
});

describe('reading', () => {
  test('no file, and an empty one, lack their header', async () => {
    const nothing = { length: 0, missing: HEADER, count: 0, width: 5, isTorn: false, savedAt: new Map() };
    expect(await readFrom(path)).toEqual(nothing);
    expect(await read('')).toEqual(nothing);
  });

  test("each user's last key counts", async () => {
    const text = `${HEADER}${ANN}bob,1,2026-01-31T12:00:00.250Z\nann,2,2026-02-01T00:00:00.000Z\n`;
    expect(await read(text)).toEqual({
      length: text.length,
      missing: '',
      count: 3,
      width: 5,
      isTorn: false,
      savedAt: new Map([
        ['ann', Date.UTC(2026, 1, 1)],
        ['bob', NOON],
      ]),
    });
  });

  test('usernames come back as they were saved', async () => {
    const usernames = ['a,b', 'a"b', 'ä', '\u{1f511}', '=1+1', 'registered_at', 'username'];
    await save(...usernames.map((username) => ({ username, key: 'k,"\nk', savedAt: NOON })));
    expect([...(await readFrom(path)).savedAt]).toEqual(usernames.map((username) => [username, NOON]));
  });

  test.each([
    ['a byte order mark', `\ufeff${HEADER}${ANN}`],
    ['CRLF', `${HEADER}${ANN}`.replaceAll('\n', '\r\n')],
    ['CRLF, and LF behind it', `${HEADER.replace('\n', '\r\n')}${ANN}`],
    ['LF, and CRLF behind it', `${HEADER}${ANN.replace('\n', '\r\n')}`],
    ['blank lines', `${HEADER}\n${ANN}\n`],
    ['no header', ANN],
    ['a stray quote', `${HEADER}o"neil,1,2026-01-31T12:00:00.250Z\n${ANN}`],
  ])('what an editor made of it is read all the same: %s', async (_, text) => {
    const keys = await read(text);
    expect(keys.savedAt.get('ann')).toBe(NOON);
    expect(keys).toMatchObject({ length: Buffer.byteLength(text), missing: '', isTorn: false });
  });

  test('what is appended to a file with CRLF is read as rows of their own', async () => {
    lab.file('users.keys.csv', `${HEADER}${ANN}`.replaceAll('\n', '\r\n'));
    await save(KEY, { ...KEY, username: 'carl' });
    expect([...(await readFrom(path)).savedAt.keys()]).toEqual(['ann', 'bob', 'carl']);
  });

  test('bytes that are not UTF-8 cost nothing: the length is that of the file', async () => {
    const bytes = Buffer.from(`${HEADER}m\xfcller,1,2026-01-31T12:00:00.250Z\n`, 'latin1');
    expect((await read(bytes)).length).toBe(bytes.length);
    await save(KEY);
    expect(readFileSync(path)).toEqual(Buffer.concat([bytes, Buffer.from(BOB)]));
  });

  test('a time that is none is older than any send', async () => {
    expect((await read(`${HEADER}ann,1,yesterday\n`)).savedAt.get('ann')).toBe(0);
  });

  test('a folder in its place is said in words', async () => {
    mkdirSync(path);
    await expect(readFrom(path)).rejects.toThrow(InputError);
    await expect(readFrom(path)).rejects.toThrow("the keys file can't be read as it is a folder");
  });

  test('one that is there and does not open is never taken for an empty one', async () => {
    symlinkSync('users.keys.csv', path);
    await expect(readFrom(path)).rejects.toThrow("the keys file can't be read as it is a symbolic link");
  });

  test.skipIf(isRoot)('one that this user may not read is said in words', async () => {
    chmodSync(lab.file('users.keys.csv', HEADER), 0);
    await expect(readFrom(path)).rejects.toThrow("the keys file can't be read (EACCES)");
  });

  test('a quote that is never closed is damage: nobody guesses over it', async () => {
    await expect(read(`${HEADER}${ANN}"bob,1,2026-01-31T12:00:00.250Z\n${ANN}`)).rejects.toThrow(
      new InputError(path, 1, 'a quote in this file is never closed: close it'),
    );
  });
});

test('each key is told as the server gave it, however it is written', async () => {
  const texts: string[] = [];
  const lines = [
    'ann,7A3F,,,',
    'bob,"""B\\u0001""",,key as JSON,',
    'cyd,w7x4,,key in base64; object in base64,e30=',
    'dan,"x""",,key as JSON,',
  ];
  const file = lab.file('users.keys.csv', [HEADER.trimEnd(), ...lines, ''].join('\n'));
  await readSavedKeys(
    file,
    () => undefined,
    (text) => texts.push(text),
  );
  expect(texts).toEqual(['7A3F', 'B\u0001', 'üx', 'x"']);
});

test('who can not take a key says why, once, and ends the reading', async () => {
  const file = lab.file('users.keys.csv', HEADER + ANN + BOB);
  const problem = new Error('the disk is full');
  let calls = 0;
  const reading = readSavedKeys(file, () => {
    calls += 1;
    throw problem;
  });
  await expect(reading).rejects.toBe(problem);
  expect(calls).toBe(1);
});

describe('a last line without its line end', () => {
  test.each([
    'bob,B0B,2026-01-31T12:00:00.250Z',
    'bob,B0B,2026-01-31T12:00:00.250Z,',
    'bob,B0B,2026-01-31T12:00:00.250Z,,',
    'bob,"B,0",2026-01-31T12:00:00.250Z,,',
    '"b,b",B0B,2026-01-31T12:00:00.250Z,object as JSON,"{""Key"":1}"',
  ])('is whole when all of it is there: %s', async (last) => {
    const keys = await read(HEADER + ANN + last);
    const rest = `${','.repeat(5 - (parse(last)[0]?.length ?? 0))}\n`;
    expect(keys).toMatchObject({ length: (HEADER + ANN + last).length, missing: rest, isTorn: false });
    expect(keys.savedAt.size).toBe(2);
    expect(await save({ ...KEY, username: 'carl' })).toBe(`${HEADER}${ANN}${last}${rest}carl,${BOB.slice(4)}`);
  });

  test.each(['b', 'bob', 'bob,', 'bob,B0', '"bo', 'bob,"B,', 'bob,"B""', '\0\0\0\0'])(
    'that ends before its key does was never relied on, and is cut off: %j',
    async (last) => {
      const keys = await read(HEADER + ANN + last);
      expect(keys).toMatchObject({ length: (HEADER + ANN).length, missing: '', isTorn: true });
      expect([...keys.savedAt.keys()]).toEqual(['ann']);
      expect(await save(KEY)).toBe(HEADER + ANN + BOB);
    },
  );

  test.each(['bob,B0B,', 'bob,B0B,2026-01', 'bob,"B,0",2026-01-31T12:00:00.250'])(
    'that has its key keeps it, newer than any send, until something is written behind it: %s',
    async (last) => {
      const keys = await read(HEADER + ANN + last);
      expect(keys).toMatchObject({ missing: ',,\n', isTorn: false });
      expect(keys.savedAt.get('bob')).toBeGreaterThan(NOON);
      expect(await save({ ...KEY, username: 'carl' })).toContain(`${last},,\ncarl,`);
      expect((await readFrom(path)).savedAt.get('bob') ?? 0).toBeLessThan(NOON);
    },
  );

  test('is known however long it is, behind however many keys', async () => {
    const text = HEADER + ANN.repeat(10_000);
    const key = 'k'.repeat(600 * 1024);
    expect(await read(`${text}bob,${key},2026`)).toMatchObject({ length: text.length + key.length + 9, isTorn: false });
    expect(await read(`${text}bob,"${key}`)).toMatchObject({ length: text.length, missing: '', isTorn: true });
  });

  test('may be the header, whole', async () => {
    expect(await read(HEADER.trimEnd())).toMatchObject({ length: HEADER.length - 1, missing: '\n', isTorn: false });
    expect(await save(KEY)).toBe(HEADER + BOB);
    expect(await read(OLD_HEADER.trimEnd())).toMatchObject({ width: 3, missing: '\n', isTorn: false });
    expect(await save(KEY)).toBe(OLD_HEADER + OLD_BOB);
  });

  test.each([
    'u',
    'username',
    'username,k',
    'username,key,',
    'username,key,registered_a',
    'username,key,registered_at,',
    'username,key,registered_at,written,obj',
  ])('may be a torn header, which is written anew: %s', async (last) => {
    expect(await read(last)).toMatchObject({ length: 0, missing: HEADER, isTorn: true });
    expect(await save(KEY)).toBe(HEADER + BOB);
    expect([...(await readFrom(path)).savedAt.keys()]).toEqual(['bob']);
  });

  test('wherever a kill cuts the file, no key before the cut is lost, and what comes next is readable', async () => {
    await save(
      { username: 'ann', key: 'A"1', savedAt: NOON },
      { username: 'b,b', key: '\u{1f511}', savedAt: NOON },
      { username: 'carl', key: '=C,3', savedAt: NOON },
    );
    const whole = readFileSync(path);
    const lineEnds = [...whole.keys()].filter((at) => whole[at] === 0x0a).map((at) => at + 1);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      lab.file('users.keys.csv', whole.subarray(0, cut));
      await save({ username: 'dora', key: 'D4', savedAt: NOON });
      const names = [...(await readFrom(path)).savedAt.keys()];
      const before = lineEnds.filter((end) => end <= cut).length - 1;
      expect(names.filter((name) => name !== 'username').slice(0, Math.max(0, before))).toEqual(
        ['ann', 'b,b', 'carl'].slice(0, Math.max(0, before)),
      );
      expect(names.at(-1)).toBe('dora');
      expect(readFileSync(path, 'utf8')).toMatch(/^username,key,registered_at(?:,written,object)?\n/);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
  });
});
