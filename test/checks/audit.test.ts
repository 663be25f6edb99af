import { expect, test } from 'vitest';
import { bad, Differences, skip, toAuditReport } from '../../src/checks/audit.js';

test('what differs is told, the first five of it, and the others are counted', () => {
  const differences = new Differences();
  expect(differences.judge('all is well')).toEqual({ verdict: 'good', says: 'all is well' });
  differences.addFigure('rows', 2, 2);
  expect(differences.isNone).toBe(true);
  differences.addFigure('rows', 1, 2);
  expect(differences.judge('')).toEqual({ verdict: 'bad', says: 'rows: 1, the manifest says 2' });
  const more = new Differences();
  for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) more.add(text);
  differences.addAll(more);
  expect(differences.judge('').says).toBe('rows: 1, the manifest says 2; a; b; c; d; and 2 more');
});

test('one thing that differs is enough to end with 1', () => {
  const good = { name: 'chain', verdict: 'good', says: '' } as const;
  expect(toAuditReport('users.results.csv', [good, { name: 'keys', ...skip('') }]).exit_code).toBe(0);
  expect(toAuditReport('users.results.csv', [good, { name: 'keys', ...bad('') }]).exit_code).toBe(1);
});
