import type { RegisterPlan } from '../plan/planned-row.js';
import type { Settlement } from '../row/settlement.js';
import type { Attempt } from '../row/row-state.js';
import type { Passage, Told } from '../gate/gate.js';
import type { Slot } from './each-concurrently.js';
import type { Visitor } from './slots.js';
import { beginLife, cutOff, end, goOn, leave, registerRow } from './register-row.js';
import type { RowLife } from './register-row.js';
import { attempt, endUnreached, judge, readSignature, sending } from './row-attempt.js';
import type { Attempting, Readied, RowEdges, Step } from './row-attempt.js';

/** @param line where the row stands in the file that was given */
export type RowEnding = (row: RegisterPlan, slot: Slot, line: number) => Settlement | Promise<Settlement>;

/** Registers rows until the run stops; those whose turn comes afterwards end without a send. */
export function registering(edges: RowEdges): (row: RegisterPlan, slot: Slot) => Settlement | Promise<Settlement> {
  const { stop, gate } = edges;
  return (row, slot) => {
    if (stop.reason !== undefined) return endUnreached(row, stop.reason.kind);
    const { username, tokenType } = row.registration;
    const isFree = gate.session.isReady && gate.leads.isProved(tokenType);
    const endTurn = isFree ? gate.turnNow({ username, isRetry: false }) : undefined;
    if (endTurn === undefined) return registerRow(row, edges, slot);
    return new Promise((resolve) => new StraightLife(beginLife(row, edges, slot), edges, { endTurn, resolve }).start());
  };
}

interface StraightEdges {
  readonly endTurn: () => void;
  readonly resolve: (settlement: Settlement | Promise<Settlement>) => void;
}

/** The life of nearly every row, sent once and settled: {@link registerRow} without a promise at each door, for 4 % less CPU. */
class StraightLife implements Visitor, Told<Attempt> {
  readonly #life: RowLife;
  readonly #edges: RowEdges;
  readonly #endTurn: () => void;
  readonly #resolve: StraightEdges['resolve'];
  #attempting: Attempting | undefined;
  #leave: (() => void) | undefined;

  constructor(life: RowLife, edges: RowEdges, { endTurn, resolve }: StraightEdges) {
    this.#life = life;
    this.#edges = edges;
    this.#endTurn = endTurn;
    this.#resolve = resolve;
  }

  start(): void {
    try {
      const read = readSignature(this.#life.row, this.#life.state, this.#edges);
      if (read instanceof Promise) {
        read.then((signature) => this.#getInLine(signature)).catch((error: unknown) => this.fail(error));
      } else this.#getInLine(read);
    } catch (error) {
      this.fail(error);
    }
  }

  #getInLine(read: Readied): void {
    const { row, state, intents, slot } = this.#life;
    if ('settlement' in read) {
      this.#endTurn();
      this.#goOn(read);
      return;
    }
    this.#attempting = { row, state, intents, signature: read.signature };
    slot.admit(this);
  }

  prepare(): Promise<void> {
    return this.#life.intents.note(this.#life.state, this.#attempting?.signature);
  }

  enter(leave: () => void): void {
    this.#leave = leave;
    try {
      const attempting = this.#ready;
      if (this.#edges.gate.throughNow(attempting.row, sending(attempting, this.#edges), this)) return;
      this.#goOnWith(attempt(attempting, this.#edges));
    } catch (error) {
      this.failed(error);
    }
  }

  fail(error: unknown): void {
    this.#endTurn();
    leave(this.#life.row, this.#edges);
    this.#resolve(cutOff(this.#life, error, this.#edges.stop));
  }

  passed(passage: Passage<Attempt>): void {
    let step: Step | Promise<Step>;
    try {
      step = judge(this.#ready, passage, this.#edges);
    } catch (error) {
      this.failed(error);
      return;
    }
    if (step instanceof Promise) this.#goOnWith(step);
    else this.#goOnOutside(step);
  }

  /** In its slot. */
  failed(error: unknown): void {
    this.fail(error);
    this.#leave?.();
  }

  get #ready(): Attempting {
    if (this.#attempting === undefined) throw new Error('a row enters its slot before it is ready');
    return this.#attempting;
  }

  /** It holds its slot until then. */
  #goOnWith(step: Promise<Step>): void {
    step.then(
      (known) => this.#goOnOutside(known),
      (error: unknown) => this.failed(error),
    );
  }

  #goOnOutside(step: Step): void {
    this.#endTurn();
    this.#leave?.();
    this.#goOn(step);
  }

  #goOn(step: Step): void {
    const { row } = this.#life;
    if (!('settlement' in step)) {
      this.#resolve(goOn(this.#life, this.#edges, step));
      return;
    }
    leave(row, this.#edges);
    end(row, step, this.#edges).then(this.#resolve, (error: unknown) =>
      this.#resolve(cutOff(this.#life, error, this.#edges.stop)),
    );
  }
}
