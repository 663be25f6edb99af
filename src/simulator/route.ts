import { TOKEN_TYPE_NAMES, type TokenType } from '../row/token-type.js';
import { BASE_PATH, CALLS, REGISTRATIONS, type Call } from '../server/call.js';

/** A call of the web API, or the type of token that it registers. */
type Target = Exclude<keyof typeof CALLS, 'look'> | TokenType;

/** Where a path leads; names in a path are decoded, and nothing when they cannot be. */
export interface Route {
  readonly to: Target;
  readonly method: Call['method'];
  readonly admin: string | undefined;
  readonly cenToken: string | undefined;
}

interface RoutePattern {
  readonly to: Target;
  readonly call: Call;
  readonly pattern: RegExp;
}

/** The cloud has login and logout under /v2 (vendor documentation). */
const PATTERNS: readonly RoutePattern[] = [
  ...TOKEN_TYPE_NAMES.map((name) => toPattern(name, REGISTRATIONS[name])),
  toPattern('listing', CALLS.listing),
  toPattern('unregister', CALLS.unregister),
  toPattern('updateStatus', CALLS.updateStatus),
  toPattern('login', CALLS.login, '(?:/v2)?'),
  toPattern('logout', CALLS.logout, '(?:/v2)?'),
  toPattern('sessionCheck', CALLS.sessionCheck),
];

/** The route of a request target: no query, no trailing slash, no double slash. */
export function findRoute(target: string): Route | undefined {
  for (const { to, call, pattern } of PATTERNS) {
    const found = pattern.exec(target);
    if (found === null) continue;
    const { admin, cenToken } = found.groups ?? {};
    return { to, method: call.method, admin: decode(admin), cenToken: decode(cenToken) };
  }
  return undefined;
}

function toPattern(to: Target, call: Call, base = ''): RoutePattern {
  const parameters = call.parameters.map((name) => `/(?<${name}>[^/?#]+)`).join('');
  return { to, call, pattern: new RegExp(`^${base}${BASE_PATH}${call.path}${parameters}$`) };
}

function decode(segment: string | undefined): string | undefined {
  try {
    return segment && decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
