import { describe, expect, test } from 'vitest';
import {
  findFormProblem,
  parseJson,
  readFields,
  type RegistrationRequest,
} from '../../src/simulator/registration-request.js';

const headers = { accept: 'application/json', 'content-type': 'application/json' };
const otp = { username: 'ann', cenToken: 'T' };
const pki = { username: 'ann', signature: 'S', algorithm: '1', timestamp: '1', status: '2', cenToken: 'T' };

function aRequest(changes: Partial<RegistrationRequest> = {}): RegistrationRequest {
  return { tokenType: 'otp', admin: 'root', headers, body: otp, at: 0, ...changes };
}

const without = (body: object, name: string): object =>
  Object.fromEntries(Object.entries(body).filter(([key]) => key !== name));

test('a request as the documents have it is in form', () => {
  expect(findFormProblem(aRequest())).toBeUndefined();
  expect(findFormProblem(aRequest({ tokenType: 'pki', body: pki }))).toBeUndefined();
  expect(findFormProblem(aRequest({ tokenType: 'pki', body: without(pki, 'algorithm') }))).toBeUndefined();
});

describe('headers are the documented ones', () => {
  test.each([
    [{ 'content-type': 'text/plain' }, 'Content-Type must be application/json'],
    [{ 'content-type': 'application/json; charset=utf-8' }, 'Content-Type must be application/json'],
    [{ 'content-type': undefined }, 'Content-Type must be application/json'],
    [{ accept: '*/*' }, 'Accept must be application/json'],
    [{ accept: undefined }, 'Accept must be application/json'],
    [{ authorization: 'Bearer T' }, 'an Authorization header is not part of this API'],
    [{ cookie: 'T=1' }, 'a cookie is not part of this API'],
  ])('%o', (changes, problem) => {
    expect(findFormProblem(aRequest({ headers: { ...headers, ...changes } }))).toBe(problem);
  });
});

describe('the body is one object of the documented strings', () => {
  test.each([[undefined], [null], [[]], ['text'], [1], [[otp]]])('%o is no object', (body) => {
    expect(findFormProblem(aRequest({ body }))).toBe('the body must be one JSON object in UTF-8');
  });

  test.each(Object.keys(otp))('OTP needs %s', (name) => {
    expect(findFormProblem(aRequest({ body: without(otp, name) }))).toBe(`${name} is missing`);
  });

  test.each(Object.keys(without(pki, 'algorithm')))('PKI needs %s', (name) => {
    expect(findFormProblem(aRequest({ tokenType: 'pki', body: without(pki, name) }))).toBe(`${name} is missing`);
  });

  test.each(Object.keys(pki))('%s is a string', (name) => {
    for (const value of [1, null, true, ['2'], {}]) {
      const request = aRequest({ tokenType: 'pki', body: { ...pki, [name]: value } });
      expect(findFormProblem(request)).toBe(`${name} must be a JSON string`);
    }
  });

  test('other fields are refused, those of the other endpoint and the sample code too', () => {
    const only = 'the only fields are username, cenToken';
    expect(findFormProblem(aRequest({ body: { ...otp, status: '2' } }))).toBe(only);
    expect(findFormProblem(aRequest({ body: { ...otp, Username: 'ann' } }))).toBe(only);
    expect(findFormProblem(aRequest({ tokenType: 'pki', body: { ...pki, validity: '1' } }))).toBe(
      'the only fields are username, signature, timestamp, status, cenToken, algorithm',
    );
  });

  test('a username is not empty', () => {
    expect(findFormProblem(aRequest({ body: { ...otp, username: '' } }))).toBe('username is empty');
  });

  test('a problem never quotes the request', () => {
    const secret = 'c0ffee'.repeat(10);
    for (const body of [{ ...otp, [secret]: '' }, secret, [secret], { ...otp, cenToken: [secret] }]) {
      expect(findFormProblem(aRequest({ body }))).not.toContain('c0ffee');
    }
  });
});

test('JSON is strict UTF-8 without a byte order mark', () => {
  expect(parseJson(Buffer.from('{"username":"jörg"}'))).toEqual({ username: 'jörg' });
  expect(parseJson(Buffer.from('{"username":"jörg"}', 'latin1'))).toBeUndefined();
  expect(parseJson(Buffer.from('\ufeff{}'))).toBeUndefined();
  expect(parseJson(Buffer.from('{"username":'))).toBeUndefined();
  expect(parseJson(Buffer.alloc(0))).toBeUndefined();
});

test('fields are read from whatever came', () => {
  expect(readFields(pki)).toEqual(pki);
  const nothing = { username: '', cenToken: '', signature: '', status: '', timestamp: undefined, algorithm: undefined };
  expect(readFields(undefined)).toEqual(nothing);
  expect(readFields({ username: 5, timestamp: null })).toEqual(nothing);
});
