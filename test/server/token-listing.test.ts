import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainFailure } from '../../src/network/network-error.js';
import { findToken, markOf, readListing, decideByListing } from '../../src/server/token-listing.js';
import { anExchange, anOtpRegistration, anyText, aRegistration } from '../support/builders.js';

const OURS = 'ab'.repeat(20);
const ANOTHER = 'cd'.repeat(20);
const PKI = { tokenType: 'pki', mark: OURS } as const;
const OTP = { tokenType: 'otp', mark: undefined } as const;

function listed(object: unknown, code: unknown = '0') {
  return readListing(anExchange({ body: JSON.stringify({ code, message: '', object }) }));
}

describe('a listing', () => {
  const lists = {
    tokenList: [{ sn: '1', type: '1' }, { type: 2 }],
    certList: [{ fingerprint: OURS.toUpperCase() }, { fingerprint: 'CD:'.repeat(19) + 'CD', revoked: false }],
  };

  test('comes as an object or as JSON in a string, with its code as text or number', () => {
    for (const found of [listed(lists), listed(JSON.stringify(lists)), listed(lists, 0)]) {
      expect(found).toEqual({ types: ['1', '2'], fingerprints: [OURS, ANOTHER] });
    }
  });

  test('of a user without anything is empty, with lists or without', () => {
    const nothing = { types: [], fingerprints: [] };
    expect(listed({ tokenList: [], certList: [] })).toEqual(nothing);
    expect(listed({ tokenList: null })).toEqual(nothing);
  });

  test('has no certificate that is revoked', () => {
    for (const revoked of [true, 'true', 1, '1', 'Y']) {
      expect(listed({ certList: [{ fingerprint: OURS, revoked }] })).toMatchObject({ fingerprints: [] });
    }
  });

  test('takes no token of another type for an OTP token', () => {
    for (const type of ['1', 3, '22', '', null]) {
      const listing = listed({ tokenList: [{ type }] });
      expect(typeof listing === 'object' && findToken(listing, OTP)).toBe('none');
    }
  });

  test.each([404, 405, 501])('is not offered by a server that answers %i', (status) => {
    expect(readListing(anExchange({ status }))).toBe('not_offered');
  });

  test.each(['10001', '23018'])('is refused with the session by code %s', (code) => {
    expect(listed({ tokenList: [] }, code)).toBe('refused');
  });

  test('is refused by 401 and 403, and there is none of a user that nobody knows', () => {
    for (const status of [401, 403]) expect(readListing(anExchange({ status }))).toBe('refused');
    expect(listed('', '22002')).toBe('no_user');
  });

  test('is unclear without a usable answer', () => {
    for (const code of ['10002', '10004', '4711', '', null]) expect(listed({ tokenList: [] }, code)).toBe('unclear');
    for (const object of ['', 'text', '[]', null, 7]) expect(listed(object)).toBe('unclear');
    for (const status of [429, 500, 503]) expect(readListing(anExchange({ status }))).toBe('unclear');
    expect(readListing(anExchange({ body: '<html>' }))).toBe('unclear');
    expect(readListing({ kind: 'failed', ...plainFailure('the connection was reset') })).toBe('unclear');
    expect(readListing({ kind: 'cut', why: 'cut off' })).toBe('unclear');
  });

  test('is read from whatever comes without a fall', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.json()), (body) => {
        const found = readListing(anExchange({ body }));
        expect(['string', 'object']).toContain(typeof found);
      }),
    );
  });
});

describe('a row in doubt', () => {
  test('is registered when the server shows the certificate of its signature, among others too', () => {
    const found = decideByListing({ types: [], fingerprints: [ANOTHER, OURS] }, PKI);
    expect(found).toMatchObject({ outcome: 'registered' });
    expect(found?.detail).toContain("shows this signature's certificate");
  });

  test('has its user registered already when only another certificate is there', () => {
    const found = decideByListing({ types: ['2'], fingerprints: [ANOTHER] }, PKI);
    expect(found).toMatchObject({ outcome: 'already_registered' });
    expect(found?.detail).toContain('shows another certificate');
  });

  test('is never registered by an OTP token that is there: its key is lost', () => {
    expect(decideByListing({ types: ['2'], fingerprints: [] }, OTP)).toMatchObject({ outcome: 'key_lost' });
  });

  test('stays in doubt where nothing is there, since a late commit may follow', () => {
    expect(decideByListing({ types: ['2'], fingerprints: [] }, PKI)).toBeUndefined();
    expect(decideByListing({ types: [], fingerprints: [OURS] }, OTP)).toBeUndefined();
  });

  test('stays in doubt when its own certificate is not known', () => {
    const unread = { ...PKI, mark: undefined };
    expect(decideByListing({ types: [], fingerprints: [OURS] }, unread)).toBeUndefined();
  });
});

test('a row is looked for by its certificate, and an OTP row by nothing of its own', () => {
  expect(markOf(aRegistration(), () => OURS)).toBe(OURS);
  expect(markOf(aRegistration(), () => undefined)).toBeUndefined();
  expect(markOf(anOtpRegistration(), () => OURS)).toBeUndefined();
});
