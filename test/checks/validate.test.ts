import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { Finding } from '../../src/checks/finding.js';
import type { PkiRegistration } from '../../src/row/registration.js';
import type { SignatureReading } from '../../src/signature/signature.js';
import type { ValidationReport } from '../../src/checks/validation.js';
import { planRows } from '../../src/plan/plan-rows.js';
import { Corrections } from '../../src/input/correction.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { validate } from '../../src/checks/validate.js';
import type { Validated } from '../../src/checks/validate.js';
import { replaceBytes } from '../simulator/openssl.js';
import { fileOf, NAMES, RULES } from '../support/planning.js';
import type { FileOptions, Table } from '../support/planning.js';
import { PROGRAM, runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';

const SIGNATURE = { bytes: Buffer.from('0'), algorithm: '1', digest: '0123456789abcdef' } as const;
const SAMPLES = join(import.meta.dirname, '../../samples/signatures');

interface Looked {
  readonly shown: Validated[];
  readonly findings: Finding[];
  readonly report: ValidationReport;
}

/** Validates rows under {@link NAMES}. */
async function look(
  rows: Table,
  options: FileOptions & { readonly read?: (registration: PkiRegistration) => SignatureReading } = {},
): Promise<Looked> {
  const { read = () => ({ signature: SIGNATURE }), ...file } = options;
  const shown: Validated[] = [];
  const input = fileOf([NAMES, ...rows], file);
  const counter = await validate({
    remarks: [],
    hints: [],
    plan: (warn) => planRows({ input, results: undefined, corrections: new Corrections(), rules: RULES, warn }),
    readSignature: read,
    show: (row) => void shown.push(row),
  });
  const report = counter.result({ input: 'users.csv', columns: {}, allowed: [] });
  return { shown, findings: shown.flatMap(({ findings }) => findings), report };
}

function said({ findings }: Looked): string[] {
  return findings.map(({ kind, line }) => `${line ?? '-'} ${kind}`);
}

describe('a validation', () => {
  test('says every problem of every row, in their order', async () => {
    const looked = await look([
      ['', 'card', '', ''],
      ['ann', 'otp', '', ''],
      ['ben', 'pki', '', '9'],
    ]);
    expect(said(looked)).toEqual(['2 username', '2 token_type', '4 signature_path', '4 status']);
  });

  test('reads the signatures of the rows that would be sent, and of no others', async () => {
    const asked: string[] = [];
    await look(
      [
        ['ann', 'pki', 'a', '2'],
        ['ben', 'pki', 'b', '9'],
        ['ann', 'pki', 'a', '2'],
        ['cid', 'otp', 'c', '2'],
      ],
      { read: ({ signaturePath }) => (asked.push(signaturePath), { signature: SIGNATURE }) },
    );
    expect(asked).toEqual(['a']);
  });

  test('takes a signature that is refused for an error of its column, with what stands there', async () => {
    const { findings } = await look([['ann', 'pki', 'a.p7s', '2']], {
      read: () => ({ rejection: { column: 'algorithm', reason: 'says sha1' } }),
    });
    expect(findings).toEqual([
      { kind: 'algorithm', line: 2, column: 'algorithm', value: '', text: 'algorithm says sha1' },
    ]);
  });

  test('warns of a certificate that two users have, but not of one user with two rows', async () => {
    const remarks = { fingerprint: 'ab'.repeat(20), names: [], warnings: [] };
    const rows = [
      ['ann', 'pki', 'a', '2'],
      ['ann', 'otp', '', ''],
      ['ben', 'pki', 'a', '2'],
    ];
    const looked = await look(rows, { read: () => ({ signature: SIGNATURE, remarks }) });
    expect(said(looked)).toEqual(['4 same_certificate']);
    expect(looked.findings[0]?.text).toContain('line 2');
  });

  test('warns of usernames that are alike in rows of two token types, and keeps back one of the same', async () => {
    const looked = await look([
      ['ann', 'otp', '', ''],
      ['ANN', 'pki', 'a', '2'],
      ['bén', 'otp', '', ''],
      ['be\u0301n', 'otp', '', ''],
    ]);
    expect(said(looked)).toEqual(['3 similar_username', '5 username']);
    expect(looked.findings.at(-1)?.text).toMatch(/^username "be\u0301n" is like that of line 4: .*--allow equal-names/);
    expect(looked.report).toMatchObject({ to_send: { otp: 2, pki: 1 }, exit_code: 1 });
  });

  test('keeps what it found before the file breaks, and says the break last', async () => {
    const looked = await look(
      [
        ['', 'otp', '', ''],
        ['ann', 'otp', '', ''],
      ],
      { breaksAt: 3 },
    );
    expect(said(looked)).toEqual(['2 username', '3 file']);
    expect(looked.report).toMatchObject({ rows: 1, with_errors: 1, exit_code: 2 });
  });

  test('lets a bug through', async () => {
    const read = (): never => {
      throw new TypeError('a bug');
    };
    await expect(look([['ann', 'pki', 'a', '2']], { read })).rejects.toThrow('a bug');
  });
});

describe('the command', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'validate-'));
    cpSync(join(SAMPLES, 'finance/aisyah.rahman.p7s'), join(folder, 'good.p7s'));
    cpSync(join(SAMPLES, 'treasury/ingrid.olsen.p7s'), join(folder, 'detached.p7s'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(name: string, text: string): void {
    writeFileSync(join(folder, name), text);
  }

  function command(...words: readonly string[]): Promise<Ended> {
    return runProgram(['validate', join(folder, 'users.csv'), ...words]);
  }

  it('changes nothing in the folder, and asks for no setting', async () => {
    write('users.csv', 'username,token_type\nann,otp\n');
    const before = readdirSync(folder);
    expect(await command()).toMatchObject({ exitCode: 0, stderr: '' });
    expect(readdirSync(folder)).toEqual(before);
  });

  it('refuses a damaged journal, as a run would', async () => {
    write('users.csv', 'username,token_type\nann,otp\n');
    write('users.journal', 'whatever\n');
    const { exitCode, stderr } = await command();
    expect(exitCode).toBe(2);
    expect(stderr).toContain('the journal of a killed run is damaged at byte 0');
  });

  it('names the results of earlier runs when it is they that break', async () => {
    write('users.csv', 'username,token_type\nann,otp\n');
    write('users.results.csv', 'username,token_type\n"ann,otp\n');
    const { exitCode, stdout } = await command();
    expect(exitCode).toBe(2);
    expect(stdout).toContain('users.results.csv:2: error: a quote');
  });

  it('reads a workbook, and warns of what Excel may have changed', async () => {
    cpSync(join(import.meta.dirname, '../../fixtures/excel/numbers.xlsx'), join(folder, 'users.xlsx'));
    const { stdout } = await runProgram(['validate', join(folder, 'users.xlsx'), '--json']);
    expect(stdout).toContain('"kind":"mangled"');
  });

  it('checks signatures in full unless told otherwise', async () => {
    const expired = new Date('2130-01-01').getTime();
    write('users.csv', 'username,token_type,signature_path,status\nann,pki,good.p7s,2\n');
    const late = { clock: { now: () => expired } as never };
    const full = await runProgram(['validate', join(folder, 'users.csv')], {}, late);
    expect(full.stdout).toContain('expired on');
    const basic = await runProgram(['validate', join(folder, 'users.csv'), '--check-signatures', 'basic'], {}, late);
    expect(basic.exitCode).toBe(0);
  });

  // In a process of its own: the end of a pipe is no stream of ours.
  it('ends in peace when nobody reads on', () => {
    write('users.csv', `username,token_type\n${'ann,card\n'.repeat(20_000)}`);
    const { stderr, stdout } = spawnSync(
      'sh',
      ['-c', `"${process.execPath}" "${PROGRAM}" validate users.csv | head -n 1`],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    expect(stderr).toBe('');
    expect(stdout).toContain('username from "username"');
  });
});

describe('what validate passes', () => {
  const cell = (...words: string[]): fc.Arbitrary<string> => fc.constantFrom(...words);
  const row = fc.record({
    username: fc.oneof(cell('ann', 'ben', ' ann ', 'ANN', '', 'a\u202eb', '=x'), fc.string({ unit: 'grapheme' })),
    token_type: cell('otp', 'OTP-offline', 'pki', 'cert', 'card', ''),
    signature_path: cell(
      'good.p7s',
      './good.p7s',
      'detached.p7s',
      'tampered.p7s',
      'GOOD.P7S',
      '../good.p7s',
      'none',
      '',
    ),
    status: cell('1', '2', 'valid', '5', ''),
    algorithm: cell('', '', '1', 'sha512', 'md5'),
  });
  const rows = fc.array(fc.tuple(row, fc.constantFrom(0, 0, 0, 0, 1, -1)), { minLength: 1, maxLength: 8 });
  const names = ['username', 'token_type', 'signature_path', 'status', 'algorithm'];

  // Left out, the level is the same for both: full.
  it.each([[], ['basic'], ['off']])('run does not call invalid, and the other way round: %s', async (...levels) => {
    const checks = levels.map((level) => `--check-signatures=${level}`);
    const simulator = await startSimulator({ admin: 'admin', authToken: 'auth', secretCode: 'code' });
    const env = {
      CENTAGATE_SERVER: simulator.url,
      CENTAGATE_ADMIN: 'admin',
      CENTAGATE_AUTH_TOKEN: 'auth',
      CENTAGATE_SECRET_CODE: 'code',
    };
    const folder = mkdtempSync(join(tmpdir(), 'validate-'));
    const input = join(folder, 'users.csv');
    cpSync(join(SAMPLES, 'finance/aisyah.rahman.p7s'), join(folder, 'good.p7s'));
    cpSync(join(SAMPLES, 'treasury/ingrid.olsen.p7s'), join(folder, 'detached.p7s'));
    writeFileSync(join(folder, 'tampered.p7s'), replaceBytes(readFileSync(join(folder, 'good.p7s')), '1111', '1112'));
    const linesOf = async (text: string): Promise<(string | undefined)[]> => {
      writeFileSync(input, text);
      const { stdout } = await runProgram(['validate', input, '--json', ...checks]);
      const found = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string; severity: string; line?: number });
      return found.filter(({ severity }) => severity === 'error').map(({ line }) => line?.toString());
    };
    try {
      await fc.assert(
        fc.asyncProperty(rows, async (drawn) => {
          const records = drawn.map(([cells, more]) => {
            const record = names.map((name) => cells[name as keyof typeof cells]);
            return more > 0 ? [...record, 'more'] : record.slice(0, record.length + more);
          });
          const passed = await linesOf(stringify([names, ...records], { quoted: true }));
          const { exitCode } = await runProgram(['run', input, '--fresh', '--no-preflight', ...checks], env);
          expect(exitCode).toBeLessThan(4);
          const results: string[][] = parse(readFileSync(join(folder, 'users.results.csv')), {
            relax_column_count: true,
          });
          const added = results.map((record) => record.slice(-ADDED_COLUMN_NAMES.length));
          const invalid = added.filter(([, outcome]) => outcome === 'invalid').map(([line]) => line);
          expect([...new Set(passed)]).toEqual(invalid);
          rmSync(join(folder, 'users.results.csv'));
        }),
        { numRuns: 12 },
      );
    } finally {
      await simulator.close();
      rmSync(folder, { recursive: true });
    }
  });
});

