import { expect, test } from 'vitest';
import { findRoute } from '../../src/simulator/route.js';

const BASE = '/CentagateWS/webresources';

test.each([
  [`${BASE}/token/register/otp/offline/root`, { to: 'otp', method: 'PUT', admin: 'root' }],
  [`${BASE}/cert/register/pkcs7/a%20b%2Fc%C3%B6`, { to: 'pki', method: 'PUT', admin: 'a b/cö' }],
  [`${BASE}/auth/sessioncheck/r%40b/ff00`, { to: 'sessionCheck', method: 'GET', admin: 'r@b', cenToken: 'ff00' }],
  [`${BASE}/user/auth/list/r%40b`, { to: 'listing', method: 'PUT', admin: 'r@b' }],
  [`${BASE}/auth/authBasic`, { to: 'login', method: 'POST' }],
  [`/v2${BASE}/auth/authBasic`, { to: 'login', method: 'POST' }],
  [`${BASE}/auth/logout`, { to: 'logout', method: 'POST' }],
  [`/v2${BASE}/auth/logout`, { to: 'logout', method: 'POST' }],
])('%s leads somewhere', (path, route) => {
  expect(findRoute(path)).toEqual(route);
});

test('a name that cannot be decoded is nobody', () => {
  expect(findRoute(`${BASE}/cert/register/pkcs7/100%`)).toEqual({ to: 'pki', method: 'PUT', admin: undefined });
  expect(findRoute(`${BASE}/cert/register/pkcs7/%C3`)).toEqual({ to: 'pki', method: 'PUT', admin: undefined });
});

test.each([
  '/',
  '',
  '*',
  `${BASE}/token/register/otp/offline/`,
  `${BASE}/token/register/otp/offline`,
  `${BASE}/token/register/otp/offline/root/`,
  `${BASE}/token/register/otp/offline/a/b`,
  `${BASE}/token/register/otp/offline/root?x=1`,
  `${BASE}//token/register/otp/offline/root`,
  `/centagatews/webresources/token/register/otp/offline/root`,
  `/v2${BASE}/token/register/otp/offline/root`,
  `/token/register/otp/offline/root`,
  `${BASE}/token/register/otp/root`,
  `${BASE}/cert/register/pkcs7`,
  `/v3${BASE}/auth/authBasic`,
  `${BASE}/auth/authBasic/`,
  `${BASE}/user/auth/list/`,
  `${BASE}/auth/sessioncheck/root`,
  `${BASE}/auth/sessioncheck/root/ff00/`,
  `${BASE}/auth/sessioncheck/root/ff00?`,
])('"%s" leads nowhere', (path) => {
  expect(findRoute(path)).toBeUndefined();
});
