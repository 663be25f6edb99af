import { createHmac } from 'node:crypto';
import { request, type Dispatcher } from 'undici';
import type { TokenType } from '../../src/row/token-type.js';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.js';

export const SECRETS = { admin: 'root@bank', authToken: 'auth-token', secretCode: 'secret-code' };
export const CEN_TOKEN = createHmac('sha256', SECRETS.secretCode)
  .update(SECRETS.admin + SECRETS.authToken)
  .digest('hex');

const BASE = '/CentagateWS/webresources';
export const PATHS = {
  otp: `${BASE}/token/register/otp/offline/root%40bank`,
  pki: `${BASE}/cert/register/pkcs7/root%40bank`,
  sessionCheck: `${BASE}/auth/sessioncheck/root%40bank/${CEN_TOKEN}`,
} as const;
export const HEADERS = { accept: 'application/json', 'content-type': 'application/json' };

/** Runs `use` against a simulator of its own, and closes it whatever happens. */
export async function withSimulator(
  options: Partial<SimulatorOptions>,
  use: (simulator: Simulator) => Promise<void>,
): Promise<void> {
  const simulator = await startSimulator({ ...SECRETS, ...options });
  try {
    await use(simulator);
  } finally {
    await simulator.close();
  }
}

export function anOtpBody(changes: object = {}): object {
  return { username: 'ann', cenToken: CEN_TOKEN, ...changes };
}

export function aPkiBody(signature: Uint8Array, changes: object = {}): object {
  return {
    username: 'ann',
    signature: Buffer.from(signature).toString('base64'),
    algorithm: '1',
    timestamp: String(Date.now()),
    status: '2',
    cenToken: CEN_TOKEN,
    ...changes,
  };
}

/** Sends a body as a client should, with what `changes` says otherwise. */
export async function put(
  simulator: Simulator,
  tokenType: TokenType,
  changes: { body?: object | string | Buffer; path?: string; headers?: object; signal?: AbortSignal } = {},
): Promise<Dispatcher.ResponseData> {
  const { body = anOtpBody(), path = PATHS[tokenType], headers = HEADERS, signal } = changes;
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return request(simulator.url + path, {
    method: 'PUT',
    headers: { ...headers },
    body: text,
    ...(signal && { signal }),
  });
}

export interface ReplyBody {
  code: string;
  message: string;
  object: string;
}

/** The reply of a send that is answered in HTTP 200. */
export async function replyOf(sent: Promise<Dispatcher.ResponseData>): Promise<ReplyBody> {
  const { statusCode, headers, body } = await sent;
  const text = await body.text();
  if (statusCode !== 200 || headers['content-type'] !== 'application/json') throw new Error(`${statusCode}: ${text}`);
  return JSON.parse(text) as ReplyBody;
}
