import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditReport } from '../../src/checks/audit.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentOf } from '../support/account.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { expectSchema } from '../support/schemas.js';
import { isWhole, runs, size } from '../support/suite.js';

const SESSION = { admin: 'admin', authToken: 'auth-token', secretCode: 'secret-code' };
const SAMPLES = join(import.meta.dirname, '../../samples');
const SIGNATURE = 'aisyah.rahman.p7s';
const USERS = ['ann', 'ben', 'cho', 'dan', 'eve', 'fay'];

let folder: string;
let simulator: Simulator;

beforeAll(async () => {
  const users = USERS.map((username) => ({ username, active: true, hasOtp: false, hasCertificate: false }));
  simulator = await startSimulator({ ...SESSION, users, seed: 1 });
});
afterAll(() => simulator.close());
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'audit-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(path(name), 'utf8');

function begin(rows: readonly string[]): void {
  rmSync(folder, { recursive: true });
  mkdirSync(path('signatures'), { recursive: true });
  cpSync(join(SAMPLES, 'signatures/finance', SIGNATURE), path(`signatures/${SIGNATURE}`));
  writeFileSync(path('users.csv'), ['username,token_type,signature_path,status', ...rows, ''].join('\n'));
}

function run(file: string, ...flags: readonly string[]): Promise<Ended> {
  return runProgram(['run', path(file), '--attempts', '1', ...flags], environmentOf(simulator.url, SESSION));
}

async function audit(...flags: readonly string[]): Promise<AuditReport> {
  const { stdout } = await runProgram(['audit', path('users.results.csv'), '--json', ...flags]);
  const report = JSON.parse(stdout) as AuditReport;
  expectSchema('audit.schema.json', report);
  return report;
}

const badOf = ({ checks }: AuditReport): string[] =>
  checks.flatMap(({ name, verdict, says }) => (verdict === 'bad' ? [`${name}: ${says}`] : []));

describe('a finished folder that nobody touched', () => {
  const row = fc.constantFrom(
    'ann,otp,,',
    ' ben ,otp,,',
    'ann ,OTP,,',
    'cho,otp,,2',
    '+dan,otp,,',
    `ben,pki,signatures/${SIGNATURE},2`,
    `ann,pkcs7,signatures/${SIGNATURE},`,
    'cho,pki,nowhere.p7s,1',
    'gone,otp,,',
    'ann,otp,,,one too many',
    '"cho\n",otp,,',
    'fay,fob,,',
  );
  const flags = fc.constantFrom([], [], ['--limit', '1'], ['--default-status', '2'], ['--fresh']);
  const scene = fc.record({
    rows: fc.array(row, { maxLength: 6 }),
    more: fc.array(fc.tuple(fc.constantFrom('users.csv', 'users.failed.csv'), flags), { maxLength: 3 }),
  });

  it('passes', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ rows, more }) => {
        begin(rows);
        await run('users.csv');
        for (const [file, words] of more) await run(file, ...(file === 'users.csv' ? words : []));
        const report = await audit('--input', path('users.csv'));
        expect(badOf(report)).toEqual([]);
        expect(report.exit_code).toBe(0);
      }),
      { ...runs(100), numRuns: size({ long: isWhole ? 100 : 30, short: 5 }) },
    );
  });
});

/** What was done to a folder, and which file it was done to. */
interface Mutation {
  readonly what: string;
  readonly file: string;
}

const ROW_FILES = ['users.csv', 'users.results.csv', 'users.failed.csv', 'users.keys.csv'];
const OTHERS = ['users.summary.json', 'users.manifest.json', 'users.SHA256SUMS'];
/** A bit of a key is all that no audit may know. */
const HASHED = [...ROW_FILES.slice(0, 3), ...OTHERS, `signatures/${SIGNATURE}`];

const SCENES = ['reruns', 'undo', 'merge'] as const;

