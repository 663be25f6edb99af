/**
 * What kind of end it was; the exit code follows from it. `stopped`: a later repetition may help by itself. `person`:
 * somebody must mend something first, and a repetition could do harm, as one more login can. `locked`: another run has
 * what this one needs.
 */
export type StopKind = 'stopped' | 'person' | 'locked' | 'bug' | 'interrupted' | 'terminated';

/** How results call each kind, in brackets, and the end of a run that could say nothing of it. */
export const STOP_WORDS = {
  stopped: 'stopped',
  person: 'somebody must act first',
  locked: 'another run is under way',
  bug: 'bug',
  interrupted: 'interrupted',
  terminated: 'terminated',
  cut_off: 'cut off',
} as const satisfies Record<StopKind | 'cut_off', string>;

/** Of a run that could say nothing of its end; the one after it completes its files. */
export const CUT_OFF = 'cut off: killed, or its machine went down; completed by the next run';

/** Earlier versions had another text for it. */
export function isCutOff(stoppedBy: string | null): boolean {
  return stoppedBy === CUT_OFF || stoppedBy === 'an earlier run was cut off';
}

/** Why a run ended before its rows did, in one sentence with what to do. */
export interface Stop {
  readonly kind: StopKind;
  readonly reason: string;
}
