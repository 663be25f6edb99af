import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ADDED_COLUMN_NAMES, UNDO_COLUMN } from '../../src/input/added-column.js';
import {
  alignColumns,
  columnHints,
  joinHeaders,
  mapOf,
  missingColumnText,
  parseHeader,
  usedNames,
} from '../../src/input/header.js';
import type { ColumnMap } from '../../src/input/column-map.js';
import type { Header } from '../../src/input/header.js';
import { aHeader, OWN_NAMES } from '../support/builders.js';

function problemOf(names: readonly string[]): string {
  const header = parseHeader(names);
  return 'problem' in header ? header.problem : 'none';
}

describe('the header of a first input', () => {
  test('says where the columns are that we read', () => {
    expect(aHeader(['department', 'username', 'token_type'])).toEqual({
      width: 3,
      ownNames: ['department', 'username', 'token_type'],
      ownKeys: ['department', 'username', 'token_type'],
      own: [0, 1, 2],
      used: { username: 1, token_type: 2 },
      added: undefined,
    });
  });

  test('has its columns in any order and spelling', () => {
    const header = aHeader(['STATUS', 'Token Type', 'Signature-Path', 'User Name', ' Algorithm ']);
    expect(header.used).toEqual({ status: 0, token_type: 1, signature_path: 2, username: 3, algorithm: 4 });
    expect(header.ownNames).toEqual(['STATUS', 'Token Type', 'Signature-Path', 'User Name', ' Algorithm ']);
  });

  test('may name a column that we do not know, also twice, also without a name', () => {
    const names = [
      'username',
      'token_type',
      'note',
      'note',
      '',
      '',
      'constructor',
      'constructor',
      'toString',
      'toString',
    ];
    expect(aHeader(names).ownNames).toEqual(names);
  });

  test.each([
    [['username', 'status'], 'token_type'],
    [['token_type'], 'username'],
    [['name', 'number'], 'username and token_type'],
  ])('that names only %j lacks %s', (names, lacking) => {
    expect(problemOf(names)).toBe(
      `the header lacks ${lacking}; found: ${names.join(',')}. Name the columns username,token_type,signature_path,status.`,
    );
  });

  test.each([[[]], [['']], [[' ', '']]])('that is %j names nothing', (names) => {
    expect(problemOf(names)).toContain('found: nothing.');
  });

  test('is shown without what drives a terminal, and cut', () => {
    expect(problemOf(['\u001b[2J', 'x'.repeat(500)])).toMatch(/found: \\x1b\[2J,x+…\. Name/);
    expect(problemOf(['x'.repeat(500)])).toContain(`found: ${'x'.repeat(199)}…. Name`);
  });

  test.each([
    [['username', 'token_type', 'User Name'], 'username'],
    [['username', 'token-type', 'TOKEN_TYPE'], 'token_type'],
    [['username', 'token_type', 'status', 'Status'], 'status'],
    [[...OWN_NAMES, ...ADDED_COLUMN_NAMES, 'Detail'], 'detail'],
  ])('%j names %s twice', (names, twice) => {
    expect(problemOf(names)).toBe(`the header names ${twice} twice; found: ${names.join(',')}. Keep one of them.`);
  });
});

describe('the header of a results file', () => {
  const names = ['username', ...ADDED_COLUMN_NAMES, 'token_type', 'department'];

  test('tells its own columns from those that a run added', () => {
    expect(aHeader(names)).toEqual({
      width: 13,
      ownNames: ['username', 'token_type', 'department'],
      ownKeys: ['username', 'token_type', 'department'],
      own: [0, 11, 12],
      used: { username: 0, token_type: 1 },
      added: Object.fromEntries(ADDED_COLUMN_NAMES.map((name, at) => [name, at + 1])),
    });
  });

  test('may have been put into another order and spelling by hand', () => {
    const shuffled = ['Detail', 'LATENCY MS', ...ADDED_COLUMN_NAMES.slice(0, 8), 'token_type', 'username'];
    const header = aHeader(shuffled);
    expect(header.added).toMatchObject({ detail: 0, latency_ms: 1, line: 2, sent_at: 9 });
    expect([header.own, header.used]).toEqual([[10, 11], { username: 1, token_type: 0 }]);
  });

  test.each(ADDED_COLUMN_NAMES)(
    'an input that has %s alone of the added columns is refused, and the clash named',
    (name) => {
      expect(problemOf([...OWN_NAMES, name])).toBe(
        `the header names ${name}, which this tool adds to its results itself: rename that column (or, if this is a results file, give it back all of: ${ADDED_COLUMN_NAMES.join(',')}).`,
      );
    },
  );

  test.each([UNDO_COLUMN, 'Undo How'])(
    'an input that has %s of its own is refused, since its results would be locked out',
    (name) => {
      expect(problemOf([...OWN_NAMES, name, 'department'])).toBe(
        `the header names ${name}, which undo adds to its results itself: rename that column.`,
      );
      expect(aHeader([...OWN_NAMES, UNDO_COLUMN, ...ADDED_COLUMN_NAMES]).ownNames.at(-1)).toBe(UNDO_COLUMN);
    },
  );

  test('one that lost a column is refused too', () => {
    expect(problemOf([...OWN_NAMES, ...ADDED_COLUMN_NAMES.slice(1)])).toContain('the header names outcome, retry, ');
  });

  test('no shuffling loses or doubles a column', () => {
    const all = [...OWN_NAMES, ...ADDED_COLUMN_NAMES, 'department', 'note'];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        const { width, own, ownNames, used, added } = aHeader(shuffled);
        expect(width).toBe(all.length);
        expect(own.map((at) => shuffled[at])).toEqual(ownNames);
        expect(ownNames).toHaveLength(OWN_NAMES.length + 2);
        for (const name of OWN_NAMES) expect(ownNames[used[name] ?? -1]).toBe(name);
        for (const name of ADDED_COLUMN_NAMES) expect(shuffled[added?.[name] ?? -1]).toBe(name);
      }),
    );
  });
});

