import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** How the way to a server is: through, or what it does instead. `silent`: it takes connections and says nothing. */
export type WayState = 'through' | 'refused' | 'reset' | 'silent';

/** A port that leads to a server, and that breaks when a test says so. */
export class UnsteadyWay {
  /** Of each request that came while it was not through: how many of them were under way then. */
  readonly strays: number[] = [];
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #state: WayState = 'through';
  #open = 0;

  private constructor(targetUrl: string) {
    this.#targetPort = Number(new URL(targetUrl).port);
    this.#server = createServer((socket) => this.#take(socket));
  }

  static async to(targetUrl: string): Promise<UnsteadyWay> {
    const way = new UnsteadyWay(targetUrl);
    way.#server.listen(0, '127.0.0.1');
    await once(way.#server, 'listening');
    way.#port = (way.#server.address() as AddressInfo).port;
    return way;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Cuts every connection that is there. */
  turn(state: WayState): void {
    this.#state = state;
    if (state === 'refused') this.#server.close();
    else if (!this.#server.listening) this.#server.listen(this.#port, '127.0.0.1');
    this.#cutAll();
  }

  async close(): Promise<void> {
    this.#cutAll();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#state === 'through') this.#lead(socket);
    else this.#countStray(socket);
    if (this.#state === 'reset') setTimeout(() => socket.resetAndDestroy(), 5);
  }

  #lead(socket: Socket): void {
    const target = connect(this.#targetPort, '127.0.0.1');
    target.on('error', () => socket.destroy());
    socket.once('close', () => target.destroy());
    target.once('close', () => socket.destroy());
    socket.pipe(target).pipe(socket);
  }

  #countStray(socket: Socket): void {
    socket.once('data', () => {
      this.#open += 1;
      this.strays.push(this.#open);
      socket.once('close', () => (this.#open -= 1));
    });
  }
}
