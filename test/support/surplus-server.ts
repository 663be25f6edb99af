import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';

/** When a surplus reply goes out, beside the reply to the request that sets it off. */
export const SURPLUS_TIMES = ['connect', 'before', 'before late', 'after', 'late', 'between'] as const;

/** What a server says too much. */
export interface Surplus {
  /** The request that sets it off, counted over all connections, from 1; for `connect`: the connection. */
  readonly at: number;
  readonly when: (typeof SURPLUS_TIMES)[number];
  /** Return codes, one a reply; `copy`: the reply itself once more. */
  readonly codes: readonly string[];
}

export interface SurplusServerOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly surplus?: readonly Surplus[];
  /** What this user is answered. */
  readonly codeOf?: (username: string) => string;
  /** What a look is answered. */
  readonly look?: string;
  /** Before each reply, in ms. */
  readonly thinkMs?: (request: number) => number;
  /** Requests that are answered over one connection; the last reply says so. */
  readonly mostRequests?: number;
  /** Ends a connection after so many replies, those included that nobody asked for, in one of these ways. */
  readonly endsAfter?: { readonly replies: number; readonly how: (typeof ENDS)[number] };
}

export const ENDS = ['announced', 'fin', 'rst'] as const;

/** What a server knows of a user. */
export interface ServedUser {
  /** What its own sends were answered. */
  readonly codes: string[];
  /** The keys that were made for it. */
  readonly keys: string[];
}

/** What went over one connection. */
interface Served {
  replies: number;
  hasSurplus: boolean;
  /** Users since the last look. */
  users: string[];
}

const LATE_MS = 10;
export const METHOD_NOT_ALLOWED = 'HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n';

/** A server that answers each request in its turn, and now and then once more than it was asked. */
export class SurplusServer {
  readonly users = new Map<string, ServedUser>();
  looks = 0;
  requests = 0;
  connections = 0;
  /** Surplus replies that went out. */
  surpluses = 0;
  /** Users of connections that broke between a surplus reply and the answer to a look: nothing tells that these are mixed up. */
  readonly untold = new Set<string>();
  readonly #served = new Map<Socket, Served>();
  readonly #options: SurplusServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: SurplusServerOptions = {}) {
    this.#options = options;
    const serve = (socket: Socket): void => this.#serve(socket);
    this.#server = options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve);
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    const { mostRequests = Infinity } = this.#options;
    const told: Served = { replies: 0, hasSurplus: false, users: [] };
    this.#served.set(socket, told);
    socket.on('close', () => {
      if (told.hasSurplus) for (const username of told.users) this.untold.add(username);
    });
    let unread = Buffer.alloc(0);
    let served = 0;
    // Replies go out in the order of their requests.
    let last: Promise<unknown> = Promise.resolve();
    this.#send(socket, this.#surplusOf(socket, { when: 'connect', at: this.connections }));
    socket.on('data', (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      for (let end = unread.indexOf('\r\n\r\n'); end >= 0; end = unread.indexOf('\r\n\r\n')) {
        const head = unread.toString('latin1', 0, end);
        const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
        if (unread.length < end + 4 + length) return;
        const body = unread.toString('utf8', end + 4, end + 4 + length);
        unread = unread.subarray(end + 4 + length);
        served += 1;
        if (served > mostRequests) return;
        const isLast = served === mostRequests || /^connection: close$/im.test(head);
        last = last.then(() => this.#answer(socket, { isLook: head.startsWith('GET '), body, isLast }));
      }
    });
  }

  async #answer(
    socket: Socket,
    { isLook, body, isLast }: { readonly isLook: boolean; readonly body: string; readonly isLast: boolean },
  ): Promise<void> {
    const { endsAfter: end } = this.#options;
    const told = this.#served.get(socket);
    if (told === undefined) throw new Error('a socket is served');
    if (isLook) this.looks += 1;
    else told.users.push(usernameOf(body));
    if (end !== undefined && told.replies >= end.replies) return;
    const number = (this.requests += 1);
    const said = isLook ? (this.#options.look ?? METHOD_NOT_ALLOWED) : this.#register(body);
    const thinkMs = this.#options.thinkMs?.(number) ?? 0;
    if (thinkMs > 0) await sleep(thinkMs);
    // What a reset takes with it, nobody may have read.
    if (isLook && end?.how !== 'rst') told.users = [];
    const before = this.#surplusOf(socket, { when: 'before', at: number }, said);
    const after = this.#surplusOf(socket, { when: 'after', at: number }, said);
    if (this.#send(socket, this.#surplusOf(socket, { when: 'before late', at: number }, said))) await sleep(LATE_MS);
    told.replies += 1;
    const isEnd = end !== undefined && told.replies >= end.replies;
    const isAnnounced = isLast || (isEnd && end.how === 'announced');
    const reply = isAnnounced ? said.replace('\r\n', '\r\nConnection: close\r\n') : said;
    // All that is said at once is one packet.
    socket.write(before + reply + after);
    // A socket of TLS has no reset of its own.
    if (isEnd && end.how === 'rst') {
      if (socket instanceof TLSSocket) socket.destroy();
      else socket.resetAndDestroy();
    }
    if (isEnd ? end.how !== 'rst' : isLast) socket.end();
    if (isEnd) return;
    const late = this.#surplusOf(socket, { when: 'late', at: number }, reply);
    if (late !== '') setTimeout(() => this.#send(socket, late), LATE_MS);
    setImmediate(() => this.#send(socket, this.#surplusOf(socket, { when: 'between', at: number }, reply)));
  }

  #register(body: string): string {
    const username = usernameOf(body);
    const user = this.users.get(username) ?? { codes: [], keys: [] };
    this.users.set(username, user);
    const code = user.keys.length > 0 ? '29008' : (this.#options.codeOf?.(username) ?? '0');
    user.codes.push(code);
    if (code !== '0') return toReply(code);
    const key = `KEY-OF-${username}`;
    user.keys.push(key);
    return toReply(code, key);
  }

  #send(socket: Socket, text: string): boolean {
    if (text !== '' && socket.writable) socket.write(text);
    return text !== '';
  }

  #surplusOf(socket: Socket, { when, at }: Pick<Surplus, 'when' | 'at'>, reply = ''): string {
    const due = this.#options.surplus?.filter((surplus) => surplus.when === when && surplus.at === at) ?? [];
    const replies = due.flatMap(({ codes }) =>
      codes.map((code) => (code === 'copy' ? reply : toReply(code, `SURPLUS-${(this.surpluses += 1)}`))),
    );
    const told = this.#served.get(socket);
    if (told !== undefined && replies.length > 0)
      [told.hasSurplus, told.replies] = [true, told.replies + replies.length];
    return replies.join('');
  }
}

/** Its sender is our own client. */
function usernameOf(body: string): string {
  return (JSON.parse(body) as { username: string }).username;
}

export function toReply(code: string, key?: string): string {
  const object = code === '0' ? JSON.stringify({ key }) : '';
  const body = JSON.stringify({ code, message: 'said', object });
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
