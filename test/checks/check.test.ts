import { describe, expect, test } from 'vitest';
import {
  exitCodeOfChecks,
  isHealthy,
  judgeAddress,
  judgeClock,
  judgeFiles,
  judgeHandshake,
  judgeHttp,
  judgeMachine,
  judgeSession,
} from '../../src/checks/check.js';
import type { CertificateFile, Check, Handshake } from '../../src/checks/check.js';
import type { StopKind } from '../../src/core/stop.js';
import { plainFailure, strangeFailure } from '../../src/network/network-error.js';
import { anExchange, NOON } from '../support/builders.js';

const DAY = 86_400_000;

describe('the certificate files', () => {
  const file = {
    flag: '--ca',
    holds: 'authority',
    ends: [NOON + 400 * DAY, NOON + 90 * DAY, NOON + 800 * DAY],
  } as const;

  test('say how many were read, and when the first of them is over', () => {
    const says = '--ca: 3 authorities, the first valid until 2026-05-01';
    expect(judgeFiles([file], NOON)).toEqual({ verdict: 'good', says });
    const ours = { flag: '--client-cert', holds: 'certificate', ends: [NOON + 60 * DAY] } as const;
    expect(judgeFiles([file, ours], NOON).says).toBe(`${says}; --client-cert: 1 certificate, valid until 2026-04-01`);
    expect(judgeFiles([{ ...ours, ends: [NOON, NOON] }], NOON).says).toContain('2 certificates, the first valid until');
    expect(judgeFiles([{ ...file, ends: [NOON] }], NOON).says).toContain('1 authority, valid until 2026-01-31');
  });

  test('are to be looked at when one is over, or soon', () => {
    expect(judgeFiles([{ ...file, ends: [NOON + 400 * DAY, NOON + 29 * DAY] }], NOON).verdict).toBe('odd');
    expect(judgeFiles([{ ...file, ends: [NOON - DAY] }], NOON).verdict).toBe('odd');
  });

  test('that the environment adds are told, whenever they are over, and those that add nothing too', () => {
    const ofMachine = { flag: 'NODE_EXTRA_CA_CERTS', holds: 'authority', ends: [NOON - DAY, NOON], isOfMachine: true };
    expect(judgeFiles([ofMachine as CertificateFile], NOON)).toEqual({
      verdict: 'good',
      says: 'NODE_EXTRA_CA_CERTS: 2 authorities that may vouch for the server',
    });
    expect(judgeFiles([{ flag: 'SSL_CERT_FILE', problem: 'the file can not be read' }], NOON)).toMatchObject({
      verdict: 'odd',
      says: 'SSL_CERT_FILE adds nothing: the file can not be read',
    });
  });

  test('may be none', () => {
    expect(judgeFiles([], NOON)).toEqual({ verdict: 'skipped', says: 'none is given' });
  });
});

describe('the machine', () => {
  test('is to be looked at when a crash would write the memory to a file', () => {
    expect(judgeMachine({ coreLimit: 'unlimited', loading: [] })).toMatchObject({
      verdict: 'odd',
      remedy: expect.stringContaining('ulimit -c 0') as string,
    });
    expect(judgeMachine({ coreLimit: '0', loading: [] }).verdict).toBe('good');
    expect(judgeMachine({ coreLimit: undefined, loading: [] }).verdict).toBe('skipped');
  });

  test('is to be looked at when it loads what is not ours into the program', () => {
    for (const coreLimit of ['0', undefined]) {
      const { verdict, says } = judgeMachine({ coreLimit, loading: ['--require', '--import'] });
      expect([verdict, says.includes('(--require, --import)')]).toEqual(['odd', true]);
    }
    expect(judgeMachine({ coreLimit: '1', loading: ['--require'] }).says).toMatch(/NODE_OPTIONS.*; a crash/);
  });
});

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

  test('whose end no one can read is odd, and no fault of ours', () => {
    const found = judgeHandshake({ ...shown, validTo: NaN }, NOON);
    expect([found.verdict, found.says]).toEqual(['odd', expect.stringContaining("until a day that can't be read")]);
    const file = { flag: '--ca', holds: 'authority', ends: [NOON + 400 * DAY, NaN] } as const;
    expect(judgeFiles([file], NOON)).toMatchObject({
      verdict: 'odd',
      says: expect.stringContaining('a day that can') as string,
    });
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
    [404, 'odd'],
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

describe('the exit code', () => {
  const bad = (stop: StopKind): Check => ({ name: 'session', ms: 1, says: '', verdict: 'bad', stop });

  test.each<[string, readonly StopKind[], number]>([
    ['is 0 when nothing is bad', [], 0],
    ['is 4 when the server is away', ['stopped'], 4],
    ['is 5 when another run has the session', ['locked'], 5],
    ['is 6 when a person must mend something', ['person'], 6],
    ['is 6 whatever else there is', ['stopped', 'person'], 6],
  ])('%s', (_, stops, code) => {
    expect(exitCodeOfChecks(stops.map(bad))).toBe(code);
  });

  test('tells what may heal by itself from what does not', () => {
    expect(judgeHttp({ kind: 'failed', ...plainFailure('the connection was reset') }).stop).toBe('stopped');
    expect(judgeHttp({ kind: 'failed', ...strangeFailure('the reply is no HTTP') }).stop).toBe('person');
    expect(judgeHttp({ kind: 'failed', ...plainFailure('it has expired'), canHeal: false }).stop).toBe('person');
    expect(judgeAddress(anExchange({ status: 302 })).stop).toBe('person');
    expect(judgeSession('over', false).stop).toBe('person');
  });
});
