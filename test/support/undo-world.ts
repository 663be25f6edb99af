import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { environmentOf, SESSION } from './account.js';
import { Lab } from './lab.js';
import { runProgram } from './program.js';
import type { Ended } from './program.js';

const SAMPLES = join(import.meta.dirname, '../../samples/signatures');

/** Each has an OTP token registered, or a PKI token; `old` had one before, and `gone` is nobody. */
export const USERS_CSV = [
  'username,token_type,signature_path,status,Department',
  'ann,otp,,,Sales',
  'ben,pki,signatures/finance/aisyah.rahman.p7s,2,Sales',
  'dan,otp,,,HR',
  'eve,pki,signatures/finance/priya.nair.p7s,1,HR',
  'old,otp,,,Sales',
  'gone,otp,,,HR',
  'ann,otp,,,Sales',
  '',
].join('\n');
export const OURS = ['ann', 'ben', 'dan', 'eve'];

const known = [...OURS, 'old'].map((username) => ({
  username,
  active: true,
  hasOtp: username === 'old',
  hasCertificate: false,
}));

/** A job that was run, its server, and what is typed against it. */
export class UndoWorld {
  readonly lab = new Lab();
  readonly simulator: Simulator;
  readonly env: Readonly<Record<string, string>>;

  private constructor(simulator: Simulator) {
    this.simulator = simulator;
    this.env = { ...environmentOf(simulator.url, SESSION), CENTAGATE_CHECK_SIGNATURES: 'basic' };
  }

  /** Registers all that can be registered. */
  static async open(options: Partial<SimulatorOptions> = {}): Promise<UndoWorld> {
    const world = new UndoWorld(await startSimulator({ ...SESSION, users: known, otpType: '1', ...options }));
    cpSync(SAMPLES, world.lab.path('signatures'), { recursive: true });
    world.lab.file('users.csv', USERS_CSV);
    await world.run();
    return world;
  }

  run(...words: readonly string[]): Promise<Ended> {
    return this.type('run', 'users.csv', ...words);
  }

  /** With the type of OTP tokens, and nobody to ask. */
  undo(rows: number, ...words: readonly string[]): Promise<Ended> {
    return this.type('undo', 'users.results.csv', '--otp-type', '1', '--yes', '--expect-rows', String(rows), ...words);
  }

  type(command: string, file: string, ...words: readonly string[]): Promise<Ended> {
    return runProgram([command, this.lab.path(file), ...words], this.env);
  }

  /** Such as `ann undone`, of each row. */
  rows(name = 'users.results.csv'): string[] {
    return this.read(name).map(({ username = '', outcome = '' }) => `${username} ${outcome}`);
  }

  read(name = 'users.results.csv'): Record<string, string>[] {
    const path = this.lab.path(name);
    return existsSync(path) ? parse(readFileSync(path), { columns: true }) : [];
  }

  row(username: string, name = 'users.results.csv'): Record<string, string> {
    return this.read(name).find((row) => row['username'] === username) ?? {};
  }

  /** As the server has it: `3` is deactivated, `-` is gone. */
  status(username: string): string {
    const user = this.simulator.user(username);
    const tokenType = user?.hasOtp === true ? 'otp' : user?.hasCertificate === true ? 'pki' : undefined;
    return tokenType === undefined ? '-' : (user?.statuses?.[tokenType] ?? 'as registered');
  }

  async close(): Promise<void> {
    await this.simulator.close();
    this.lab.remove();
  }
}