describe('a header in other words', () => {
  function mapped(names: readonly string[], map: ColumnMap): Header {
    const header = parseHeader(names, map);
    if ('problem' in header) throw new Error(header.problem);
    return header;
  }

  test('is read by its map, in any spelling', () => {
    const header = mapped(['UPN', 'Token', 'State'], { username: 'upn', token_type: 'token', status: 'State' });
    expect(header.used).toEqual({ username: 0, token_type: 1, status: 2 });
    expect(header.ownNames).toEqual(['UPN', 'Token', 'State']);
    expect(usedNames(header)).toEqual({ username: 'UPN', token_type: 'Token', status: 'State' });
  });

  test('may call another column as we call the one that is mapped', () => {
    const header = mapped(['Username', 'UPN', 'token_type'], { username: 'UPN' });
    expect(header.used).toEqual({ username: 1, token_type: 2 });
    expect(header.ownKeys).toEqual(['other username', 'username', 'token_type']);
  });

  test('may have its columns renamed to what we call them since the map was made', () => {
    expect(mapped(['username', 'token_type'], { username: 'UPN' }).used).toEqual({ username: 0, token_type: 1 });
  });

  test('that lacks what the map names is refused, whether every row needs it or not', () => {
    expect(parseHeader(['UserID', 'token_type'], { username: 'UPN' })).toEqual({
      problem: 'the header has no column UPN, which --map gives for username; found: UserID,token_type.',
    });
    expect(parseHeader(['username', 'token_type'], { status: 'State' })).toEqual({
      problem: 'the header has no column State, which --map gives for status; found: username,token_type.',
    });
  });

  test('leaves a map behind that reads it again, of what is not called as we do', () => {
    expect(mapOf(aHeader(['User Name', 'TOKEN-TYPE']))).toEqual({});
    const names = ['Username', 'UPN', 'Token', 'status'];
    const header = mapped(names, { username: 'UPN', token_type: 'Token' });
    expect(mapOf(header)).toEqual({ username: 'UPN', token_type: 'Token' });
    expect(mapped(names, mapOf(header))).toEqual(header);
    const results = [...names, ...ADDED_COLUMN_NAMES];
    expect(mapped(results, mapOf(header)).used).toEqual(header.used);
  });

  test('is helped with: the message has what to type', () => {
    expect(problemOf(['UserID', 'Token Kind', 'Department'])).toBe(
      'the header lacks username and token_type; found: UserID,Token Kind,Department. If you mean that, give --map username=UserID --map "token_type=Token Kind"; or name the columns username,token_type,signature_path,status.',
    );
    expect(problemOf(['username', 'note'])).toContain('found: username,note. Name the columns');
  });

  test('is told of columns that may be meant, and that not every row needs', () => {
    const text = 'no column is read as signature_path: if one of them is, give --map "signature_path=Signature File"';
    const header = aHeader(['username', 'token_type', 'Signature File', 'note']);
    expect(columnHints(header)).toEqual([{ column: 'signature_path', text }]);
    expect(missingColumnText(header, 'signature_path', { who: 'PKI rows' })).toBe(
      'is no column of the header, and PKI rows need it: name one so, or give --map "signature_path=Signature File"',
    );
    expect(missingColumnText(header, 'status', { who: 'PKI rows', otherwise: 'give --default-status' })).toBe(
      'is no column of the header, and PKI rows need it: name one so, or give --default-status',
    );
    expect(columnHints(aHeader(['username', 'token_type', 'signature_path', 'Signature File']))).toEqual([]);
    expect(columnHints(aHeader(['username', 'token_type', 'note']))).toEqual([]);
  });
});

describe('the columns of two files', () => {
  test('are joined: those of the first, then those that it lacks, whatever either calls them', () => {
    const first = parseHeader(['UPN', 'token_type', 'note'], { username: 'UPN' });
    const second = aHeader(['more', 'token type', 'username', ...ADDED_COLUMN_NAMES]);
    if ('problem' in first) throw new Error(first.problem);
    expect(joinHeaders(first, second)).toEqual({
      width: 4,
      ownNames: ['UPN', 'token_type', 'note', 'more'],
      ownKeys: ['username', 'token_type', 'note', 'more'],
      own: [0, 1, 2, 3],
      used: { username: 0, token_type: 1 },
      added: undefined,
    });
  });

  test.each<[string, string[], string[], number[]]>([
    ['of one order', ['a', 'b'], ['a', 'b'], [0, 1]],
    ['of another order', ['a', 'b'], ['b', 'a'], [1, 0]],
    ['where one is new', ['a'], ['a', 'b'], [0, -1]],
    ['where one is gone', ['a', 'b', 'c'], ['c', 'a'], [2, 0]],
    ['of one name, in their order', ['note', 'x', 'note'], ['note', 'note'], [0, 2]],
    ['of one name, once too often', ['note'], ['note', 'note'], [0, -1]],
    ['of nothing', [], [], []],
  ])('%s are paired', (_, source, ...[target, positions]) => {
    expect(alignColumns(source, target)).toEqual(positions);
  });

  test('are paired one to one', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'cc', ''), { maxLength: 8 });
    fc.assert(
      fc.property(names, names, (source, target) => {
        const found = alignColumns(source, target).filter((at) => at >= 0);
        expect(new Set(found).size).toBe(found.length);
        expect(alignColumns(source, source)).toEqual(source.map((_, at) => at));
      }),
    );
  });
});
