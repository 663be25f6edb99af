import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import ts from 'typescript';
import type { Clock } from '../../src/core/clock.js';

/** A folder of a test's own. */
export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'io-'));

  path(name: string): string {
    return join(this.folder, name);
  }

  file(name: string, content: string | Uint8Array): string {
    const path = this.path(name);
    writeFileSync(path, content);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A clock whose timers go off when the test says so; its time is the machine's unless the test sets it. */
export class TestClock implements Clock {
  readonly #timers = new Map<number, { readonly delayMs: number; readonly callback: () => void }>();
  #count = 0;
  now: () => number = () => Date.now();
  monotonic: () => number = () => performance.now();
  random: () => number = () => 0.5;

  after = (delayMs: number, callback: () => void): (() => void) => {
    const number = (this.#count += 1);
    this.#timers.set(number, { delayMs, callback });
    return () => this.#timers.delete(number);
  };

  /** The delays of the timers that are set. */
  get delays(): readonly number[] {
    return [...this.#timers.values()].map((timer) => timer.delayMs);
  }

  /** Lets all timers go off that are set. */
  ring(): void {
    const timers = [...this.#timers.values()];
    this.#timers.clear();
    for (const { callback } of timers) callback();
  }
}

/** How a process of its own ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The sources as JavaScript, for processes of their own; they need no build. */
export class Programs {
  readonly #lab = new Lab();

  constructor() {
    for (const folder of ['core', 'io']) {
      mkdirSync(this.#lab.path(folder));
      for (const name of readdirSync(join(SOURCES, folder))) {
        const source = readFileSync(join(SOURCES, folder, name), 'utf8');
        const { outputText } = ts.transpileModule(source, { compilerOptions: OPTIONS });
        this.#lab.file(join(folder, name.replace(/ts$/, 'js')), outputText);
      }
    }
    this.#lab.file('package.json', '{"type":"module"}');
    symlinkSync(join(SOURCES, '../node_modules'), this.#lab.path('node_modules'));
  }

  /** Starts a program that may import `./io/…` and `./core/…`. */
  start(program: string, ...stdio: Exclude<StdioOptions, string>): ChildProcess {
    const path = this.#lab.file('program.mjs', program);
    return spawn(process.execPath, [path], { stdio: stdio.length === 0 ? ['pipe', 'pipe', 'pipe'] : stdio });
  }

  async run(program: string, ...stdio: Exclude<StdioOptions, string>): Promise<Ended> {
    const child = this.start(program, ...stdio);
    const [stdout, stderr, [code, signal]] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      // What a `close` event carries.
      once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    ]);
    return { code, signal, stdout, stderr };
  }

  remove(): void {
    this.#lab.remove();
  }
}

const SOURCES = join(import.meta.dirname, '../../src');
const OPTIONS = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };

async function textOf(stream: Readable | null): Promise<string> {
  return stream === null ? '' : text(stream);
}
