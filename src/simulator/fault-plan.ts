import { findFaultProblem, isFaultKind, type Fault, type FaultKind } from './fault.js';
import type { Draw } from './random.js';

/** A user's sends in order, each with what it meets before the usual handling; later sends meet the shares. */
export type FaultScript = Readonly<Record<string, readonly FaultKind[]>>;

export type FaultPlan = (username: string) => FaultKind;

/** Throws a RangeError for a script or shares that make no sense: silence would be a rehearsal of nothing. */
export function planFaults(options: { script: FaultScript; faults: readonly Fault[]; draw: Draw }): FaultPlan {
  const { faults, draw } = options;
  const script = new Map(Object.entries(options.script));
  const problem = findFaultProblem(faults) ?? findScriptProblem(script);
  if (problem !== undefined) throw new RangeError(problem);

  const sendsByUser = new Map<string, number>();
  return (username) => {
    const earlier = sendsByUser.get(username) ?? 0;
    sendsByUser.set(username, earlier + 1);
    return script.get(username)?.[earlier] ?? drawFault(faults, draw);
  };
}

function findScriptProblem(script: ReadonlyMap<string, readonly string[]>): string | undefined {
  for (const [username, kinds] of script) {
    const odd = kinds.find((kind) => !isFaultKind(kind));
    if (odd !== undefined) return `"${odd}" in the script of ${username} is not a kind of fault`;
  }
  return undefined;
}

function drawFault(faults: readonly Fault[], draw: Draw): FaultKind {
  if (faults.length === 0) return 'ok';
  let drawn = draw();
  for (const { kind, share } of faults) {
    if (drawn < share) return kind;
    drawn -= share;
  }
  return 'ok';
}
