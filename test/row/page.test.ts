import { expect, test } from 'vitest';
import { describePage, titleOf } from '../../src/row/page.js';

test.each([
  ['<html><head><title>Sign in</title>', 'Sign in'],
  ['<TITLE lang="en">\n  Web \t filter\n</TITLE>', 'Web filter'],
  ['<title>\u001b[31mred</title>', '\\x1b[31mred'],
  ['<title></title>', undefined],
  ['{"code":"0"}', undefined],
])('the title of %j is %j', (html, title) => {
  expect(titleOf(html)).toBe(title);
});

test('what is not there is not said', () => {
  expect(describePage(undefined)).toBe('');
  expect(describePage({ contentType: undefined, title: undefined })).toBe('');
  expect(describePage({ contentType: 'text/plain', title: undefined })).toBe(' (text/plain)');
});
