import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Lab } from '../support/lab.js';
import { Programs } from '../support/programs.js';
import './row-reader.test.js';

const HEADER = 'username,token_type\n';
const programs = new Programs();
let lab: Lab;

beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());
afterAll(() => programs.remove());

describe('a record over 1 MiB breaks the file', () => {
  test.each([
    ['a cell', 'x'],
    ['a quoted cell', '"x'],
    ['commas', ','],
  ])('memory stays flat over 100 MB of %s', async (_, start) => {
    const path = lab.path('users.csv');
    const stream = createWriteStream(path);
    stream.write(`${HEADER}bob,otp\nann,${start}`);
    const piece = (start === ',' ? ',' : 'x').repeat(1024 * 1024);
    for (let n = 0; n < 100; n += 1) if (!stream.write(piece)) await once(stream, 'drain');
    stream.end();
    await once(stream, 'close');
    const { stdout } = await programs.run(`
      import { openInputText } from './input/input-text.js';
      import { openRowFile } from './input/row-reader.js';
      const before = process.resourceUsage().maxRSS;
      let rows = 0;
      try {
        const file = await openRowFile(await openInputText(${JSON.stringify(path)}));
        for await (const batch of file.batches()) rows += batch.length;
      } catch (error) {
        console.log(rows, error.line, (process.resourceUsage().maxRSS - before) / 1024 < 60);
      }
    `);
    expect(stdout).toBe('1 3 true\n');
  });
});
