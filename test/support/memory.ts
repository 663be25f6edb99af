import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of all array buffers that are still in use. */
export function arrayBytes(): Promise<number> {
  return settled(() => process.memoryUsage().arrayBuffers);
}

/** Bytes of all other values that are still in use. */
export function heapBytes(): Promise<number> {
  return settled(() => process.memoryUsage().heapUsed);
}

/** Buffers are freed in the background some time after a collection: the least of a few looks counts. */
async function settled(look: () => number): Promise<number> {
  let least = Infinity;
  for (let time = 0; time < 5; time += 1) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
    least = Math.min(least, look());
  }
  return least;
}
