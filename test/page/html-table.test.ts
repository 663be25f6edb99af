import { expect, it } from 'vitest';
import { table, toRow } from '../../src/page/html-table.js';
import { html } from '../../src/page/html.js';
import { expectWellFormed, textOf } from '../support/markup.js';

const HEAD = [
  { title: 'Name', holds: 'name' },
  { title: 'Rows', holds: 'count' },
] as const;

it('is a table for a screen reader: caption, heads for columns and rows, and a region that keys can scroll', () => {
  const { text } = table('Rows by <name>', HEAD, [toRow(HEAD, ['ann', '3']), toRow(HEAD, [html`<b>bob</b>`, '<4>'])]);
  expectWellFormed(text);
  expect(text).toMatch(/role="region"\s+aria-label="Rows by &#60;name&#62;"\s+tabindex="0"/);
  expect(text.match(/<th scope="col"/g)).toHaveLength(2);
  expect(text.match(/<th scope="row"/g)).toHaveLength(2);
  expect(text).toContain('<td class="count">3</td>');
  expect(textOf(text)).toMatch(/ann\s*3\s+bob\s*&#60;4&#62;/);
});

it('of counts alone is no wider than they are', () => {
  expect(table('Counts', [HEAD[1]], []).text).toContain('class="small"');
  expect(table('Names', HEAD, []).text).not.toContain('class="small"');
});
