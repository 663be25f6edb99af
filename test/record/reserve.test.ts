import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateError } from '../../src/core/state-error.js';
import { Reserve } from '../../src/record/reserve.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reserve-'));
  path = join(folder, 'users.reserve');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the reserve', () => {
  it('takes its room on the disk, for its owner alone, over what a killed run left', () => {
    writeFileSync(path, 'old', { mode: 0o644 });
    new Reserve(path, 65_536);
    const stats = statSync(path);
    expect(stats.size).toBe(65_536);
    expect(stats.blocks * 512).toBeGreaterThanOrEqual(65_536);
    expect(stats.mode & 0o777).toBe(0o600);
  });

  it('is given up once', () => {
    const reserve = new Reserve(path, 1);
    expect(reserve.release()).toBe(true);
    expect(existsSync(path)).toBe(false);
    expect(reserve.release()).toBe(false);
  });

  it('that finds a folder in its place says so', () => {
    mkdirSync(path);
    expect(() => new Reserve(path, 1)).toThrow(StateError);
  });

  it('that can not be given up has no room to give', () => {
    const reserve = new Reserve(path, 1);
    rmSync(path);
    mkdirSync(path);
    expect(reserve.release()).toBe(false);
  });

  it('that finds no room leaves nothing behind, and says so', () => {
    expect(() => new Reserve(join(folder, 'no', 'users.reserve'), 1)).toThrow(StateError);
  });
});
