import { describe, expect, it } from 'vitest';
import { STYLE } from '../../src/page/report-style.js';

type Palette = ReadonlyMap<string, string>;

/** The colours of each look, by their names: on screen in light and dark, and on paper. */
const palettes = [...STYLE.matchAll(/:root\{([^}]*)\}/g)].map(
  ([, rules = '']): Palette =>
    new Map([...rules.matchAll(/--(\w+):(#[0-9a-f]+)/g)].map(([, name = '', value = '']) => [name, value])),
);

/** Relative luminance (WCAG 2). */
function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.replaceAll(/[0-9a-f]/g, '$&$&').slice(1) : colour.slice(1);
  const [red = 0, green = 0, blue = 0] = (digits.match(/../g) ?? []).map((pair) => {
    const part = parseInt(pair, 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(palette: Palette, one: string, other: string): number {
  const [light = 0, dark = 0] = [one, other].map((name) => luminance(palette.get(name) ?? '')).sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe('the looks of the page', () => {
  it('are three: light, dark and printed', () => {
    expect(palettes).toHaveLength(3);
    for (const palette of palettes) expect([...palette.keys()]).toEqual([...(palettes[0]?.keys() ?? [])]);
  });

  it.each(palettes.map((palette, at) => [at, palette] as const))('have the contrasts of WCAG AA (%i)', (_, palette) => {
    for (const ground of ['ground', 'box']) {
      for (const text of ['text', 'soft', 'link']) expect(contrast(palette, text, ground)).toBeGreaterThan(4.5);
    }
    for (const drawn of ['no', 'yes', 'fix', 'bar']) expect(contrast(palette, drawn, 'ground')).toBeGreaterThan(3);
  });
});
