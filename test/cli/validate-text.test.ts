import { describe, expect, it } from 'vitest';
import { toColumnsLine, toFindingJson, toFindingLine, toValidationLines } from '../../src/cli/validate-text.js';
import type { Finding } from '../../src/checks/finding.js';
import type { ValidationReport } from '../../src/checks/validation.js';

const FINDING: Finding = { kind: 'status', line: 12, column: 'status', value: '5', text: 'status "5" is not known' };

function aReport(changes: Partial<ValidationReport> = {}): ValidationReport {
  return {
    type: 'summary',
    input: 'users.csv',
    columns: {},
    allowed: [],
    rows: 3,
    to_send: { otp: 2, pki: 1 },
    done: 0,
    with_errors: 0,
    others: 0,
    found: {},
    exit_code: 0,
    ...changes,
  };
}

describe('a finding', () => {
  it('stands in a line as compilers write it', () => {
    expect(toFindingLine('users.csv', FINDING)).toBe('users.csv:12: error: status "5" is not known\n');
    expect(toFindingLine('users.csv', { kind: 'kept', text: 'ann is kept' })).toBe('users.csv: warning: ann is kept\n');
    expect(toFindingLine('users.csv', { kind: 'file', file: 'users.results.csv', line: 3, text: 'broken' })).toBe(
      'users.results.csv:3: error: broken\n',
    );
  });

  it('drives no terminal and ends no line, whatever the file is called', () => {
    expect(toFindingLine('a\u001b[2J\n.csv', FINDING)).toBe(
      '"a\\x1b[2J\\x0a.csv":12: error: status "5" is not known\n',
    );
  });

  it('is one line of JSON', () => {
    const line = toFindingJson('users.csv', FINDING);
    expect(line).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(line)).toEqual({ type: 'problem', severity: 'error', file: 'users.csv', ...FINDING });
    expect(JSON.parse(toFindingJson('users.csv', { kind: 'kept', text: 'ann' }))).toEqual({
      type: 'problem',
      severity: 'warning',
      kind: 'kept',
      file: 'users.csv',
      text: 'ann',
    });
  });
});

it('names the columns by what the file calls them', () => {
  expect(toColumnsLine('users.csv', { username: 'UPN\u001b', token_type: 'Kind' })).toBe(
    'users.csv: username from "UPN\\x1b", token_type from "Kind", no signature_path, no status, no algorithm\n',
  );
});

describe('the summary', () => {
  it('says what a run would send', () => {
    expect(toValidationLines(aReport())).toBe('3 rows, 3 to send (OTP 2, PKI 1), 0 with errors\nNo errors.\n');
  });

  it('groups what was found, and counts what is not sent', () => {
    const found = { status: { severity: 'error', count: 2, first_line: 12 } } as const;
    const text = toValidationLines(aReport({ rows: 1, found, with_errors: 2, done: 4, others: 5 }));
    expect(text).toMatch(/│ status +│ error +│ +2 │ +12 │ no status that CENTAGATE knows/);
    expect(text).toContain('1 row, 3 to send');
    expect(text).toContain('4 done before, 2 with errors, 5 that repeat another row or wait');
    expect(text).toContain('A run leaves the rows with errors out');
  });

  it('asks for a file that is whole first', () => {
    const found = { file: { severity: 'error', count: 1, first_line: 5 } } as const;
    expect(toValidationLines(aReport({ found, with_errors: 1 }))).toContain('The file breaks');
  });
});
