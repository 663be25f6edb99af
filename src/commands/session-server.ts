import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Process } from '../core/process.js';
import { RunStop } from '../core/run-stop.js';
import { showText } from '../core/safe-text.js';
import { endOnSignals, listenForSignals, stopBy } from '../wiring/signals.js';
import { openServer } from '../wiring/open-server.js';
import type { Server, ServerContext, ServerSettings } from '../wiring/open-server.js';
import { preflight } from '../wiring/preflight.js';
import type { SettingValues } from '../settings/settings.js';

/** What login and logout do once the server is there. */
export interface SessionWork {
  readonly server: Server;
  readonly stop: RunStop;
  /** Aborted by a signal. */
  readonly cut: AbortSignal;
}

type Values = Pick<
  SettingValues<'login' | 'logout'>,
  'server' | 'ca' | 'clientCert' | 'clientKey' | 'timeout' | 'clock' | 'noPreflight'
>;

interface ServerWork extends Omit<ServerContext, 'settings' | 'warn'> {
  readonly note: (text: string) => void;
  /** Before a signal ends all, as long as nothing but a look was asked of the server. */
  readonly abandon: () => void;
  readonly work: (world: SessionWork) => Promise<ExitCode>;
}

/** Looks first, which tells the time too; a signal stops it. @throws {UsageError} when no CENTAGATE can be there */
export async function withServer(
  values: Values,
  session: ServerSettings['session'],
  { clock, env, note, abandon, work }: ServerWork,
): Promise<ExitCode> {
  const one = { concurrency: 1, noKeepalive: false, timestampUnit: 'ms' } as const;
  const settings = { ...values, ...one, session, timeoutMs: Math.round(values.timeout * 1000) };
  const warn = (_: unknown, text: string): void => note(text);
  const server = openServer({ settings, clock, env, warn });
  const [stop, cut] = [new RunStop(), new AbortController()];
  try {
    const stopListening = endOnSignals(abandon);
    await preflight(values, server.time, { warn }).finally(stopListening);
    const ignoreSignals = listenForSignals((signal) => {
      stop.stop(stopBy(signal));
      cut.abort();
    });
    return await work({ server, stop, cut: cut.signal }).finally(ignoreSignals);
  } finally {
    await server.close();
  }
}

/** Says why it ended before its end. */
export function tellStop({ reason }: RunStop, note: (text: string) => void): ExitCode {
  if (reason === undefined) throw new Error('nothing stopped it');
  note(reason.reason);
  return EXIT_CODES[reason.kind].code;
}

export function notingOn(stderr: Process['stderr']): (text: string) => void {
  return (text) => void stderr.write(`${showText(text, 2000)}\n`);
}
