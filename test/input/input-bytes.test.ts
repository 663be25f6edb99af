import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../src/core/input-error.js';
import { ReplacedFile } from '../../src/record/replaced-file.js';
import { readInputBytes, spool } from '../../src/input/input-bytes.js';
import { Lab } from '../support/lab.js';

let lab: Lab;

beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

describe('what a file is known by', () => {
  test.each(['', 'a', 'a\n', '\u{1f511}\r\n\0'.repeat(50_000)])('is the SHA-256 of its bytes', async (content) => {
    const { sha256 } = await readInputBytes(lab.file('users.csv', content));
    expect(sha256).toBe(createHash('sha256').update(content).digest('hex'));
  });

  test.each([
    ['', 0],
    ['header\n', 0],
    ['header', 0],
    ['header\nann\nbob\n', 2],
    ['header\nann\nbob', 2],
    ['header\r\nann\r\n', 1],
    ['header\nann,"two\nlines"\n"a ""b""\r\n",c\n', 2],
    ['header\n\nann\n\r\n\n', 1],
    ['line\n'.repeat(100_001), 100_000],
  ])('of %j the rows are counted, and not the line ends', async (content, rows) => {
    expect(await readInputBytes(lab.file('users.csv', content))).toMatchObject({ rows });
  });

  test('a file that is not there is the system’s word', async () => {
    await expect(readInputBytes(lab.path('nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test.each(['folder', 'pipe'])('a %s is no file, and not waited for', async (name) => {
    mkdirSync(lab.path('folder'));
    execFileSync('mkfifo', [lab.path('pipe')]);
    await expect(readInputBytes(lab.path(name))).rejects.toThrow(InputError);
  });
});

describe('standard input', () => {
  test('is copied byte for byte, and seen when it is whole', async () => {
    const path = lab.path('users.csv');
    const pieces = [Buffer.from('a\xff', 'latin1'), 'é\n', Buffer.alloc(0), Buffer.from([0])];
    const seen: string[][] = [];
    const source = async function* () {
      for (const piece of pieces) {
        await setImmediate();
        yield piece;
        seen.push(readdirSync(lab.folder));
      }
    };
    await spool(source(), new ReplacedFile(path));
    expect(readFileSync(path)).toEqual(Buffer.concat(pieces.map((piece) => Buffer.from(piece))));
    expect(seen).toEqual(pieces.map(() => ['users.csv.tmp']));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('may be empty', async () => {
    await spool(Readable.from([]), new ReplacedFile(lab.path('users.csv')));
    expect(readFileSync(lab.path('users.csv'), 'utf8')).toBe('');
  });

  test('that breaks off leaves what was there, and nothing beside it', async () => {
    const path = lab.file('users.csv', 'old');
    const source = async function* () {
      yield 'new';
      await setImmediate();
      throw new Error('the pipe broke');
    };
    await expect(spool(source(), new ReplacedFile(path))).rejects.toThrow('the pipe broke');
    expect(readdirSync(lab.folder)).toEqual(['users.csv']);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });
});
