import { describe, expect, test } from 'vitest';
import { lastingFailure, plainFailure } from '../../src/network/network-error.js';
import { judgeLocalClock, judgeLook } from '../../src/server/look.js';
import type { Preflight } from '../../src/server/look.js';
import { anExchange } from '../support/builders.js';

function problemOf(found: Preflight): string | undefined {
  return found.kind === 'wrong' ? found.problem : undefined;
}

describe('a look at the server', () => {
  test.each([200, 400, 401, 403, 405, 429])('is clear when the endpoint answers %i: something is there', (status) => {
    expect(judgeLook(anExchange({ status }))).toEqual({ kind: 'clear' });
  });

  test.each([301, 302, 307])('finds another address at %i', (status) => {
    expect(problemOf(judgeLook(anExchange({ status })))).toContain(`HTTP status ${status}`);
  });

  test.each([500, 503])('is odd at %i: it may pass', (status) => {
    expect(judgeLook(anExchange({ status })).kind).toBe('odd');
  });

  test('finds a certificate that is not to be trusted, which no try gets past', () => {
    const failure = lastingFailure("the server's certificate has expired");
    expect(judgeLook({ kind: 'failed', ...failure })).toEqual({
      kind: 'wrong',
      problem: "--server: the server's certificate has expired",
    });
  });

  test('is odd when the server is away: it may be back for the rows', () => {
    const away = judgeLook({ kind: 'failed', ...plainFailure('the connection was refused') });
    expect(away).toEqual({
      kind: 'odd',
      warning: "the server can't be reached yet: the connection was refused; the run goes on",
    });
    expect(judgeLook({ kind: 'cut', why: 'no whole reply within 30 s' }).kind).toBe('odd');
  });
});

describe('a clock that nobody corrects', () => {
  test.each([undefined, 0, 240_000, -240_000])('may be %s ms off, as far as is known', (offsetMs) => {
    expect(judgeLocalClock(offsetMs)).toEqual({ kind: 'clear' });
  });

  test.each([240_001, -600_000])('may not be %i ms off', (offsetMs) => {
    expect(problemOf(judgeLocalClock(offsetMs))).toContain('--clock local: this machine');
  });
});

describe('a look, which is a GET', () => {
  test('that meets a 404 only warns: gateways route by method', () => {
    expect(judgeLook(anExchange({ status: 404 }))).toMatchObject({
      kind: 'odd',
      warning: expect.stringContaining('the first row tells') as string,
    });
  });

  test('that meets a page warns with its title', () => {
    expect(judgeLook(anExchange({ contentType: 'text/html', title: 'Sign in' }))).toMatchObject({
      kind: 'odd',
      warning: expect.stringContaining('(text/html, "Sign in")') as string,
    });
  });
});
