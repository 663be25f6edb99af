import { showText } from '../core/safe-text.js';

/** What a reply that is none of CENTAGATE's shows of itself. */
export interface Page {
  readonly contentType: string | undefined;
  readonly title: string | undefined;
  /** The name and the number by which those who run what sent it find the case. */
  readonly incident?: string | undefined;
}

/** A page that says something says it here. */
const HEAD_CHARACTERS = 16 * 1024;

/** What gateways and filters call the number of a case, behind which it stands. */
const INCIDENT =
  /\b((?:attack|block|case|correlation|error|event|incident|message|ray|ref(?:erence)?|request|support|tracking|transaction|unique)[ _-]?(?:id|number|no|code)\b\.?|(?:case|incident|ref(?:erence)?)(?=\s?[:#]))(?:\s+is\b)?\s*[:=#]?\s*#?((?=[\w.:=+/-]{0,60}\d)[\w.:=+/-]{3,60})/i;

/** Does it say something to a person? */
export function isPage(page: Page | undefined): boolean {
  const { contentType, title, incident } = page ?? {};
  return contentType?.includes('html') === true || title !== undefined || incident !== undefined;
}

/** In JSON as far as it is written without escapes: what was masked must not come back. */
const TITLE = /<title[^<>]*>([^<]{0,500})|"title"\s*:\s*"([^"\\]{1,500})"/i;

/** The title of a text, be it HTML, JSON or plain, and the number that its case has; nothing of what it does not have. */
export function readPage(text: string): Pick<Page, 'title' | 'incident'> {
  const head = text.slice(0, HEAD_CHARACTERS);
  return { title: titleOf(head), incident: incidentOf(head) };
}

/** Such as ` (text/html, "Request Rejected", support ID 4711)`; empty where there is nothing to say. */
export function describePage(page: Page | undefined): string {
  const { contentType, title, incident } = page ?? {};
  const parts = [contentType, title === undefined ? undefined : `"${title}"`, incident].filter(
    (part) => part !== undefined,
  );
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function titleOf(html: string): string | undefined {
  const [, ofPage, ofJson] = TITLE.exec(html) ?? [];
  const title = ofPage ?? ofJson ?? '';
  const text = title.replaceAll(/\s+/g, ' ').trim();
  return text === '' ? undefined : showText(text, 80);
}

function incidentOf(html: string): string | undefined {
  const text = html
    .replaceAll(/<[^<>]*>|["{}[\]]/g, ' ')
    // No letters: what was masked must not come back.
    .replaceAll(/&(?:nbsp|#(32|35|45|46|58));/g, (_, code?: string) => String.fromCharCode(Number(code ?? 32)))
    .replaceAll(/\s+/g, ' ');
  const [, name, number] = INCIDENT.exec(text) ?? [];
  if (name === undefined || number === undefined) return undefined;
  return showText(`${name} ${number.replace(/[.:]+$/, '')}`, 80);
}
