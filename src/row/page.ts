import { showText } from '../core/safe-text.js';

/** What a reply that is none of CENTAGATE's shows of itself. */
export interface Page {
  readonly contentType: string | undefined;
  readonly title: string | undefined;
}

/** The title of an HTML text; nothing where it has none. */
export function titleOf(html: string): string | undefined {
  const [, title = ''] = /<title[^>]*>([^<]{0,500})/i.exec(html) ?? [];
  const text = title.replaceAll(/\s+/g, ' ').trim();
  return text === '' ? undefined : showText(text, 80);
}

/** Such as ` (text/html, "Sign in")`; empty where there is nothing to say. */
export function describePage(page: Page | undefined): string {
  const { contentType, title } = page ?? {};
  const parts = [contentType, title === undefined ? undefined : `"${title}"`].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
