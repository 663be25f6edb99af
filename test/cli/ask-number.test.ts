import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askNumber, canAsk } from '../../src/cli/ask-number.js';

type Terminal = Parameters<typeof askNumber>[0];

/** A terminal on which this is typed. */
function aTerminal(typed: readonly string[], isTTY = true): Terminal & { readonly shown: string[] } {
  const shown: string[] = [];
  const stderr = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      shown.push(chunk.toString());
      done();
    },
  });
  const stdin = Object.assign(Readable.from(typed), { isTTY });
  return { stdin, stderr: Object.assign(stderr, { isTTY: true }), shown } as unknown as ReturnType<typeof aTerminal>;
}

describe('a number that is asked for', () => {
  it.each([
    [['12\n'], true],
    [['1', '2\r\n', 'and more'], true],
    [[' 12 \n'], true],
    [['y\n'], false],
    [['\n'], false],
    [['012\n'], false],
    [['1\n2\n'], false],
    [['12 people\n'], false],
    [[], false],
  ])('%j is right: %s', async (typed, isRight) => {
    const terminal = aTerminal(typed);
    expect(await askNumber(terminal, 'How many? ', 12)).toBe(isRight);
    expect(terminal.shown).toEqual(['How many? ']);
  });

  it('needs somebody who can type, and see what is asked', () => {
    expect(canAsk(aTerminal([]))).toBe(true);
    expect(canAsk(aTerminal([], false))).toBe(false);
  });
});
