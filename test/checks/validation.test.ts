import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/checks/finding.js';
import type { Plan } from '../../src/plan/planned-row.js';
import { ValidationCounter } from '../../src/checks/validation.js';
import { anOtpRegistration, aRegistration, aSettlement } from '../support/builders.js';

const OF = { input: 'users.csv', columns: { username: 'UPN' }, allowed: [] };
const WRONG: Finding = { kind: 'status', line: 3, text: 'wrong' };
const ODD: Finding = { kind: 'trimmed', line: 4, text: 'odd' };

function count(plan: Plan, findings: readonly Finding[] = [], inputLine: number | undefined = 2) {
  const counter = new ValidationCounter();
  counter.addRow({ line: 2, ...(inputLine > 0 && { inputLine }), cells: [], plan }, findings);
  const { rows, to_send, done, with_errors, others } = counter.result(OF);
  return [rows, to_send.otp, to_send.pki, done, with_errors, others];
}

describe('a row counts once', () => {
  const send = { kind: 'register', registration: anOtpRegistration(), past: undefined } as const;
  const carry = (outcome: 'registered' | 'duplicate' | 'unknown') =>
    ({ kind: 'carry', settlement: aSettlement({ outcome }) }) as const;

  test.each<[string, number[], number[]]>([
    ['OTP to send', count(send), [1, 1, 0, 0, 0, 0]],
    ['PKI to send', count({ ...send, registration: aRegistration() }), [1, 0, 1, 0, 0, 0]],
    ['to send, whatever is odd', count(send, [ODD]), [1, 1, 0, 0, 0, 0]],
    ['with errors, also when its own cells are right', count(send, [WRONG, WRONG]), [1, 0, 0, 0, 1, 0]],
    ['done', count(carry('registered')), [1, 0, 0, 1, 0, 0]],
    ['repeating another', count(carry('duplicate')), [1, 0, 0, 0, 0, 1]],
    ['waiting', count(carry('unknown')), [1, 0, 0, 0, 0, 1]],
    ['not at all, when only the results have it', count(carry('registered'), [ODD], 0), [0, 0, 0, 0, 0, 0]],
  ])('%s', (_, counted, expected) => expect(counted).toEqual(expected));
});

describe('the report', () => {
  function reportOf(...findings: readonly Finding[]) {
    const counter = new ValidationCounter();
    for (const finding of findings) counter.addFinding(finding);
    return counter.result(OF);
  }

  test('groups what was found by kind, errors first, with the line of the first', () => {
    const { found } = reportOf(ODD, { ...WRONG, line: 9 }, WRONG, { kind: 'unread_column', text: 'near' });
    expect(Object.entries(found)).toEqual([
      ['status', { severity: 'error', count: 2, first_line: 9 }],
      ['unread_column', { severity: 'warning', count: 1, first_line: null }],
      ['trimmed', { severity: 'warning', count: 1, first_line: 4 }],
    ]);
  });

  test('ends with 0, with 1 when there are errors, with 2 when the file breaks', () => {
    const broken: Finding = { kind: 'file', line: 5, text: 'a quote' };
    expect(reportOf().exit_code).toBe(0);
    expect(reportOf(ODD).exit_code).toBe(0);
    expect(reportOf(ODD, WRONG).exit_code).toBe(1);
    expect(reportOf(WRONG, broken).exit_code).toBe(2);
  });
});