describe('a finished folder that was touched', () => {
  let finished: string;
  const keep = (scene: (typeof SCENES)[number]): void => cpSync(folder, join(finished, scene), { recursive: true });

  beforeEach(async () => {
    finished = mkdtempSync(join(tmpdir(), 'audited-'));
    begin(['ann,otp,,', 'ben,otp,,', `dan,pki,signatures/${SIGNATURE},2`, 'gone,otp,,', 'off,otp,,', 'eve,fob,,']);
    await run('users.csv', '--fresh', '--limit', '2', '--attempt-log');
    await run('users.csv', '--limit', '4');
    await run('users.csv');
    writeFileSync(path('users.csv'), read('users.csv').replace('eve,fob,,', `fay,pki,signatures/${SIGNATURE},2`));
    await run('users.csv');
    await run('users.failed.csv');
    keep('reruns');
    const env = environmentOf(simulator.url, SESSION);
    const words = ['--where', 'username=dan', '--yes', '--expect-rows', '1'];
    expect((await runProgram(['undo', path('users.results.csv'), ...words], env)).exitCode).toBe(0);
    keep('undo');
    begin(['ann,otp,,', `cho,pki,signatures/${SIGNATURE},2`, `eve,pki,signatures/${SIGNATURE},2`, 'gone,otp,,']);
    for (const shard of ['0/2', '1/2']) await run('users.csv', '--attempt-log', '--shard', shard);
    expect((await runProgram(['merge', path('users.csv')])).exitCode).toBe(1);
    keep('merge');
  });
  afterEach(() => rmSync(finished, { recursive: true }));

  const seed = fc.nat();
  const mutation = fc.oneof(
    fc.record({ what: fc.constant('a bit'), file: fc.constantFrom(...HASHED), seed }),
    fc.record({
      what: fc.constantFrom('a row dropped', 'a row doubled', 'rows swapped', 'a row from another file'),
      file: fc.constantFrom(...ROW_FILES),
      seed,
    }),
    fc.record({ what: fc.constant('a manifest removed'), file: fc.constant('users.manifest.json'), seed }),
    fc.record({
      what: fc.constant('a number edited'),
      file: fc.constantFrom('users.results.csv', 'users.summary.json', 'users.manifest.json'),
      seed,
    }),
    fc.record({ what: fc.constant('taken away'), file: fc.constantFrom(...OTHERS, 'users.failed.csv'), seed }),
    fc.record({
      what: fc.constantFrom('a row dropped', 'a row doubled', 'rows swapped'),
      file: fc.constant('users.SHA256SUMS'),
      seed,
    }),
    fc.record({
      what: fc.constantFrom('a row dropped, and listed so', 'taken away, and off the list'),
      file: fc.constant('users.attempts.csv'),
      seed,
    }),
    fc.record({
      what: fc.constant('a fact edited, and listed so'),
      file: fc.constantFrom('administrator', 'exit_code', 'ended_at', 'host'),
      seed,
    }),
  );
  const touched = fc.record({ scene: fc.constantFrom(...SCENES), mutation });

  it('is caught, and the place is named', { timeout: 600_000 }, async () => {
    const show = (scene: (typeof SCENES)[number]): void => {
      rmSync(folder, { recursive: true });
      cpSync(join(finished, scene), folder, { recursive: true });
    };
    for (const scene of SCENES) {
      show(scene);
      expect(badOf(await audit())).toEqual([]);
    }
    await fc.assert(
      fc.asyncProperty(touched, async ({ scene, mutation: { what, file, seed } }) => {
        show(scene);
        fc.pre(file !== 'users.keys.csv' || existsSync(path(file)));
        fc.pre(mutate({ what, file }, seed));
        const report = await audit();
        expect(report.exit_code).toBe(1);
        const place = file.startsWith('signatures/') ? 'some signature' : file === 'host' ? 'made_by' : file;
        expect(badOf(report).join('\n')).toContain(place);
      }),
      { ...runs(1000), numRuns: size({ long: isWhole ? 1000 : 250, short: 20 }) },
    );
  });

  /** False: it comes to nothing. */
  function mutate({ what, file }: Mutation, seed: number): boolean {
    if (what === 'a fact edited, and listed so') {
      editFact(file);
      return true;
    }
    const before = readFileSync(path(file));
    const lines = before.toString('latin1').split('\n');
    // Between the header, where there is one, and what is behind the last line end.
    const head = file === 'users.SHA256SUMS' ? 0 : 1;
    const count = Math.max(1, lines.length - 1 - head);
    const [at, other] = [head + (seed % count), head + ((seed >> 8) % count)];
    switch (what) {
      case 'a bit': {
        const bytes = Buffer.from(before);
        bytes[seed % bytes.length] = (bytes[seed % bytes.length] ?? 0) ^ (1 << ((seed >> 8) % 8));
        writeFileSync(path(file), bytes);
        break;
      }
      case 'a row dropped':
      case 'a row dropped, and listed so':
        lines.splice(at, 1);
        break;
      case 'a row doubled':
        lines.splice(at, 0, lines[at] ?? '');
        break;
      case 'rows swapped':
        [lines[at], lines[other]] = [lines[other] ?? '', lines[at] ?? ''];
        break;
      case 'a row from another file': {
        const from = ROW_FILES[seed % ROW_FILES.length] ?? '';
        lines[at] = readFileSync(path(from), 'latin1').split('\n')[1 + (other % 2)] ?? '';
        break;
      }
      case 'a manifest removed': {
        lines.splice(1 + (seed % (lines.length - 3)), 1);
        const kept = lines.length - 3;
        if (kept > 0) lines[kept] = (lines[kept] ?? '').replace(/,$/, '');
        break;
      }
      case 'a number edited': {
        const numbers = [...before.toString('latin1').matchAll(/\b\d+\b/g)];
        const found = numbers[seed % numbers.length];
        const [number = '', from = 0] = [found?.[0], found?.index];
        const text = before.toString('latin1');
        const edited = String((Number(number[0]) + 1) % 10) + number.slice(1);
        writeFileSync(path(file), text.slice(0, from) + edited + text.slice(from + number.length), 'latin1');
        break;
      }
      case 'taken away':
        rmSync(path(file));
        return true;
      case 'taken away, and off the list':
        rmSync(path(file));
        writeFileSync(path('users.SHA256SUMS'), read('users.SHA256SUMS').replace(/^.*attempts\.csv\n/m, ''));
        return true;
    }
    if (!['a bit', 'a number edited'].includes(what)) writeFileSync(path(file), lines.join('\n'), 'latin1');
    if (what === 'a row dropped, and listed so') listAnew();
    // The keys file is known by its size and its lines alone.
    const after = readFileSync(path(file));
    return !after.equals(before) && (file !== 'users.keys.csv' || after.length !== before.length);
  }

  /** Of the last manifest. */
  function editFact(name: string): void {
    const lines = read('users.manifest.json').split('\n');
    const last = lines.at(-3) ?? '';
    const edited = last.replace(new RegExp(`"${name}":(?:"[^"]*"|\\d+)`), (fact) => fact.replace(/.("?)$/, '7$1'));
    expect(edited).not.toBe(last);
    writeFileSync(path('users.manifest.json'), lines.with(-3, edited).join('\n'));
    listAnew();
  }

  /** As whoever edits the files would, with sha256sum. */
  function listAnew(): void {
    const names = read('users.SHA256SUMS')
      .trim()
      .split('\n')
      .map((line) => line.slice(66));
    const lines = names.map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(path(name)))
          .digest('hex')}  ${name}\n`,
    );
    writeFileSync(path('users.SHA256SUMS'), lines.join(''));
  }
});

describe('an audit', () => {
  it('says what there is to do before it when a run was cut off, and takes nothing but results', async () => {
    begin(['ann,otp,,']);
    await run('users.csv', '--fresh');
    const asked = await runProgram(['audit', path('users.csv')]);
    expect([asked.exitCode, asked.stderr]).toEqual([2, expect.stringContaining('audit takes the results of a run')]);
    writeFileSync(path('users.journal'), '');
    const cut = await runProgram(['audit', path('users.results.csv')]);
    expect([cut.exitCode, cut.stderr]).toEqual([2, expect.stringContaining('a run is under way, or was cut off')]);
    rmSync(path('users.journal'));
    rmSync(path('users.results.csv'));
    expect((await runProgram(['audit', path('users.results.csv')])).exitCode).toBe(2);
  });

  it('tells that the input has changed since, or is not there', async () => {
    begin(['ann,otp,,']);
    await run('users.csv');
    appendFileSync(path('users.csv'), 'ben,otp,,\n');
    expect(badOf(await audit()).join()).toContain('users.csv is not the file that a run read');
    rmSync(path('users.csv'));
    const { checks } = await audit();
    expect(checks.find(({ name }) => name === 'input')).toMatchObject({ verdict: 'skipped' });
  });

  it('finds each row of an export that is not accounted for, and each that was added', async () => {
    begin(['ann,otp,,', 'ben,otp,,', 'cho,otp,,']);
    await run('users.csv');
    writeFileSync(path('export.csv'), read('users.csv').replace('ben,otp,,\n', '').replace('cho', 'cha'));
    const [found = ''] = badOf(await audit('--input', path('export.csv')));
    expect(found).toContain('export.csv:3 is another row than');
    expect(found).toContain('users.results.csv:4 (line 4) is not in');
  });

  it('takes a row that was corrected in the failed file for the row that it was', async () => {
    begin(['ann,otp,,', 'gone,otp,,']);
    await run('users.csv');
    writeFileSync(path('users.failed.csv'), read('users.failed.csv').replace('gone', 'cho'));
    await run('users.failed.csv');
    const { checks, exit_code: exitCode } = await audit('--input', path('users.csv'));
    expect(exitCode).toBe(0);
    expect(checks.find(({ name }) => name === 'input')?.says).toContain('1 of them corrected since');
  });

  describe('of the keys file', () => {
    const keysOf = ({ checks }: AuditReport) => checks.find(({ name }) => name === 'keys');

    beforeEach(async () => {
      begin(['ann,otp,,']);
      const users = [{ username: 'ann', active: true, hasOtp: false, hasCertificate: false }];
      const server = await startSimulator({ ...SESSION, users, seed: 1 });
      await runProgram(['run', path('users.csv')], environmentOf(server.url, SESSION));
      await server.close();
    });

    it('does not say that it proves a key', async () => {
      const says =
        '1 line; each OTP row that is registered has one there: count, size and users; what the keys are is not proved';
      expect(keysOf(await audit())).toEqual({ name: 'keys', verdict: 'good', says });
    });

    it('finds that it is gone with a key that nobody got, unless it is kept elsewhere', async () => {
      rmSync(path('users.keys.csv'));
      const report = await audit();
      expect(report.exit_code).toBe(1);
      expect(badOf(report)).toEqual([
        'keys: users.keys.csv is not here, and with it the key of 1 row that is registered and got none: restore it; where it is kept elsewhere, --without-keys',
      ]);
      const elsewhere = await audit('--without-keys');
      expect(elsewhere.exit_code).toBe(0);
      expect(keysOf(elsewhere)).toMatchObject({ verdict: 'skipped' });
    });

    it('finds nothing where all keys were handed out', async () => {
      expect((await runProgram(['keys', path('users.results.csv')])).exitCode).toBe(0);
      rmSync(path('users.keys.csv'));
      const report = await audit();
      expect(report.exit_code).toBe(0);
      expect(keysOf(report)?.says).toBe('users.keys.csv is not here, and no registered row waits for a key of it');
    });
  });

  it('says of a failed file that was corrected, and not changed otherwise, that this is to be expected', async () => {
    begin(['ann,otp,,', 'gone,otp,,', 'away,otp,,']);
    await run('users.csv');
    const before = read('users.failed.csv');
    const expected = '1 row was corrected, and nothing else: to be expected until the next run reads them';
    writeFileSync(path('users.failed.csv'), before.replace('gone', 'cho'));
    const corrected = await audit();
    expect(corrected.exit_code).toBe(1);
    expect(badOf(corrected)[0]).toBe('digests: users.failed.csv is not the one that users.SHA256SUMS lists: see below');
    expect(badOf(corrected)[1]).toMatch(new RegExp(`^failed: .*\\. ${expected}$`));
    writeFileSync(path('users.failed.csv'), before.replace('gone', 'cho').replace('refused', 'invalid'));
    expect(badOf(await audit()).join()).not.toContain('to be expected');
    const [header = '', , ...rest] = before.split('\n');
    writeFileSync(path('users.failed.csv'), [header, ...rest].join('\n'));
    expect(badOf(await audit()).join()).not.toContain('to be expected');
  });

  it('tells a person in lines, and how to sign what it proved', async () => {
    begin(['ann,otp,,']);
    await run('users.csv');
    const { stdout, exitCode } = await runProgram(['audit', path('users.results.csv')]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ok {3}chain {7}1 manifest, /);
    expect(stdout).toContain('openssl cms -sign -binary -in ');
    expect(stdout).toContain('ssh-keygen -Y sign -f key -n centagate-provision ');
    expect(existsSync(path('users.lock'))).toBe(false);
  });
});
