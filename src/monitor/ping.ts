import { sleep } from '../core/clock.js';
import type { Clock } from '../core/clock.js';
import { errnoOf } from '../core/errno.js';
import { loadUndici } from '../network/undici-parts.js';
import { trustedRoots } from '../network/trust.js';

/** What one of two tries may take, and how long is between them, in ms. */
const MOST_MS = 10_000;
const PAUSE_MS = 1_000;
const TRIES = 2;

const LOOPBACK = /^(?:localhost|\[::1\]|127(?:\.\d+){3})$/;

/** Why an address can't be told of anything: nothing of it is repeated, since whoever knows it can speak for us. */
export function pingProblem(address: string): string | undefined {
  if (!URL.canParse(address)) return 'the file that it names holds no address: it begins with https://';
  const { protocol, hostname } = new URL(address);
  if (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))) return undefined;
  return 'the address in the file that it names needs https://: whoever listens on the way could speak for this job';
}

export interface PingWorld {
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** Texts of authorities to trust beside the usual ones. */
  readonly ca: readonly string[];
}

/** Tells an address of a start or an end. @returns why it could not, without the address */
export async function ping(
  address: string,
  { word, body }: { readonly word: string; readonly body: string },
  { clock, env, ca }: PingWorld,
): Promise<string | undefined> {
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${word}`;
  const { request } = loadUndici();
  let agent: Agent;
  try {
    agent = openAgent(url, env, ca);
  } catch (error) {
    // Such as a proxy's address that is none, of which nothing is repeated either: it may hold a password.
    return `the way there can't be opened (${errnoOf(error) ?? 'see HTTPS_PROXY'})`;
  }
  let problem: string | undefined;
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const tooLong = new AbortController();
    const cancel = clock.after(MOST_MS, () => tooLong.abort());
    try {
      const options = { method: 'POST', body, dispatcher: agent, signal: tooLong.signal } as const;
      const reply = await request(url, options);
      await reply.body.dump();
      problem = reply.statusCode < 300 ? undefined : `HTTP status ${reply.statusCode}`;
    } catch (error) {
      problem = tooLong.signal.aborted ? `no reply within ${MOST_MS / 1000} s` : (errnoOf(error) ?? 'no connection');
    } finally {
      cancel();
    }
    if (problem === undefined) break;
    if (tries < TRIES) await sleep(clock, PAUSE_MS, new AbortController().signal);
  }
  // Nothing is left to be waited for, whatever a server still sends.
  await agent.destroy();
  return problem;
}

type Agent = InstanceType<ReturnType<typeof loadUndici>['EnvHttpProxyAgent']>;

function openAgent(url: URL, env: NodeJS.ProcessEnv, ca: readonly string[]): Agent {
  const { EnvHttpProxyAgent } = loadUndici();
  // They are some hundred, to be read one by one.
  const tls = url.protocol === 'https:' ? { ca: trustedRoots(ca) } : {};
  const httpsProxy = env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '';
  return new EnvHttpProxyAgent({
    ...{ httpProxy: '', httpsProxy, noProxy: env['no_proxy'] ?? env['NO_PROXY'] ?? '' },
    ...{ connect: tls, requestTls: tls, proxyTls: tls },
  });
}
