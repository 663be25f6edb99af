import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/usage-error.js';
import { makeSessionFolder, removeSessionFiles, SessionFiles, sessionPaths } from '../../src/session/session-files.js';
import type { SessionPaths } from '../../src/session/session-files.js';
import { readSecretFile } from '../../src/settings/secret.js';
import { Lab } from '../support/lab.js';

const TOKENS = { authToken: ' a token with blanks ', secretCode: 'the code' };

let lab: Lab;
let paths: SessionPaths;
beforeEach(() => {
  lab = new Lab();
  paths = sessionPaths(lab.folder);
});
afterEach(() => lab.remove());

const modeOf = (path: string): number => statSync(path).mode & 0o777;
const secretIn = (path: string): string | undefined => {
  const read = readSecretFile(path);
  return 'value' in read ? read.value.reveal() : undefined;
};

describe('the two files of a session', () => {
  it('are there as a whole, for this user alone, and read as what they were', () => {
    const files = new SessionFiles(paths);
    expect([existsSync(paths.authToken), existsSync(paths.secretCode)]).toEqual([false, false]);
    files.write(TOKENS);
    files.discard();
    expect(secretIn(paths.authToken)).toBe(TOKENS.authToken);
    expect(secretIn(paths.secretCode)).toBe(TOKENS.secretCode);
    expect([modeOf(paths.authToken), modeOf(paths.secretCode)]).toEqual([0o600, 0o600]);
  });

  it.each(['authToken', 'secretCode'] as const)('never take the place of a %s that is there', (name) => {
    writeFileSync(paths[name], 'of another session');
    expect(() => new SessionFiles(paths)).toThrow(UsageError);
    expect(() => new SessionFiles(paths)).toThrow('is there already');
    expect(readFileSync(paths[name], 'utf8')).toBe('of another session');
  });

  it('are not written through a link', () => {
    symlinkSync(lab.path('elsewhere'), paths.secretCode);
    expect(() => new SessionFiles(paths)).toThrow('a symbolic link');
    expect(existsSync(`${paths.authToken}.tmp`)).toBe(false);
  });

  it('leave nothing when there is no session, nor what a killed login left', () => {
    writeFileSync(`${paths.authToken}.tmp`, 'of a killed login');
    new SessionFiles(paths).discard();
    expect(existsSync(`${paths.authToken}.tmp`)).toBe(false);
  });

  it('are removed, half of them too', () => {
    new SessionFiles(paths).write(TOKENS);
    removeSessionFiles(paths);
    expect([existsSync(paths.authToken), existsSync(paths.secretCode)]).toEqual([false, false]);
    writeFileSync(paths.authToken, 'alone');
    removeSessionFiles(paths);
    expect(existsSync(paths.authToken)).toBe(false);
  });
});

describe('their folder', () => {
  it('is made for this user alone; one that is there stays as it is', () => {
    makeSessionFolder(lab.path('new'));
    expect(modeOf(lab.path('new'))).toBe(0o700);
    mkdirSync(lab.path('old'), { mode: 0o755 });
    makeSessionFolder(lab.path('old'));
    expect(modeOf(lab.path('old'))).toBe(0o755);
  });

  it('is not made together with those above it', () => {
    expect(() => makeSessionFolder(lab.path('no/such'))).toThrow(/--out: .*can't be made \(ENOENT\)/);
  });
});
