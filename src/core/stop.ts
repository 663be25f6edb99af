export type StopKind = 'stopped' | 'bug' | 'interrupted' | 'terminated';

/** Why a run ended before its rows did, in one sentence with what to do. */
export interface Stop {
  readonly kind: StopKind;
  readonly reason: string;
}
