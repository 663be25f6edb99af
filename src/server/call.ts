import { byTokenType, describeTokenType } from '../row/token-type.js';

/** Stands before the path of every call; before that of login and logout, the base of the authentication API may stand. */
export const BASE_PATH = '/CentagateWS/webresources';

/** One call of the server. Its body is JSON, where it has one. */
export interface Call<Parameter extends string = string> {
  readonly method: 'PUT' | 'POST' | 'GET';
  readonly path: string;
  /** Follow in the path, in this order. */
  readonly parameters: readonly Parameter[];
  /** Those of its parameters and of its body's fields that nobody may see: where one is a parameter, its URL is secret. */
  readonly secrets: readonly string[];
}

export const REGISTRATIONS = byTokenType((name): Call<'admin'> => {
  const { path } = describeTokenType(name);
  return { method: 'PUT', path, parameters: ['admin'], secrets: ['cenToken'] };
});

/** All others (vendor documentation). */
export const CALLS = {
  login: { method: 'POST', path: '/auth/authBasic', parameters: [], secrets: ['password', 'integrationKey', 'hmac'] },
  logout: { method: 'POST', path: '/auth/logout', parameters: [], secrets: ['integrationKey', 'authToken', 'hmac'] },
  sessionCheck: {
    method: 'GET',
    path: '/auth/sessioncheck',
    parameters: ['admin', 'cenToken'],
    secrets: ['cenToken'],
  },
  unregister: { method: 'PUT', path: '/token/unregisterActiveToken', parameters: ['admin'], secrets: ['cenToken'] },
  updateStatus: { method: 'PUT', path: '/token/update/token/status', parameters: ['admin'], secrets: ['cenToken'] },
  listing: { method: 'PUT', path: '/user/auth/list', parameters: ['admin'], secrets: ['cenToken'] },
  /** A registration endpoint is only looked at: whatever it replies shows that something is there, and its time. */
  look: { method: 'GET', path: REGISTRATIONS.otp.path, parameters: ['admin'], secrets: [] },
} as const satisfies Record<string, Call>;

/** A call's path, behind {@link BASE_PATH}. */
export function toPath<Parameter extends string>(
  { path, parameters }: Call<Parameter>,
  values: Readonly<Record<Parameter, string>>,
): string {
  let whole = path;
  for (const name of parameters) whole += `/${encodeURIComponent(values[name])}`;
  return whole;
}
