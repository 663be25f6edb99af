/** Where a path leads; names in a path are decoded, and nothing when they cannot be. */
export type Route =
  | { readonly to: 'list'; readonly method: 'PUT'; readonly admin: string | undefined }
  | { readonly to: 'otp' | 'pki'; readonly method: 'PUT'; readonly admin: string | undefined }
  | { readonly to: 'login'; readonly method: 'POST' }
  | { readonly to: 'logout'; readonly method: 'POST' }
  | {
      readonly to: 'session-check';
      readonly method: 'GET';
      readonly admin: string | undefined;
      readonly cenToken: string | undefined;
    };

const BASE = '/CentagateWS/webresources';
const OTP = new RegExp(`^${BASE}/token/register/otp/offline/([^/?#]+)$`);
const PKI = new RegExp(`^${BASE}/cert/register/pkcs7/([^/?#]+)$`);
const LIST = new RegExp(`^${BASE}/user/auth/list/([^/?#]+)$`);
/** The cloud has them under /v2 (vendor documentation). */
const LOGIN = new RegExp(`^(?:/v2)?${BASE}/auth/authBasic$`);
const LOGOUT = new RegExp(`^(?:/v2)?${BASE}/auth/logout$`);
const SESSION_CHECK = new RegExp(`^${BASE}/auth/sessioncheck/([^/?#]+)/([^/?#]+)$`);

/** The route of a request target: no query, no trailing slash, no double slash. */
export function findRoute(target: string): Route | undefined {
  const otp = OTP.exec(target);
  if (otp !== null) return { to: 'otp', method: 'PUT', admin: decode(otp[1]) };
  const pki = PKI.exec(target);
  if (pki !== null) return { to: 'pki', method: 'PUT', admin: decode(pki[1]) };
  const list = LIST.exec(target);
  if (list !== null) return { to: 'list', method: 'PUT', admin: decode(list[1]) };
  if (LOGIN.test(target)) return { to: 'login', method: 'POST' };
  if (LOGOUT.test(target)) return { to: 'logout', method: 'POST' };
  const check = SESSION_CHECK.exec(target);
  if (check === null) return undefined;
  return { to: 'session-check', method: 'GET', admin: decode(check[1]), cenToken: decode(check[2]) };
}

function decode(segment = ''): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
