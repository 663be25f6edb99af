/**
 * The embedded CENTAGATE: a real server on loopback that judges its clients strictly. Where the server's behaviour is
 * not known it takes the strict reading, so that a client that pleases it has assumed nothing.
 */

import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { SimulatorUser } from './directory.js';
import { scheduleDowntimes } from './downtime.js';
import { Service } from './service.js';
import type { Send, SimulatorOptions, TakenBack } from './simulator-options.js';

export type { SimulatorUser } from './directory.js';
export type { Send, SimulatorOptions } from './simulator-options.js';

/** A running server, seen from its own side. */
export interface Simulator {
  /** Without a path, such as `http://127.0.0.1:1234`. */
  readonly url: string;
  readonly sends: readonly Send[];
  /** Calls that were to take a token back, and whether they did. */
  readonly takenBack: readonly TakenBack[];
  /** How often the session check was asked, whatever it answered. */
  readonly sessionChecks: number;
  /** How often a user's tokens were asked for, whatever was answered. */
  readonly listings: number;
  /** The most registration requests that were under way at the same time. */
  readonly maxInFlight: number;
  /** Login requests, whatever they were answered. */
  readonly logins: number;
  readonly maxConcurrentLogins: number;
  readonly logouts: number;
  /** Sessions that were met dead because of their limits. */
  readonly deaths: number;
  user(username: string): SimulatorUser | undefined;
  /** SHA-1 of the user's certificates, as hex digits. */
  fingerprintsOf(username: string): readonly string[];
  /** From now on every call answers 10001, the session check too, until a login. */
  endSession(): void;
  /** 10001 for this user alone; the session stays good. */
  denyUser(username: string): void;
  /** 10001 for every user; sessions and logins stay good. */
  revokeRight(): void;
  /** Destroys all connections; resolves when the port is free again. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** Longer than a client's pauses in a test, so that no idle connection closes under a request. */
const KEEP_ALIVE_MS = 60_000;

/** Throws a RangeError for faults or a script that make no sense, and what `listen` throws for a port in use. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const service = new Service(options);
  // A rejection here is a bug of the simulator and ends the process.
  const server = createServer(options.tls, (request, response) => void service.handle(request, response));
  const connections = trackConnections(server);
  server.listen(options.port ?? 0, HOST);
  await once(server, 'listening');

  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const hangUp = (): void => {
    for (const connection of connections) connection.destroy();
  };
  const endDowntimes = scheduleDowntimes(options.downtimes ?? [], {
    off: () => {
      server.close();
      hangUp();
    },
    on: () => {
      if (!server.listening) server.listen(port, HOST);
    },
  });
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${HOST}:${port ?? ''}`,
    sends: service.sends,
    takenBack: service.takenBack,
    get sessionChecks() {
      return service.sessionChecks;
    },
    get listings() {
      return service.listings;
    },
    get maxInFlight() {
      return service.maxInFlight;
    },
    get logins() {
      return service.adminDesk.logins;
    },
    get maxConcurrentLogins() {
      return service.maxConcurrentLogins;
    },
    get logouts() {
      return service.adminDesk.logouts;
    },
    get deaths() {
      return service.session.deaths;
    },
    user: (username) => service.directory.find(username),
    fingerprintsOf: (username) => service.directory.fingerprintsOf(username),
    endSession: () => service.session.end(),
    denyUser: (username) => service.session.denyUser(username),
    revokeRight: () => service.session.revokeRight(),
    close: () =>
      new Promise((resolve) => {
        endDowntimes();
        // A second call finds the server closed already: that is what was asked for.
        server.close(() => resolve());
        hangUp();
      }),
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

function createServer(tls: SimulatorOptions['tls'], handler: Handler): Server {
  const options = { keepAliveTimeout: KEEP_ALIVE_MS };
  return tls === undefined ? createHttpServer(options, handler) : createHttpsServer({ ...options, ...tls }, handler);
}

/** The raw connections: `closeAllConnections` would leave those in the middle of a TLS handshake. */
function trackConnections(server: Server): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return connections;
}
