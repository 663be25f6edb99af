import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { FaultScript } from '../../src/simulator/fault-plan.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentOf, SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';

/* What shards come to, beside what one run leaves of the same input against a server that answers the same. */

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.remove());

const USERS = ['ann', 'Ann', 'ben', 'cem', 'dan', 'eve', 'fay', 'gil', 'Jörg', 'x"y', 'o,p', 'ＡＮＮ'];
/** Some hundred runs, on a machine that does other things too. */
const MINUTES = 900_000;

/** What the server says to some of them, each time; of 10004 nobody knows whether it was applied. */
const SCRIPT: FaultScript = {
  cem: ['22002', '22002', '22002', '22002'],
  dan: ['10004', 'ok'],
  eve: ['22027', '22027', '22027', '22027'],
  gil: ['10004', '10004', '10004', 'ok'],
};
const anyRow = fc.tuple(
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...USERS) }, fc.constantFrom('', ' hal ', 'a\u0007b')),
  fc.oneof({ weight: 6, arbitrary: fc.constant('otp') }, fc.constantFrom('OTP', 'pki', 'smoke', '')),
  fc.constantFrom('', 'Sales', ' a "quoted"\nnote; ', '=1+1', 'é'),
);
const anyTable = fc.array(anyRow, { maxLength: 14 });

/** One stem against a server of its own. */
class Place {
  readonly folder: string;
  readonly #simulator: Simulator;

  private constructor(folder: string, simulator: Simulator) {
    this.folder = folder;
    this.#simulator = simulator;
  }

  static async open(name: string): Promise<Place> {
    const folder = lab.path(name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    return new Place(folder, await startSimulator({ ...SESSION, script: SCRIPT }));
  }

  get sends(): readonly string[] {
    return this.#simulator.sends.map(({ username, tokenType }) => `${tokenType}:${username}`).sort();
  }

  write(rows: readonly (readonly string[])[], isRagged = false): void {
    const text = stringify([['username', 'token_type', 'note'], ...rows]);
    writeFileSync(this.path('users.csv'), isRagged ? `${text}kim,otp\nlea,otp,x,y\n` : text);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** The text of a file, but for times. */
  text(name: string): string {
    const text = readFileSync(this.path(name), 'utf8');
    return text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z(.)\d*/g, 'TIME$1');
  }

  run(input: string, words: readonly string[] = []): Promise<number> {
    const env = environmentOf(this.#simulator.url, SESSION);
    return runProgram(['run', this.path(input), '--attempts', '1', ...words], env).then(({ exitCode }) => exitCode);
  }

  async shards(input: string, count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const exitCode = await this.run(input, ['--shard', `${index}/${count}`]);
      expect([0, 1, 3]).toContain(exitCode);
    }
  }

  merge(input: string) {
    return runProgram(['merge', this.path(input)]);
  }

  /** What an audit says, check by check. */
  async verdicts(): Promise<readonly string[]> {
    const { stdout } = await runProgram(['audit', this.path('users.results.csv')]);
    // Only of a merge there are shards to be held to it.
    const lines = stdout.split('\n').filter((line) => !line.startsWith('ok   shards '));
    return lines.map((line) => line.slice(0, 16));
  }

  close(): Promise<void> {
    return this.#simulator.close();
  }
}

async function inPlaces<Result>(act: (whole: Place, parts: Place) => Promise<Result>): Promise<Result> {
  const places = [await Place.open('whole'), await Place.open('parts')] as const;
  try {
    return await act(...places);
  } finally {
    for (const place of places) await place.close();
  }
}

describe('the merged files of shards', () => {
  it(
    'are those of one run, byte for byte but for times, in any number, over reruns',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            rows: anyTable,
            changed: fc.option(anyTable, { nil: undefined }),
            isRagged: fc.boolean(),
            counts: fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 2, maxLength: 2 }),
            hasHistory: fc.boolean(),
          }),
          async ({ rows, changed, isRagged, counts: [first = 1, second = 1], hasHistory }) => {
            await inPlaces(async (whole, parts) => {
              for (const place of [whole, parts]) {
                place.write(rows, isRagged);
                if (hasHistory) await place.run('users.csv');
                if (hasHistory && changed !== undefined) place.write(changed, isRagged);
              }
              for (const [input, count] of [
                ['users.csv', first],
                ['users.failed.csv', second],
              ] as const) {
                const exitCode = await whole.run(input);
                await parts.shards(input, count);
                const merged = await parts.merge(input);
                expect(merged).toMatchObject({ exitCode, stderr: '' });
                for (const name of ['users.results.csv', 'users.failed.csv'])
                  expect(parts.text(name)).toBe(whole.text(name));
                const [ours, theirs] = [parts, whole].map((place) =>
                  place
                    .text('users.keys.csv')
                    .split('\n')
                    .map((line) => line.split(',')[0])
                    .sort(),
                );
                expect(ours).toEqual(theirs);
                expect(parts.sends).toEqual(whole.sends);
                // Some have rows that the input has no longer, and audit says so of both.
                expect(await parts.verdicts()).toEqual(await whole.verdicts());
              }
            });
          },
        ),
        { numRuns: 10 },
      );
    },
    MINUTES,
  );
});

