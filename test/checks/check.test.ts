import { describe, expect, test } from 'vitest';
import {
  isHealthy,
  judgeAddress,
  judgeClock,
  judgeHandshake,
  judgeHttp,
  judgeSession,
} from '../../src/checks/check.js';
import type { Handshake } from '../../src/checks/check.js';
import { plainFailure } from '../../src/server/network-error.js';
import { anExchange, NOON } from '../support/builders.js';

const DAY = 86_400_000;

describe('a certificate', () => {
  const shown: Handshake = {
    protocol: 'TLSv1.3',
    subject: 'centagate.example',
    issuer: 'Bank CA',
    validTo: NOON + 90.5 * DAY,
    distrust: undefined,
  };

  test('that is trusted says whose it is, and how long', () => {
    const says = 'TLSv1.3, certificate of centagate.example by Bank CA, 90 days left';
    expect(judgeHandshake(shown, NOON)).toEqual({ verdict: 'good', says });
  });

  test('that is over soon is to be renewed', () => {
    expect(judgeHandshake({ ...shown, validTo: NOON + 29 * DAY }, NOON).verdict).toBe('odd');
  });

  test('that is not trusted stops a run', () => {
    const found = judgeHandshake({ ...shown, distrust: "the server's certificate has expired" }, NOON);
    expect(found.verdict).toBe('bad');
    expect(found.says).toContain('has expired');
    expect(found.remedy).toContain('--ca');
  });
});

describe('a reply', () => {
  test('is good whatever its status: something is there', () => {
    expect(judgeHttp(anExchange({ status: 503 })).verdict).toBe('good');
    expect(judgeHttp({ kind: 'failed', ...plainFailure('the connection was reset') }).verdict).toBe('bad');
    expect(judgeHttp({ kind: 'cut', why: 'no whole reply within 30 s' }).verdict).toBe('bad');
  });

  test.each([
    [405, 'good'],
    [503, 'odd'],
    [404, 'bad'],
    [302, 'bad'],
  ])('of status %i is %s for the address', (status, verdict) => {
    expect(judgeAddress(anExchange({ status })).verdict).toBe(verdict);
  });
});

describe('the clock', () => {
  test.each([
    [0, true, 'good'],
    [30_000, true, 'good'],
    [-31_000, true, 'odd'],
    [600_000, true, 'odd'],
    [239_000, false, 'odd'],
    [241_000, false, 'bad'],
    [undefined, false, 'odd'],
  ])('that is %s ms off, corrected %s, is %s', (offsetMs, isCorrected, verdict) => {
    expect(judgeClock(offsetMs, isCorrected).verdict).toBe(verdict);
  });
});

describe('the session', () => {
  test.each([
    ['good', false, 'good'],
    ['over', false, 'bad'],
    ['over', true, 'odd'],
    ['missing', false, 'odd'],
    ['unclear', false, 'odd'],
  ] as const)('that is %s, with a login %s, is %s', (check, canLogIn, verdict) => {
    expect(judgeSession(check, canLogIn).verdict).toBe(verdict);
  });
});

test('only what is bad stops a run', () => {
  const check = { name: 'dns', ms: 1, says: '' } as const;
  expect(isHealthy([])).toBe(true);
  expect(
    isHealthy([
      { ...check, verdict: 'odd' },
      { ...check, verdict: 'skipped' },
    ]),
  ).toBe(true);
  expect(isHealthy([{ ...check, verdict: 'bad' }])).toBe(false);
});
