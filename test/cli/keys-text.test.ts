import { expect, it } from 'vitest';
import { toHandOutLines } from '../../src/cli/keys-text.js';
import { toHandOutReport } from '../../src/handout/hand-out-report.js';
import { WithheldKeys } from '../../src/handout/withheld.js';
import type { WithheldKey } from '../../src/handout/withheld.js';

function linesOf(named: readonly WithheldKey[], { keys = 0, before = 0 } = {}): string {
  const withheld = new WithheldKeys();
  named.forEach((key) => withheld.add(key));
  const handOut = keys === 0 ? undefined : { path: '/data/users.hand-out-1.csv', sha256: 'ab' };
  const report = toHandOutReport({
    results: 'users.results.csv',
    ledger: '/data/users.handed-out.csv',
    keys,
    before,
    handOut,
    withheld,
  });
  return toHandOutLines(report);
}

it('says how many keys are in which file', () => {
  expect(linesOf([], { keys: 1, before: 2 })).toBe(
    '1 key handed out; 2 keys handed out before\nKeys:   /data/users.hand-out-1.csv\nLedger: /data/users.handed-out.csv\n',
  );
});

it('says that there is no new key', () => {
  expect(linesOf([], { before: 3 })).toBe('No new key to hand out; 3 keys handed out before.\n');
});

it('names whose key was not handed out and why, the first few of each reason', () => {
  const lost: WithheldKey[] = [{ username: 'ann\u001b[2J', reason: 'not_registered', outcome: 'key_lost' }];
  const many = Array.from({ length: 12 }, (_, at): WithheldKey => ({ username: `u${at}`, reason: 'superseded' }));
  const text = linesOf([...lost, ...many]);
  expect(text).toContain('not_registered: ann\\x1b[2J (key_lost)\n');
  expect(text).toContain('superseded: u0, u1, u2, u3, u4, u5, u6, u7, u8, u9 and 2 more: --json names them\n');
  expect(text).toMatch(/superseded +│ +12 │ the user has got another key since/);
});
