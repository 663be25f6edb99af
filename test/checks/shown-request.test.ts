import { describe, expect, it } from 'vitest';
import { showLogin, showRegistration, showUndo, toRegisterUrl } from '../../src/checks/shown-request.js';
import { anOtpRegistration, aRegistration } from '../support/builders.js';

const TARGET = { server: 'https://centagate.example', admin: 'a/b', timestampUnit: 'ms' } as const;

describe('a request that is shown', () => {
  it('has the keys that are sent, in their order, and nothing that is secret', () => {
    const signature = { bytes: Buffer.from('M'.repeat(2000), 'base64'), algorithm: '1' } as const;
    const shown = showRegistration({ line: 7, registration: aRegistration(), signature }, TARGET);
    expect(shown).toEqual({
      type: 'request',
      line: 7,
      method: 'PUT',
      url: 'https://centagate.example/CentagateWS/webresources/cert/register/pkcs7/a%2Fb',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: {
        username: 'ann',
        signature: `${'M'.repeat(40)}… (2000 characters)`,
        algorithm: '1',
        timestamp: '[made when it leaves, in ms]',
        status: '2',
        cenToken: '[secret]',
      },
    });
    expect(Object.keys(shown.body).at(1)).toBe('signature');
  });

  it('of an OTP row has a user and a token alone', () => {
    const registration = anOtpRegistration({ username: 'zoë "z"' });
    const { url, body } = showRegistration({ line: 2, registration, signature: undefined }, TARGET);
    expect(url).toBe(toRegisterUrl('otp', TARGET));
    expect(body).toEqual({ username: 'zoë "z"', cenToken: '[secret]' });
  });

  it('may be what takes a token back', () => {
    const base = 'https://centagate.example/CentagateWS/webresources/token';
    const shown = (status: string | undefined) =>
      showUndo({ line: 2, username: 'ann', undo: { type: '4', status } }, TARGET);
    expect(shown('3').url).toBe(`${base}/update/token/status/a%2Fb`);
    expect(shown('3').body).toEqual({ username: 'ann', type: '4', status: '3', cenToken: '[secret]' });
    expect(shown(undefined).url).toBe(`${base}/unregisterActiveToken/a%2Fb`);
  });

  it('may be the login, where the server wants it', () => {
    const { method, url, body } = showLogin(TARGET, '/v2');
    expect(`${method} ${url}`).toBe('POST https://centagate.example/v2/CentagateWS/webresources/auth/authBasic');
    expect(body).toMatchObject({ username: 'a/b', password: '[secret]', integrationKey: '[secret]', hmac: '[secret]' });
    expect(body['unixTimestamp']).toBe('[made when it leaves, in s]');
  });
});
