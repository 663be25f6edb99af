export interface ClockJump {
  /** Registration requests before it. */
  readonly afterSends: number;
  readonly byMs: number;
}

export function parseClockJump(text: string): ClockJump | string {
  const [, seconds, afterSends] = /^(-?\d{1,9})@(\d{1,9})$/.exec(text) ?? [];
  if (seconds === undefined) return `"${text}" is no jump: write seconds and after how many sends, as in 600@100`;
  return { afterSends: Number(afterSends), byMs: Number(seconds) * 1000 };
}
