import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Writable } from 'node:stream';
import type { Clock } from '../../src/core/clock.js';
import { systemClock } from '../../src/core/system-clock.js';
import { main } from '../../src/main.js';

const PACKAGE = join(import.meta.dirname, '../..');
// It is our own.
const { bin } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as {
  bin: { 'centagate-provision': string };
};

/** The program as built, by the name that npm installs. */
export const PROGRAM = join(PACKAGE, bin['centagate-provision']);

/** What a run of the whole program said. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The machine's clock, whose jitter is always the shortest: between two tries of a row nobody waits. */
export const hastyClock: Clock = { ...systemClock, random: () => 0 };

/** Runs the program in this process, as its operator would with these words and this environment. */
export async function runProgram(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  options: { readonly stdin?: string; readonly clock?: Clock } = {},
): Promise<Ended> {
  const [stdout, stderr] = [new Capture(), new Capture()];
  const exitCode = await main(
    {
      argv: ['node', 'centagate-provision', ...words],
      env: { ...env },
      // The program reads no more of its streams than these have.
      stdin: Readable.from([options.stdin ?? '']) as unknown as NodeJS.ReadStream & { fd: 0 },
      stdout: stdout as unknown as NodeJS.WriteStream & { fd: 1 },
      stderr: stderr as unknown as NodeJS.WriteStream & { fd: 2 },
    },
    options.clock ?? hastyClock,
  );
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

class Capture extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
