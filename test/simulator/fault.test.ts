import { describe, expect, test } from 'vitest';
import {
  FAULT_KINDS,
  findFaultProblem,
  isFaultKind,
  NAMED_FAULTS,
  parseFault,
  parseStatus,
} from '../../src/simulator/fault.js';

describe('a fault is written kind=share', () => {
  test.each([
    ['10004=0.02', { kind: '10004', share: 0.02 }],
    ['99999=1', { kind: '99999', share: 1 }],
    ['230001=.5', { kind: '230001', share: 0.5 }],
    ['503=0.1', { kind: '503', share: 0.1 }],
    ['429:2=0.25', { kind: '429:2', share: 0.25 }],
    ['reset-after=0.001', { kind: 'reset-after', share: 0.001 }],
  ])('%s', (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
  });

  test.each(Object.keys(NAMED_FAULTS))('%s is a kind', (name) => {
    expect(parseFault(`${name}=0.1`)).toEqual({ kind: name, share: 0.1 });
    expect(Object.keys(FAULT_KINDS)).toContain(name);
  });
});

describe('what is not a fault gets a message', () => {
  test.each([
    ['', '"" is not a fault: write <kind>=<share>, as in 10004=0.02'],
    ['10004', '"10004" is not a fault: write <kind>=<share>, as in 10004=0.02'],
    ['=0.5', '"=0.5" is not a fault: write <kind>=<share>, as in 10004=0.02'],
    ['10004=', 'the share of 10004 must be a number over 0 and at most 1, not ""'],
    ['10004=0', 'the share of 10004 must be a number over 0 and at most 1, not "0"'],
    ['10004=1.01', 'the share of 10004 must be a number over 0 and at most 1, not "1.01"'],
    ['10004=-0.1', 'the share of 10004 must be a number over 0 and at most 1, not "-0.1"'],
    ['10004=5%', 'the share of 10004 must be a number over 0 and at most 1, not "5%"'],
    ['html=Infinity', 'the share of html must be a number over 0 and at most 1, not "Infinity"'],
    ['html=0.1=0.2', 'the share of html must be a number over 0 and at most 1, not "0.1=0.2"'],
  ])('%s', (text, problem) => {
    expect(parseFault(text)).toBe(problem);
  });

  test.each(['explode', '0', '12', '200', '204', '100', '600', '4290:2', '500:2', '429:', '429:-1', 'toString', '1e5'])(
    '%s is not a kind',
    (kind) => {
      expect(isFaultKind(kind)).toBe(false);
      expect(parseFault(`${kind}=0.1`)).toMatch(new RegExp(`^"${kind}" is not a kind of fault; known are ok, html, `));
    },
  );
});

test('an HTTP status is three digits, 429 and 503 with their Retry-After', () => {
  expect(parseStatus('302')).toEqual({ status: 302, headers: {} });
  expect(parseStatus('503:120')).toEqual({ status: 503, headers: { 'Retry-After': '120' } });
  expect(parseStatus('10004')).toBeUndefined();
});

test('shares may add up to 1, not to more', () => {
  const tenths = Array.from({ length: 10 }, () => ({ kind: 'html', share: 0.1 }) as const);
  expect(findFaultProblem([])).toBeUndefined();
  expect(findFaultProblem(tenths)).toBeUndefined();
  expect(findFaultProblem([...tenths, { kind: '503', share: 0.1 }])).toBe(
    'the shares of all faults add up to 1.1, 1 is the most',
  );
});

test('faults that did not come from parseFault are looked at too', () => {
  expect(findFaultProblem([{ kind: '12', share: 0.1 }])).toBe('"12=0.1" is not a fault');
  expect(findFaultProblem([{ kind: 'html', share: Number.NaN }])).toBe('"html=NaN" is not a fault');
});
