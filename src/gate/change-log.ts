/** Of one kind of change no more than one line in so long a time: what a person can follow. */
export const QUIET_MS = 10_000;

/** Tells of changes, and of how many it kept to itself since the last line. */
export class ChangeLog {
  readonly #told = new Map<string, { readonly at: number; untold: number }>();

  /** @returns the line to write; undefined when one of this kind was written just now */
  tell(kind: string, text: string, now: number): string | undefined {
    const last = this.#told.get(kind);
    if (last !== undefined && now - last.at < QUIET_MS) {
      last.untold += 1;
      return undefined;
    }
    this.#told.set(kind, { at: now, untold: 0 });
    const untold = last?.untold ?? 0;
    return untold === 0 ? text : `${text} (and ${untold} such changes since the last line)`;
  }
}
