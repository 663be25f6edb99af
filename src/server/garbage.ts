import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** To collect takes some 15 ms: twice as long as to read so much of a fast server. */
const COLLECT_EVERY_BYTES = 4 * 1024 * 1024;

/** Bytes let go of lie outside V8's heap, where V8 lets some 64 MB gather: this collects them now and then. */
export function countGarbage(collect: () => void = collectAll): (bytes: number) => void {
  let sum = 0;
  return (bytes) => {
    sum += bytes;
    if (sum < COLLECT_EVERY_BYTES) return;
    sum = 0;
    collect();
  };
}

let exposed: (() => void) | undefined;

/** Most runs never need it: Node shows it to those alone that ask for it, in a context made afterwards. */
function collectAll(): void {
  if (exposed === undefined) {
    setFlagsFromString('--expose-gc');
    // V8's own function; without arguments it collects all.
    exposed = runInNewContext('gc') as () => void;
  }
  exposed();
}
