/** What stands behind the simulator's socket: from a request to its answer, and the memory of both. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { AdminDesk } from './admin-desk.js';
import { answer, answerInstead, answerReply, answerStatus, isAnswerFault } from './answer.js';
import { openDirectory, type Directory } from './directory.js';
import { planFaults, type FaultPlan } from './fault-plan.js';
import { isReturnCode, type FaultKind } from './fault.js';
import { listTokens } from './listing-desk.js';
import { drawActivationKey, mulberry32 } from './random.js';
import { limitRate, type RateLimit } from './rate-limit.js';
import { register, type DeskRules, type Registered } from './registration-desk.js';
import { parseJson, readFields, type RegistrationRequest } from './registration-request.js';
import { refuse, succeed } from './api-reply.js';
import { findRoute, type Route } from './route.js';
import { Sessions } from './sessions.js';
import type { Send, SimulatorOptions, TakenBack } from './simulator-options.js';
import { takeBack, type TakingBackCall } from './taking-back-desk.js';

/** More of a body than this is not kept, and what is left of it is no JSON. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export class Service {
  readonly sends: Send[] = [];
  readonly takenBack: TakenBack[] = [];
  readonly session: Sessions;
  readonly adminDesk: AdminDesk;
  readonly directory: Directory;
  sessionChecks = 0;
  listings = 0;
  maxInFlight = 0;
  maxConcurrentLogins = 0;

  readonly #options: SimulatorOptions;
  readonly #rules: DeskRules;
  readonly #nextFault: FaultPlan;
  readonly #rateLimit: RateLimit | undefined;
  readonly #startedAt = performance.now();
  #inFlight = 0;
  #loginsInFlight = 0;

  constructor(options: SimulatorOptions) {
    const { users, script = {}, faults = [], seed = 1, timestampUnit = 'ms' } = options;
    this.#options = options;
    this.session = new Sessions(options.admin, options.sessionLimits);
    this.session.open(options);
    this.adminDesk = new AdminDesk(options.admin, options.login, this.session);
    this.directory = openDirectory(users);
    this.#nextFault = planFaults({ script, faults, draw: mulberry32(seed) });
    this.#rateLimit = options.rateLimit && limitRate(options.rateLimit);
    const keyDraw = mulberry32(~seed);
    this.#rules = {
      session: this.session,
      directory: this.directory,
      timestampUnit,
      drawKey: () => drawActivationKey(keyDraw),
    };
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = findRoute(request.url ?? '');
    if (this.#isBehindPage()) {
      await this.#answer(response, () => answerStatus(response, 503));
    } else if (route === undefined) {
      await this.#answer(response, () => answerStatus(response, 404));
    } else if (request.method !== route.method) {
      await this.#answer(response, () => answerStatus(response, 405, { Allow: route.method }));
    } else if (route.to === 'sessionCheck') {
      await this.#checkSession(route, response);
    } else if (route.to === 'login' || route.to === 'logout') {
      await this.#visitAdminDesk(route.to, request, response);
    } else if (route.to === 'listing') {
      await this.#list(route, request, response);
    } else if (route.to === 'unregister' || route.to === 'updateStatus') {
      await this.#takeBack({ ...route, to: route.to }, request, response);
    } else {
      this.#countInFlight(response);
      const bytes = await readBody(request);
      if (bytes === undefined) return;
      const { headers } = request;
      const received = { tokenType: route.to, admin: route.admin, headers, body: parseJson(bytes), at: this.#now() };
      await this.#receive(received, response);
    }
  }

  async #checkSession(route: Route, response: ServerResponse): Promise<void> {
    this.sessionChecks += 1;
    const missing = this.#options.sessionCheck === 'missing';
    const reply = this.session.permits(route.admin, route.cenToken) ? succeed('') : refuse('10001');
    await this.#answer(response, () => (missing ? answerStatus(response, 404) : answerReply(response, reply)));
  }

  async #list({ admin }: Route, request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.listings += 1;
    const bytes = await readBody(request);
    if (bytes === undefined) return;
    const { headers } = request;
    const reply = listTokens({ admin, headers, body: parseJson(bytes), at: this.#now() }, this.#rules);
    const missing = this.#options.userList === 'missing';
    await this.#answer(response, () => (missing ? answerStatus(response, 404) : answerReply(response, reply)));
  }

  async #takeBack(
    { to: call, admin }: Route & { readonly to: TakingBackCall },
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const bytes = await readBody(request);
    if (bytes === undefined) return;
    const body = parseJson(bytes);
    const { username } = readFields(body);
    const fault = this.#nextFault(username);
    const { otpType = '' } = this.#options;
    const isTaken = isAnswerFault(fault);
    const asked = { call, admin, headers: request.headers, body, at: this.#now() };
    const taken = isTaken ? takeBack(asked, { ...this.#rules, otpType }) : undefined;
    const noted: TakenBack = { call, username, applied: taken?.applied === true };
    this.takenBack.push(noted);
    this.#options.onTakenBack?.(noted);
    await this.#answer(response, () => {
      if (taken !== undefined && isTaken) answer(response, fault, taken.reply);
      else if (!isTaken) answerInstead(response, fault);
    });
  }

  async #visitAdminDesk(to: 'login' | 'logout', request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (to === 'login') this.#countLoginsInFlight(response);
    const bytes = await readBody(request);
    if (bytes === undefined) return;
    const [body, at] = [parseJson(bytes), this.#now()];
    const reply = to === 'login' ? this.adminDesk.logIn(body, at) : this.adminDesk.logOut(body, at);
    await this.#answer(response, () => answerReply(response, reply));
  }

  async #receive(request: RegistrationRequest, response: ServerResponse): Promise<void> {
    const fault = this.#rateLimit?.(performance.now()) ?? this.#nextFault(readFields(request.body).username);
    if (isAnswerFault(fault)) {
      const registered = register(request, this.#rules);
      this.#remember(request, fault, registered);
      await this.#answer(response, () => answer(response, fault, registered.reply));
    } else {
      this.#remember(request, fault);
      await this.#answer(response, () => answerInstead(response, fault));
    }
  }

  #remember({ tokenType, at, body }: RegistrationRequest, fault: FaultKind, registered?: Registered): void {
    const { username, timestamp } = readFields(body);
    const code = isReturnCode(fault) ? fault : isWhole(fault) ? registered?.reply.code : undefined;
    const send: Send = {
      n: this.sends.length + 1,
      at,
      tokenType,
      username,
      ...(timestamp !== undefined && { timestamp }),
      ...(fault !== 'ok' && { fault }),
      ...(code !== undefined && { code }),
      applied: registered?.applied ?? false,
      ...(registered?.key !== undefined && { key: registered.key }),
    };
    this.sends.push(send);
    this.#options.onSend?.(send);
  }

  async #answer(response: ServerResponse, write: () => void): Promise<void> {
    const { latencyMs = 0 } = this.#options;
    if (latencyMs > 0) await sleep(latencyMs, undefined, { ref: false });
    if (response.destroyed) return;
    response.setHeader('Date', new Date(this.#now()).toUTCString());
    write();
  }

  #countInFlight(response: ServerResponse): void {
    this.#inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.#inFlight);
    response.once('close', () => (this.#inFlight -= 1));
  }

  #countLoginsInFlight(response: ServerResponse): void {
    this.#loginsInFlight += 1;
    this.maxConcurrentLogins = Math.max(this.maxConcurrentLogins, this.#loginsInFlight);
    response.once('close', () => (this.#loginsInFlight -= 1));
  }

  #isBehindPage(): boolean {
    const elapsedMs = performance.now() - this.#startedAt;
    const { downtimes = [] } = this.#options;
    return downtimes.some(({ kind, fromMs, toMs }) => kind === '503' && elapsedMs >= fromMs && elapsedMs < toMs);
  }

  #now(): number {
    const { clockOffsetMs = 0, clockJump } = this.#options;
    const jumpedMs = clockJump !== undefined && this.sends.length >= clockJump.afterSends ? clockJump.byMs : 0;
    return Date.now() + clockOffsetMs + jumpedMs;
  }
}

/** Whether the client gets a whole answer with the return code of the registration itself. */
function isWhole(fault: FaultKind): boolean {
  return fault === 'ok' || fault === 'no-key';
}

/** The whole body, or nothing when the client goes away before its end. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // A request without an encoding gives Buffers; its type does not say so.
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}
