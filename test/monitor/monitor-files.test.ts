import { execFileSync } from 'node:child_process';
import { linkSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readMetrics, terminationLogOf, writeLastWords, writeMetrics } from '../../src/monitor/monitor-files.js';
import { Lab } from '../support/lab.js';

let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

it('leave metrics as a whole, for whoever collects them', () => {
  const path = lab.path('x.prom');
  lab.file('x.prom.tmp', 'left by a kill');
  writeMetrics(path, 'one');
  writeMetrics(path, 'two');
  expect([readMetrics(path), readdirSync(lab.folder)]).toEqual(['two', ['x.prom']]);
  expect(statSync(path).mode & 0o044).toBe(0o044);
});

it('read nothing where there is no file of that kind', () => {
  expect([readMetrics(lab.path('none.prom')), readMetrics(lab.folder)]).toEqual(['', '']);
});

it('find no place of a cluster here, and take the one that is given', () => {
  expect([terminationLogOf('given'), terminationLogOf(undefined) ?? '/dev/termination-log']).toEqual([
    'given',
    '/dev/termination-log',
  ]);
});

it('write last words in their place', () => {
  const path = lab.file('termination-log', 'of an earlier container, and longer');
  const { ino } = statSync(path);
  writeLastWords(path, 'end\n');
  expect([readFileSync(path, 'utf8'), statSync(path).ino]).toEqual(['end\n', ino]);
});

it.skipIf(process.platform === 'win32')('take no place of what is no file, and wait for nobody', () => {
  const [pipe, link] = [lab.path('pipe'), lab.path('link')];
  execFileSync('mkfifo', [pipe]);
  symlinkSync('/dev/null', link);
  for (const path of [pipe, link]) expect(() => writeMetrics(path, 'one')).toThrow('only a file is replaced');
  expect([lstatSync(pipe).isFIFO(), lstatSync(link).isSymbolicLink()]).toEqual([true, true]);
  expect(() => writeLastWords(pipe, 'end')).toThrow('ENXIO');
});

it.skipIf(process.platform === 'win32')('go to no other file, where somebody has put a link to it', () => {
  const [victim, link, temporary] = [lab.file('victim', 'of ours'), lab.path('link'), lab.path('x.prom.tmp')];
  symlinkSync(victim, link);
  symlinkSync(victim, temporary);
  linkSync(victim, lab.path('hard'));
  for (const path of [link, lab.path('hard')]) expect(() => writeLastWords(path, 'end')).toThrow('move it away');
  expect(readMetrics(link)).toBe('');
  writeMetrics(lab.path('x.prom'), 'one');
  expect([readFileSync(victim, 'utf8'), readMetrics(lab.path('x.prom'))]).toEqual(['of ours', 'one']);
});
