/* What a browser makes of the page. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toReportPage } from '../../src/page/report-page.js';
import { aFullStory, aNaughtyStory } from '../support/story.js';

const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(isThere);

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What a page says of itself once it is drawn. */
interface Sight {
  readonly isDark: boolean;
  readonly overflow: number;
  readonly requests: readonly string[];
  readonly passed: readonly string[];
  readonly violations: readonly string[];
}

/** Runs within the page. */
const LOOK = `
const root = document.documentElement;
axe.run().then(({ passes, violations }) => parent.postMessage({ at: Number(location.hash.slice(1)), sight: {
  isDark: matchMedia('(prefers-color-scheme: dark)').matches,
  overflow: root.scrollWidth - root.clientWidth,
  requests: performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => !name.endsWith('/look.js')),
  passed: passes.map(({ id }) => id),
  violations: violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => id + ': ' + html)),
} }, '*'));`;

/** Runs around them, and writes what they say in letters that need no escape. */
const KEEP = `
const sights = [];
addEventListener('message', ({ data: { at, sight } }) => {
  sights[at] = sight;
  document.body.dataset.sights = encodeURIComponent(JSON.stringify(sights));
});`;

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'report-page-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function browse(name: string, ...flags: readonly string[]): string {
  const alone = ['--disable-background-networking', '--no-first-run', `--user-data-dir=${join(folder, 'profile')}`];
  // Its sandbox needs more than a container gives to root.
  const words = ['--headless', '--no-sandbox', '--disable-gpu', ...alone, ...flags, `file://${join(folder, name)}`];
  return execFileSync(chromium ?? '', words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 26,
  });
}

interface Frame {
  readonly page: string;
  readonly width: number;
}

/** In frames, since no window is as small as a phone; without the policy of the page, so that nothing hangs on it. */
function look(frames: readonly Frame[], ...flags: readonly string[]): readonly Sight[] {
  writeFileSync(join(folder, 'look.js'), `${axe.source};${LOOK}`);
  const elements = frames.map(({ page, width }, at) => {
    const lifted = page.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, '');
    expect(lifted).not.toBe(page);
    writeFileSync(join(folder, `${at}.html`), lifted.replace('</body>', '<script src="look.js"></script></body>'));
    return `<iframe src="${at}.html#${at}" style="border:0;width:${width}px;height:800px"></iframe>`;
  });
  writeFileSync(join(folder, 'frames.html'), `<!doctype html><script>${KEEP}</script><body>${elements.join('')}`);
  const dom = browse('frames.html', '--window-size=1300,900', '--virtual-time-budget=60000', '--dump-dom', ...flags);
  const [, told = ''] = /data-sights="([^"]*)"/.exec(dom) ?? [];
  // It is our own script that wrote it.
  return JSON.parse(decodeURIComponent(told)) as readonly Sight[];
}

const STORIES = { outcomes: aFullStory(), naughty: aNaughtyStory() };
const PAGES = Object.entries(STORIES).map(([of, story]) => ({ of, page: toReportPage(story) }));
/** A4 without its margins. */
const PAPER = 688;

describe.skipIf(chromium === undefined)(
  'the page in a browser (needs chromium in the path)',
  { timeout: 300_000 },
  () => {
    it.each([
      ['light', '--blink-settings=preferredColorScheme=1'],
      ['dark', '--blink-settings=preferredColorScheme=0'],
    ])('fits a phone and a desk, asks for nothing, and axe finds nothing: %s', (scheme, flag) => {
      const frames = PAGES.flatMap((one) => [320, 1200].map((width) => ({ ...one, width })));
      const sights = look(frames, flag);
      for (const [at, { of, width }] of frames.entries()) {
        const { passed, ...sight } = sights[at]!;
        const expected = { isDark: scheme === 'dark', overflow: 0, requests: [], violations: [] };
        expect({ of, width, ...sight }).toEqual({ of, width, ...expected });
        // It has looked at all of the page.
        expect(passed).toEqual(
          expect.arrayContaining(['bypass', 'color-contrast', 'document-title', 'td-headers-attr']),
        );
      }
    });

    it('fits on A4, and becomes a PDF', () => {
      const frames = PAGES.map(({ page }) => ({ page: page.replace('@media print', '@media all'), width: PAPER }));
      expect(look(frames).map(({ overflow }) => overflow)).toEqual([0, 0]);
      writeFileSync(join(folder, 'print.html'), PAGES[0]!.page);
      browse('print.html', `--print-to-pdf=${join(folder, 'print.pdf')}`);
      const pdf = readFileSync(join(folder, 'print.pdf'), 'latin1');
      const boxes = pdf.match(/\/MediaBox\s*\[[^\]]*\]/g) ?? [];
      expect(new Set(boxes)).toEqual(new Set([expect.stringMatching(/\[0 0 59[45][.\d]* 84[12][.\d]*\]/)]));
    });
  },
);
