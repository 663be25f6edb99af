import { describe, expect, it } from 'vitest';
import { columns, stackedBars, timeLine } from '../../src/page/charts.js';
import type { Html } from '../../src/page/html.js';
import { expectWellFormed, tagsOf, textOf } from '../support/markup.js';

function rectanglesOf({ text }: Html): readonly Readonly<Record<string, number | string>>[] {
  expectWellFormed(text);
  const drawn = tagsOf(text).filter(({ name }) => name === 'rect');
  return drawn.map(({ attributes }) => ({
    x: Number(attributes.get('x')),
    width: Number(attributes.get('width')),
    height: Number(attributes.get('height')),
    fill: attributes.get('fill') ?? '',
  }));
}

describe('a picture', () => {
  it('of rows by what is left to do is to scale, and has no part for nothing', () => {
    const [done, fix, more] = rectanglesOf(
      stackedBars('Rows', [
        { label: '', rows: { no: 30, yes: 0, fix: 10 } },
        { label: '', rows: { no: 20, yes: 0, fix: 0 } },
      ]),
    );
    expect(done?.['width']).toBe(3 * Number(fix?.['width']));
    expect(more?.['width']).toBe((2 / 3) * Number(done?.['width']));
    expect([done?.['fill'], fix?.['fill']]).toEqual(['url(#fill-no)', 'url(#fill-fix)']);
  });

  it('of columns shows a little for a little, and nothing for nothing', () => {
    const heights = rectanglesOf(columns({ title: 'Sends', values: [100, 0, 1], unit: '100 a second' })).map(
      ({ height }) => height,
    );
    expect(heights).toEqual([110, 0, 2]);
    expect(rectanglesOf(columns({ title: 'Sends', values: [0], unit: '0' }))[0]?.['height']).toBe(0);
  });

  it('of runs has each from its beginning to its end, and the shortest can be seen', () => {
    const line = timeLine(
      'Runs',
      [
        { label: 'run 1', from: 0, to: 500, marker: 'yes' },
        { label: 'run 2', from: 999, to: 1000, marker: 'no' },
      ],
      ['first', 'last'],
    );
    const [long, short] = rectanglesOf(line);
    expect(long?.['width']).toBe(300);
    expect(short).toMatchObject({ x: 709.4, width: 4 });
    expect(textOf(line.text)).toMatch(/run 1.*run 2.*first.*last/);
  });

  it('has its name for those who do not see it, whatever stands in it', () => {
    const { text } = stackedBars('Rows by "A&B"', [{ label: '<b>', rows: { no: 1, yes: 1, fix: 1 } }]);
    expect(text).toContain('role="img"');
    expect(text).toContain('aria-label="Rows by &#34;A&#38;B&#34;"');
    expect(text).toContain('&#60;b&#62;');
  });
});
