import type { Settings } from '../settings/settings.js';
import { judgeLocalClock, judgeLook } from '../server/look.js';
import type { Reporter } from '../report/reporter.js';
import { UsageError } from '../core/usage-error.js';
import type { ServerTime } from '../server/server-time.js';

/** One look before the first row; a clock that nobody corrects is looked at in any case. @throws {UsageError} */
export async function preflight(
  settings: Pick<Settings, 'clock' | 'noPreflight'>,
  time: Pick<ServerTime, 'look' | 'offsetMs'>,
  { warn }: Pick<Reporter, 'warn'>,
): Promise<void> {
  if (settings.noPreflight && settings.clock === 'server') return;
  const exchange = await time.look(new AbortController().signal);
  const judged = [
    ...(settings.noPreflight ? [] : [judgeLook(exchange)]),
    ...(settings.clock === 'local' ? [judgeLocalClock(time.offsetMs)] : []),
  ];
  const problems = judged.flatMap((found) => (found.kind === 'wrong' ? [found.problem] : []));
  if (problems.length > 0) throw new UsageError(problems);
  for (const found of judged) if (found.kind === 'odd') warn('server', found.warning);
}
