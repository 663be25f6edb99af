import { mkdirSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../src/core/input-error.js';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import { KilledJournal, LEFT, openJournalLines } from '../../src/record/journal.js';
import { aSettlement } from '../support/builders.js';
import { Lab } from '../support/lab.js';
import { step } from '../support/suite.js';

const NOON = Date.UTC(2026, 0, 31, 12);
let lab: Lab;
let path: string;

beforeEach(() => {
  lab = new Lab();
  path = lab.path('users.journal');
});
afterEach(() => lab.remove());

const CONTENT = { signature: '0123456789abcdef', status: '2', algorithm: '1' };
const ENTRIES: readonly JournalEntry[] = [
  {
    type: 'run',
    version: 1,
    id: '1b671a64',
    input: '/in/users.csv',
    sha256: 'ab'.repeat(32),
    at: NOON,
    reading: { encoding: undefined, delimiter: undefined, columns: undefined, sheet: undefined },
    signaturesDir: '/in',
    settings: { server: 'https://centagate.example', concurrency: 16, json: false },
  },
  { type: 'intent', key: 'otp:ann', attempt: 1, at: NOON + 1 },
  { type: 'intent', key: 'pki:m\u00fcller \u{1f511}\ufffd', attempt: 3, at: NOON + 2, content: CONTENT },
  { type: 'try', key: 'otp:ann', settlement: aSettlement({ outcome: 'unknown' }) },
  {
    type: 'settled',
    key: 'otp:ann',
    settlement: {
      outcome: 'registered',
      returnCode: '0',
      message: 'Success *J* "quoted"\n\\x',
      httpStatus: 200,
      attempts: 1,
      sentAt: NOON + 1,
      latencyMs: 7,
      detail: '',
    },
  },
];

const anyText = fc.string({ unit: 'grapheme' });
const someSettlement = fc.record({
  outcome: fc.constantFrom(...OUTCOME_NAMES),
  returnCode: anyText,
  message: fc.string({ unit: 'binary' }),
  httpStatus: fc.nat(),
  attempts: fc.nat(),
  sentAt: fc.nat(),
  latencyMs: fc.nat(),
  detail: anyText,
});
const anyEntry: fc.Arbitrary<JournalEntry> = fc.oneof(
  fc.record({ type: fc.constant('intent' as const), key: anyText, attempt: fc.nat(), at: fc.nat() }),
  fc.record({ type: fc.constant('try' as const), key: anyText, settlement: someSettlement }),
  fc.record({ type: fc.constant('settled' as const), key: anyText, settlement: someSettlement }),
);

/** What a run leaves that noted these. */
function write(entries: readonly JournalEntry[]): Buffer {
  return Buffer.from(openJournalLines()(entries));
}

function read(bytes: string | Uint8Array) {
  return readFrom(lab.file('users.journal', bytes));
}

/** All of its entries; each is read again by its number, and is the same. */
function readFrom(file: string) {
  const journal = new KilledJournal(file);
  try {
    const entries = [...journal.entries()];
    expect(entries.map((_, at) => journal.entry(at + 1))).toEqual(entries);
    return { entries, tornBytes: journal.tornBytes };
  } finally {
    journal.close();
  }
}

/** So many intents, of users whose names are of different lengths. */
function intents(count: number): JournalEntry[] {
  return Array.from({ length: count }, (_, at) => ({
    type: 'intent',
    key: `otp:${'n'.repeat(at % 7)}`,
    attempt: 1,
    at,
  }));
}

function errorOf(bytes: string | Uint8Array): InputError {
  try {
    read(bytes);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('the journal was read');
}

describe('writing', () => {
  test('an entry is a line: checksum, number, JSON', () => {
    const lines = write(ENTRIES).toString().split('\n');
    expect(lines).toHaveLength(ENTRIES.length + 1);
    const [first = ''] = lines;
    expect(first).toMatch(/^[0-9a-f]{8} 1 \{"type":"run",/);
    expect(Number.parseInt(first, 16)).toBe(crc32(first.slice(9)));
  });

  test('behind an intent there is room for its mark, and its place in the file is told', () => {
    const places = new Map<string, number>();
    const toBytes = openJournalLines((key, markAt) => places.set(key, markAt));
    const groups = [ENTRIES.slice(0, 2), ENTRIES.slice(2)];
    const bytes = Buffer.concat(groups.map((group) => Buffer.from(toBytes(group))));
    expect([...places.keys()]).toEqual(['otp:ann', 'pki:m\u00fcller \u{1f511}\ufffd']);
    for (const markAt of places.values()) expect(bytes.toString('latin1', markAt - 1, markAt + 2)).toBe('} \n');
  });

  test('the numbers go on from one group of entries to the next', () => {
    const toBytes = openJournalLines();
    const groups = [ENTRIES.slice(0, 2), [], ENTRIES.slice(2)];
    const text = groups.map((group) => toBytes(group).toString()).join('');
    expect(text).toBe(write(ENTRIES).toString());
  });

  test('a group may have any size', () => {
    const long: JournalEntry = { type: 'intent', key: `otp:${'\u{1f511}\ufffd'.repeat(60_000)}`, attempt: 1, at: NOON };
    const many = [...ENTRIES, long, ...intents(5000), long];
    expect(read(write(many))).toEqual({ entries: many, tornBytes: 0 });
  });
});

describe('reading', () => {
  test.each([15, 16, 17, 32, 100])('each of %i entries is found again by its number', (count) => {
    expect(read(write(intents(count))).entries).toEqual(intents(count));
  });

  test('what was noted comes back', () => {
    expect(read(write(ENTRIES))).toEqual({ entries: ENTRIES, tornBytes: 0 });
  });

  test('any entries come back, in their order', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 20 }), (entries) => {
        expect(read(write(entries))).toEqual({ entries, tornBytes: 0 });
      }),
    );
  });

  test('any marks come back, each with its intent', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyEntry, fc.boolean()), { maxLength: 20 }), (noted) => {
        const places: number[] = [];
        const entries = noted.map(([entry]) => entry);
        const bytes = Buffer.from(openJournalLines((_, markAt) => places.push(markAt))(entries));
        const expected = noted.map(([entry, hasLeft]) => {
          if (entry.type !== 'intent') return entry;
          const markAt = places.shift() ?? 0;
          if (!hasLeft) return entry;
          bytes.write(LEFT, markAt);
          return { ...entry, hasLeft: true };
        });
        expect(read(bytes)).toEqual({ entries: expected, tornBytes: 0 });
      }),
    );
  });

  test('a mark behind an entry that leaves nothing is damage, and so is another byte in its place', () => {
    const [run, intent, , tried] = write(ENTRIES)
      .toString()
      .split(/(?<=\n)/);
    for (const text of [run, tried]) errorOf((text ?? '').replace('\n', `${LEFT}\n`));
    errorOf(`${run ?? ''}${(intent ?? '').replace(' \n', '<\n')}`);
  });

  test('intents of a version that kept no marks have none', () => {
    const bytes = write(ENTRIES).toString().replaceAll(' \n', '\n');
    expect(read(bytes)).toEqual({ entries: ENTRIES, tornBytes: 0 });
  });

  test('values that are not there stay so', () => {
    const entry: JournalEntry = {
      type: 'settled',
      key: 'otp:ann',
      settlement: {
        outcome: 'not_sent',
        returnCode: '',
        message: '',
        httpStatus: undefined,
        attempts: 0,
        sentAt: undefined,
        latencyMs: undefined,
        detail: '',
      },
    };
    expect(read(write([entry])).entries).toEqual([entry]);
  });

  test('entries that begin in one piece of what is read at once and end in another are whole', () => {
    const entries = Array.from({ length: 5000 }, (_, at): JournalEntry => {
      return { type: 'intent', key: `otp:${'\u00e4'.repeat(at % 500)}`, attempt: 1, at };
    });
    const bytes = write(entries);
    expect(bytes.length).toBeGreaterThan(2 * 1024 * 1024);
    expect(read(bytes)).toEqual({ entries, tornBytes: 0 });
  });

  test('an empty journal has no entries', () => {
    expect(read('')).toEqual({ entries: [], tornBytes: 0 });
  });

  test('cut at any byte, it gives the entries that are whole, and tells how much was cut off', () => {
    const whole = write(ENTRIES);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const { entries, tornBytes } = read(whole.subarray(0, cut));
      expect(entries).toEqual(ENTRIES.slice(0, entries.length));
      const lineEnds = whole.subarray(0, cut).filter((byte) => byte === 0x0a).length;
      // An entry may lack its line end alone, and an intent the room for its mark.
      expect(entries.length === lineEnds || (entries.length === lineEnds + 1 && tornBytes === 0)).toBe(true);
      const lacking = Buffer.byteLength(write(entries)) - (cut - tornBytes);
      const isIntent = entries.at(-1)?.type === 'intent';
      if (entries.length === lineEnds) expect(lacking).toBe(0);
      else expect(isIntent ? [1, 2] : [1]).toContain(lacking);
    }
  });

  test('a tail of zeros, as a power cut leaves it, is a torn one', () => {
    expect(read(Buffer.concat([write(ENTRIES), Buffer.alloc(100)]))).toEqual({ entries: ENTRIES, tornBytes: 100 });
  });

  test('no flipped bit costs an entry without a word, or changes one', () => {
    const whole = write(ENTRIES);
    for (let bit = 0; bit < whole.length * 8; bit += step(7)) {
      const damaged = Buffer.from(whole);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(errorOf(damaged).message).toMatch(/damaged at byte \d+: restore it from a copy/);
    }
  });

  test('any entries, any byte made another: refused', () => {
    fc.assert(
      fc.property(
        fc.array(anyEntry, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (entries, at, mask) => {
          const damaged = Buffer.from(write(entries));
          const position = at % damaged.length;
          // What makes a mark is no damage.
          fc.pre(mask !== 0x1e || damaged.toString('latin1', position, position + 2) !== ' \n');
          damaged[position] = (damaged[position] ?? 0) ^ mask;
          expect(errorOf(damaged).file).toBe(path);
        },
      ),
    );
  });

  test('the message names the byte and the entry', () => {
    const whole = write(ENTRIES);
    const second = whole.indexOf(0x0a) + 1;
    whole[second + 20] = 0x58;
    expect(errorOf(whole)).toMatchObject({ file: path, line: 2 });
    expect(errorOf(whole).message).toContain(`damaged at byte ${second}: `);
  });

  test.each([
    ['an entry missing', [0, 2, 3]],
    ['an entry twice', [0, 1, 1, 2]],
    ['two entries in each other’s place', [0, 2, 1, 3]],
    ['the first entries missing', [1, 2]],
  ])('%s is damage', (_, order) => {
    const lines = write(ENTRIES).toString().split('\n');
    errorOf(order.map((at) => `${lines[at] ?? ''}\n`).join(''));
  });

  test.each([
    'null}',
    '{"type":"settled","key":"otp:ann"}',
    '{"type":"intent"}',
    '[{}',
    '{"type":"try","key":"a","settlement":null}',
  ])('a line that is none of ours is damage, though its checksum is right: %s', (json) => {
    const rest = `1 ${json}`;
    errorOf(`${crc32(rest).toString(16).padStart(8, '0')} ${rest}\n`);
  });

  test('another file than a journal is damage, or a tail', () => {
    errorOf('username,token_type\nann,otp\n');
    errorOf('\n');
    expect(read('username,token_type')).toEqual({ entries: [], tornBytes: 19 });
  });

  test('one that cannot be read is said in words', () => {
    mkdirSync(path);
    expect(() => readFrom(path)).toThrow(InputError);
    expect(() => readFrom(path)).toThrow("the journal of a killed run can't be read as it is a folder");
  });
});
