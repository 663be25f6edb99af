import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
