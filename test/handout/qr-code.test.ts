import decodeQR from 'qr/decode.js';
import { expect, it } from 'vitest';
import { toQrCode } from '../../src/handout/qr-code.js';

const SCALE = 4;

/** Draws what the path of the code says: one square of a module after the other. */
function draw(svg: string): { width: number; height: number; data: Uint8Array } {
  const [, size = '0'] = /viewBox="0 0 (\d+) \d+"/.exec(svg) ?? [];
  const [, path = ''] = /<path d="([^"]+)"/.exec(svg) ?? [];
  const side = Number(size) * SCALE;
  const data = new Uint8Array(side * side * 4).fill(255);
  let [x, y, startX, startY] = [0, 0, 0, 0];
  for (const [, command = '', numbers = ''] of path.matchAll(/([MmhHvVZz])([^MmhHvVZz]*)/g)) {
    const [a = 0, b = 0] = (numbers.match(/-?\d+/g) ?? []).map(Number);
    if (command === 'M') [x, y, startX, startY] = [a, b, a, b];
    if (command === 'm') [x, y, startX, startY] = [x + a, y + b, x + a, y + b];
    if (command === 'h') x += a;
    if (command === 'H') x = a;
    if (command === 'v') y += a;
    if (command === 'V') y = a;
    if (!/z/i.test(command)) continue;
    [x, y] = [startX, startY];
    for (let at = 0; at < SCALE * SCALE; at += 1) {
      const pixel = (y * SCALE + Math.floor(at / SCALE)) * side + x * SCALE + (at % SCALE);
      data.set([0, 0, 0, 255], pixel * 4);
    }
  }
  return { width: side, height: side, data };
}

it.each(['FBYF-NB4K-UBXM-OPY3', 'a+b/c=ä€', '90071992547409931234'])(
  'is %s, and nothing but it, when it is read',
  (text) => {
    expect(decodeQR(draw(toQrCode(text)))).toBe(text);
  },
);

it('says what it is, and loads nothing', () => {
  expect(toQrCode('A')).toMatch(/^<svg role="img" aria-label="QR" [^<]*><path d="[^"]*"\/><\/svg>$/);
});
