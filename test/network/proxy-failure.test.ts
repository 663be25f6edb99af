import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toProxyFailure } from '../../src/network/proxy-failure.js';
import type { Refusal } from '../../src/network/proxy-failure.js';

function refused(changes: Partial<Refusal>) {
  return toProxyFailure({ proxy: 'proxy.bank:3128', status: 407, hadCredentials: false, schemes: [], ...changes });
}

describe('a proxy that makes no tunnel', () => {
  test.each([
    [{}, 'asks for a name and a password'],
    [{ schemes: ['negotiate', 'basic'] }, 'asks for a name and a password'],
    [{ hadCredentials: true }, 'refuses the name and password of HTTPS_PROXY'],
    [{ hadCredentials: true, schemes: ['negotiate', 'ntlm'] }, 'asks for a login by negotiate or ntlm'],
    [{ schemes: ['negotiate', 'hunter2hunter2'] }, 'asks for a login by negotiate or another scheme (HTTP'],
    [{ status: 403 }, 'does not let us through'],
    [{ status: 302 }, 'sends us to another page'],
    [{ status: 400 }, 'makes no tunnel'],
    [{ status: 503 }, 'does not reach the server'],
  ])('%o: %s', (changes, words) => {
    const { why } = refused(changes);
    expect(why).toContain(words);
    expect(why).toContain('proxy.bank:3128');
    expect(why).toContain(`HTTP status ${'status' in changes ? changes.status : 407}`);
  });

  test('is waited for by a status that passes, and by no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), fc.boolean(), (status, hadCredentials) => {
        const passes = status === 408 || status === 429 || (status >= 500 && status < 600);
        const failure = refused({ status, hadCredentials });
        expect(failure.canHeal).toBe(passes);
        if (!passes) expect(failure.why).toMatch(/: \w.{10,}/);
      }),
    );
  });
});