// Each in a process of its own, as built: only there are threads.
describe('many signatures', () => {
  let folder: string;
  const ROWS = 600;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'validate-'));
    cpSync(join(SAMPLES, 'finance/aisyah.rahman.p7s'), join(folder, 'good.p7s'));
    cpSync(join(SAMPLES, 'treasury/ingrid.olsen.p7s'), join(folder, 'detached.p7s'));
    const rows = Array.from({ length: ROWS }, (_, at) => `user${at},pki,${at % 3 === 0 ? 'detached' : 'good'}.p7s,2\n`);
    writeFileSync(join(folder, 'users.csv'), `username,token_type,signature_path,status\n${rows.join('')}`);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are told of in the order of their rows, whoever reads them', () => {
    const { stdout, status } = spawnSync(process.execPath, [PROGRAM, 'validate', 'users.csv', '--json'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    const said = stdout.split('\n').filter((line) => line.includes('"kind":"signature_path"'));
    const lines = said.map((line) => (JSON.parse(line) as { line: number }).line);
    expect(lines).toEqual(Array.from({ length: ROWS / 3 }, (_, at) => at * 3 + 2));
    // The warning of one certificate for many users looks back over all of them.
    expect(stdout).toContain('"same_certificate":{"severity":"warning","count":399,"first_line":4}');
  });

  it('are judged by the process itself when no thread can live', () => {
    const { stdout, status } = spawnSync(process.execPath, [PROGRAM, 'validate', 'users.csv', '--json'], {
      cwd: folder,
      encoding: 'utf8',
      // What a thread is started with fails there, and here it does nothing.
      env: {
        PATH: process.env['PATH'],
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(NOT_IN_THREADS)}`,
      },
    });
    expect(status).toBe(1);
    expect(stdout).toContain('"signature_path":{"severity":"error","count":200,"first_line":2}');
  });
});

const NOT_IN_THREADS = `import { isMainThread } from 'node:worker_threads'; if (!isMainThread) throw new Error('no threads here');`;
