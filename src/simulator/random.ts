/** Draws a number from 0 (included) to 1 (excluded). */
export type Draw = () => number;

/** The mulberry32 generator: the same seed gives the same numbers on every machine. Not for secrets. */
export function mulberry32(seed: number): Draw {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const KEY_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An activation key to look at: four groups of four, as in `K7QA-2BFX-MM3D-ZW6P`. The server's own format is unknown. */
export function drawActivationKey(draw: Draw): string {
  const group = (): string => Array.from({ length: 4 }, () => KEY_ALPHABET.charAt(Math.floor(draw() * 32))).join('');
  return [group(), group(), group(), group()].join('-');
}
