import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import ts from 'typescript';
import { Lab } from './lab.js';

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
    this.#lab.file('package.json', '{"type":"module"}');
    symlinkSync(join(SOURCES, '../node_modules'), this.#lab.path('node_modules'));
  }

  /** Starts a program that may import what lies in src, such as `./core/clock.js`. */
  start(program: string, ...stdio: Exclude<StdioOptions, string>): ChildProcess {
    this.#transpileImports('program.mjs', program);
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

  #transpileImports(from: string, code: string): void {
    for (const [, path = ''] of code.matchAll(/(?:from|import\()\s*'(\.[^']*)\.js'/g)) {
      const name = join(dirname(from), path);
      if (existsSync(this.#lab.path(`${name}.js`))) continue;
      const source = readFileSync(join(SOURCES, `${name}.ts`), 'utf8');
      const { outputText } = ts.transpileModule(source, { compilerOptions: OPTIONS });
      mkdirSync(dirname(this.#lab.path(name)), { recursive: true });
      this.#lab.file(`${name}.js`, outputText);
      this.#transpileImports(name, outputText);
    }
  }
}

const SOURCES = join(import.meta.dirname, '../../src');
const OPTIONS = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };

async function textOf(stream: Readable | null): Promise<string> {
  return stream === null ? '' : text(stream);
}