/** The files of a shard that a mutation may meet, and what it does to the lines of one. */
const MUTATIONS: Readonly<Record<string, (lines: string[], at: number) => string[]>> = {
  dropped: (lines, at) => lines.filter((_, other) => other !== at),
  doubled: (lines, at) => lines.flatMap((line, other) => (other === at ? [line, line] : [line])),
  swapped: (lines, at) => {
    const before = Math.max(0, at - 1);
    return [...lines.slice(0, before), lines[before + 1] ?? '', lines[before] ?? '', ...lines.slice(before + 2)];
  },
  edited: (lines, at) => lines.map((line, other) => (other === at ? line.replace(/.$/, '!') : line)),
  longer: (lines, at) => lines.map((line, other) => (other === at ? `${line}!` : line)),
};

describe('a shard whose files were changed', () => {
  it(
    'is refused by its name, and what was there before stays; restored, it merges',
    async () => {
      const place = await Place.open('parts');
      const rows = USERS.map((user) => [user, 'otp', '']);
      place.write(rows);
      await place.shards('users.csv', 3);
      await place.close();
      const files = readdirSync(place.folder).filter((name) =>
        /shard-1-of-3\.(results|failed|keys|summary|manifest|SHA256SUMS)/.test(name),
      );
      expect(files).toHaveLength(6);
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...files),
          fc.constantFrom(...Object.keys(MUTATIONS)),
          fc.nat(),
          async (file, kind, nat) => {
            const text = readFileSync(place.path(file), 'utf8');
            const lines = text.split('\n').slice(0, -1);
            const at = nat % lines.length;
            const changed = [...(MUTATIONS[kind]?.(lines, at) ?? []), ''].join('\n');
            // A key is known by nothing that could be tried: not to a digest, only by how many there are, and how long.
            fc.pre(changed !== text && !(file.includes('.keys.') && changed.length === text.length));
            writeFileSync(place.path(file), changed);
            const before = readdirSync(place.folder).sort();
            const { exitCode, stderr } = await place.merge('users.csv');
            expect([exitCode, stderr]).toEqual([
              2,
              expect.stringMatching(/shard 1\/3.*(restore the files of shard 1\/3 from|run shard 1\/3 again, which)/),
            ]);
            expect(readdirSync(place.folder).sort()).toEqual(before);
            expect(existsSync(place.path('users.results.csv'))).toBe(false);
            writeFileSync(place.path(file), text);
          },
        ),
        { numRuns: 150 },
      );
      expect((await place.merge('users.csv')).exitCode).toBe(3);
    },
    MINUTES,
  );
});
