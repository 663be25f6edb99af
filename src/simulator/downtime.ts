export interface Downtime {
  readonly fromMs: number;
  readonly toMs: number;
  /** `refused`: nobody listens, and open connections are destroyed; `503`: a proxy answers every request with its page. */
  readonly kind: 'refused' | '503';
}

/** Reads `10-70` or `10-70:503`, in seconds; a string says what is wrong with it. */
export function parseDowntime(text: string): Downtime | string {
  const [, from, to, status] = /^(\d{1,6}(?:\.\d{1,3})?)-(\d{1,6}(?:\.\d{1,3})?)(:503)?$/.exec(text) ?? [];
  if (from === undefined || Number(from) >= Number(to)) {
    return `"${text}" is no downtime: write seconds after the start, as in 10-70, or with a proxy's page, as in 10-70:503`;
  }
  return { fromMs: Number(from) * 1000, toMs: Number(to) * 1000, kind: status === undefined ? 'refused' : '503' };
}

export interface Switch {
  readonly off: () => void;
  readonly on: () => void;
}

/** Refuses connections for the times that say so. @returns what ends it */
export function scheduleDowntimes(downtimes: readonly Downtime[], { off, on }: Switch): () => void {
  const timers = downtimes
    .filter(({ kind }) => kind === 'refused')
    .flatMap(({ fromMs, toMs }) => [setTimeout(off, fromMs), setTimeout(on, toMs)]);
  return () => timers.forEach((timer) => clearTimeout(timer));
}
