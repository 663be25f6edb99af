import type { Sender } from '../../src/gate/admin-session.js';
import type { Gate } from '../../src/gate/gate.js';
import type { Reply } from '../../src/row/reply.js';
import type { Session } from '../../src/server/session.js';
import { defer } from './defer.js';

/** A send that comes to the gate, and is under way until the test ends it. */
export interface Sending {
  /** The session that it went with; absent while it waits. */
  readonly session: Session | undefined;
  /** It will never go: the run has stopped. */
  readonly isTurnedAway: boolean;
  /** What comes back; without a reply it never left. */
  readonly end: (reply?: Reply) => void;
}

export function comeTo(gate: Gate, row: Sender, onGo: () => void = () => undefined): Sending {
  const ending = defer<Reply | undefined>();
  const seen: { session: Session | undefined; isTurnedAway: boolean } = { session: undefined, isTurnedAway: false };
  const send = async (session: Session): Promise<{ reply: Reply | undefined }> => {
    seen.session = session;
    onGo();
    return { reply: await ending.promise };
  };
  const passing = gate.through(row, send, (passage) => passage);
  void passing.then((passage) => (seen.isTurnedAway = passage === undefined));
  return {
    get session() {
      return seen.session;
    },
    get isTurnedAway() {
      return seen.isTurnedAway;
    },
    end: ending.resolve,
  };
}
