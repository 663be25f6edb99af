import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toReportPage } from '../../src/page/report-page.js';
import { NOON } from '../support/builders.js';
import { aFullStory, aNaughtyStory, aStanding, aRowWith, aStory } from '../support/story.js';
import { expectWellFormed, tagsOf, textOf } from '../support/markup.js';

const full = aFullStory();
const page = toReportPage(full);

describe('the page', () => {
  it('is well-formed, and in one language', () => {
    expectWellFormed(page);
    expect(page).toMatch(/^<!doctype html>\s*<html lang="en">/);
  });

  it('loads, runs and sends nothing: its policy takes only the style that stands in it', () => {
    const [, style = ''] = /<style>([^]*?)<\/style>/.exec(page) ?? [];
    const [, policy = ''] = /Content-Security-Policy"\s+content="([^"]*)"/.exec(page) ?? [];
    const digest = createHash('sha256').update(style).digest('base64');
    expect(policy.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`,
    );
    for (const { name, attributes } of tagsOf(page)) {
      expect(['script', 'img', 'link', 'iframe', 'object', 'form', 'base', 'image', 'use']).not.toContain(name);
      for (const [attribute, value] of attributes) {
        expect(attribute).not.toMatch(/^on|^style$|^src$|^srcset$/);
        if (attribute === 'href') expect(value).toMatch(/^#\w+$/);
      }
    }
    expect(style).not.toMatch(/url\(|@import/);
  });

  it('has links that lead somewhere, and an id once', () => {
    const ids = tagsOf(page).flatMap(({ attributes }) => attributes.get('id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const links = tagsOf(page).flatMap(({ attributes }) => attributes.get('href')?.slice(1) ?? []);
    expect(links.length).toBeGreaterThan(6);
    for (const link of links) expect(ids).toContain(link);
    for (const [, fill = ''] of page.matchAll(/url\(#([\w-]+)\)/g)) expect(ids).toContain(fill);
  });

  it('has headings in their order, and tables with a caption and heads for rows and columns', () => {
    const levels = tagsOf(page).flatMap(({ name }) => (/^h\d$/.test(name) ? [Number(name[1])] : []));
    expect(levels[0]).toBe(1);
    levels.forEach((level, at) => expect(level - (levels[at - 1] ?? 0)).toBeLessThan(2));
    const tables = page.match(/<table[^]*?<\/table>/g) ?? [];
    expect(tables.length).toBeGreaterThan(7);
    for (const table of tables) {
      expect(table).toMatch(/<caption>\s*\S/);
      const heads = table.match(/<th scope="col"/g) ?? [];
      for (const row of table.match(/<tr>[^]*?<\/tr>/g)?.slice(1) ?? []) {
        expect(row.match(/<th scope="row"/g)).toHaveLength(1);
        expect(row.match(/<t[hd]/g)).toHaveLength(heads.length);
      }
    }
  });

  it('has a name for each picture', () => {
    const pictures = tagsOf(page).filter(
      ({ name, isEnd, attributes }) => name === 'svg' && !isEnd && attributes.get('aria-hidden') !== 'true',
    );
    expect(pictures.length).toBeGreaterThan(2);
    for (const { attributes } of pictures) {
      expect(attributes.get('role')).toBe('img');
      expect(attributes.get('aria-label')).toMatch(/\w/);
    }
  });

  it('says what is left and what to type before all else', () => {
    const text = textOf(page);
    const at = (part: string): number => text.indexOf(part);
    expect(at('7 rows of 11 are left, of 7 people.')).toBeGreaterThan(0);
    expect(at('centagate-provision run users.failed.csv')).toBeGreaterThan(at('7 rows of 11'));
    expect(at('Why rows are left')).toBeGreaterThan(at('centagate-provision run users.failed.csv'));
  });

  it('is there without a summary, without rows, and without a column to count by', () => {
    for (const story of [
      { ...full, summary: undefined },
      aStory({ rows: [], runs: [] }),
      { ...full, column: undefined },
      aStory({
        changes: { underWay: { startedAt: 'x', command: undefined, by: undefined, done: 0, inDoubt: 0, left: 0 } },
      }),
    ]) {
      expectWellFormed(toReportPage(story));
    }
  });
});

describe('whatever stands in a job', () => {
  it('is text in the page: the naughty strings, as names, groups, details, codes and commands', () => {
    const naughty = toReportPage(aNaughtyStory());
    expectWellFormed(naughty);
    const names = new Set(tagsOf(page).map(({ name }) => name));
    expect(tagsOf(naughty).filter(({ name }) => !names.has(name))).toEqual([]);
    // What shows nothing, turns the text around or drives a terminal is shown as its number.
    expect(naughty.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u200b\u202a-\u202e\u2066-\u2069]/u);
  });

  it('leaves it under 300 KB, at its most', () => {
    const worst = '"'.repeat(500);
    const rows = Array.from({ length: 3000 }, (_, n) => [
      aRowWith(
        { outcome: 'invalid', returnCode: worst + String(n), detail: String.fromCodePoint(0x4e00 + n) + worst },
        { username: `${n}${worst}`, group: `${n}${worst}` },
      ),
      aStanding({ username: `${n}${worst}`, tokenType: 'otp' }),
    ]).flat();
    const runs = Array.from({ length: 300 }, (_, n) => ({
      startedAt: NOON + n * 10_000,
      endedAt: NOON + n * 10_000 + 5000,
      selection: { where: [worst] },
      nextCommand: worst,
    }));
    const settings = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`setting ${n}`, worst]));
    const story = aStory({ rows, keyOf: () => 'none', runs: [...runs, { settings, nextCommand: worst.repeat(10) }] });
    const large = toReportPage({ ...story, column: worst });
    expectWellFormed(large);
    expect(Buffer.byteLength(large)).toBeLessThan(300_000);
  });
});
