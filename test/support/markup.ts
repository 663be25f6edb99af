import { expect } from 'vitest';

export interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
  readonly attributes: ReadonlyMap<string, string>;
}

const VOID = new Set(['meta', 'link', 'br', 'hr', 'img', 'input']);
const INLINE = new Set(['bdi', 'span', 'b', 'code']);
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*(\/?)>/gi;

/** The tags of a page of ours, whose attributes are all quoted. */
export function tagsOf(page: string): readonly Tag[] {
  return [...withoutStyle(page).matchAll(TAG)].map(([, end, name = '', attributes = '']) => ({
    name,
    isEnd: end === '/',
    attributes: new Map(
      [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key.toLowerCase(), value]),
    ),
  }));
}

/** Every element ends where it should, and what is no tag has no angle bracket. */
export function expectWellFormed(page: string): void {
  const open: string[] = [];
  for (const [, end, name = '', , isShort] of withoutStyle(page).matchAll(TAG)) {
    if (end === '/') expect(open.pop()).toBe(name);
    else if (isShort === '' && !VOID.has(name)) open.push(name);
  }
  expect(open).toEqual([]);
  expect(withoutStyle(page).replaceAll(TAG, '').replace('<!doctype html>', '')).not.toMatch(/[<>]/);
}

/** What a reader sees of it, roughly. */
export function textOf(page: string): string {
  const parted = withoutStyle(page).replaceAll(TAG, (...found: string[]) => (INLINE.has(found[2] ?? '') ? '' : ' '));
  return parted.replaceAll(/\s+/g, ' ');
}

function withoutStyle(page: string): string {
  return page.replace(/<style>[^]*?<\/style>/, '');
}
