import { createHmac, randomBytes } from 'node:crypto';
import { refuse, succeed, type ApiReply } from './api-reply.js';
import { isSame, type Sessions } from './sessions.js';

export interface AdminLogin {
  readonly password: string;
  readonly integrationKey: string;
  readonly integrationSecret: string;
  /** `step-up`: a second factor is asked for; `expired`: the password must be changed first. */
  readonly state?: 'step-up' | 'expired';
  /** Wrong passwords after which the account is locked; 3 unless given. */
  readonly maxWrongPasswords?: number;
}

/** The documented fields, in any order, all of them JSON strings (vendor documentation). */
const FIELDS = {
  login: [
    ...['username', 'password', 'integrationKey', 'unixTimestamp'],
    ...['supportFido', 'ipAddress', 'userAgent', 'browserFp', 'hmac'],
  ],
  logout: ['username', 'integrationKey', 'unixTimestamp', 'authToken', 'hmac'],
};
const SIGNED = {
  login: [
    ...['username', 'password', 'integrationKey', 'unixTimestamp'],
    ...['supportFido', 'ipAddress', 'userAgent', 'browserFp'],
  ],
  logout: ['username', 'integrationKey', 'unixTimestamp', 'authToken'],
};
const TOLERANCE_MS = 300_000;

/** Logs the administrator in and out. Without a login in its options nobody can. */
export class AdminDesk {
  logins = 0;
  logouts = 0;
  readonly #admin: string;
  readonly #login: AdminLogin | undefined;
  readonly #sessions: Sessions;
  #wrongPasswords = 0;

  constructor(admin: string, login: AdminLogin | undefined, sessions: Sessions) {
    this.#admin = admin;
    this.#login = login;
    this.#sessions = sessions;
  }

  /** `at`: epoch ms when the whole body was there. */
  logIn(body: unknown, at: number): ApiReply {
    this.logins += 1;
    const checked = this.#check('login', body, at);
    if ('reply' in checked) return checked.reply;
    const { fields, login } = checked;
    const { maxWrongPasswords = 3, state } = login;
    if (this.#wrongPasswords >= maxWrongPasswords) return refuse('23001', 'the account is locked');
    if (fields['username'] !== this.#admin || !isSame(fields['password'] ?? '', login.password)) {
      this.#wrongPasswords += 1;
      return refuse('23001');
    }
    this.#wrongPasswords = 0;
    const secrets = {
      authToken: randomBytes(16).toString('hex'),
      secretCode: state === 'step-up' ? '' : randomBytes(16).toString('hex'),
    };
    if (state === undefined) this.#sessions.open(secrets);
    const object = { ...secrets, sessionTimeout: 1_800_000, passwordExpired: state === 'expired' };
    return succeed(JSON.stringify(object));
  }

  logOut(body: unknown, at: number): ApiReply {
    const checked = this.#check('logout', body, at);
    if ('reply' in checked) return checked.reply;
    if (!this.#sessions.isOf(checked.fields['authToken'] ?? '')) return refuse('23018');
    this.logouts += 1;
    this.#sessions.end();
    return succeed('');
  }

  /** Form, application, HMAC, time. The texts quote nothing of the request. */
  #check(
    kind: 'login' | 'logout',
    body: unknown,
    at: number,
  ): { readonly fields: Readonly<Record<string, string>>; readonly login: AdminLogin } | { readonly reply: ApiReply } {
    const fields = readTexts(body, FIELDS[kind]);
    if (fields === undefined) {
      return { reply: refuse('10002', `the fields are ${FIELDS[kind].join(', ')}, all of them JSON strings`) };
    }
    const login = this.#login;
    if (login === undefined || !isSame(fields['integrationKey'] ?? '', login.integrationKey)) {
      return { reply: refuse('23024') };
    }
    const text = SIGNED[kind].map((name) => fields[name]).join('');
    const hmac = createHmac('sha256', login.integrationSecret).update(text).digest('hex');
    if (!isSame(fields['hmac'] ?? '', hmac)) return { reply: refuse('23022') };
    const timestamp = fields['unixTimestamp'] ?? '';
    const isFresh = /^\d{10}$/.test(timestamp) && Math.abs(Number(timestamp) * 1000 - at) < TOLERANCE_MS;
    return isFresh ? { fields, login } : { reply: refuse('23023') };
  }
}

/** The fields when they are just these, and all of them strings. */
function readTexts(body: unknown, names: readonly string[]): Record<string, string> | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const entries = Object.entries(body) as [string, unknown][];
  const isRight = ([name, value]: [string, unknown]): boolean => names.includes(name) && typeof value === 'string';
  if (entries.length !== names.length || !entries.every(isRight)) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
