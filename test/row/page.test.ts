import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describePage, isPage, readPage } from '../../src/row/page.js';

test.each([
  ['<html><head><title>Sign in</title>', 'Sign in'],
  ['<TITLE lang="en">\n  Web \t filter\n</TITLE>', 'Web filter'],
  ['<title>\u001b[31mred</title>', '\\x1b[31mred'],
  ['<title></title>', undefined],
  ['{"code":"0"}', undefined],
  ['{"status":400, "title": "Request Rejected"}', 'Request Rejected'],
  [String.raw`{"title":"Rejected \u0073ecret"}`, undefined],
  ['Request Rejected', undefined],
])('the title of %j is %j', (html, title) => {
  expect(readPage(html).title).toBe(title);
});

/** As the pages of some products have it. */
test.each([
  [
    'Please consult with your administrator.<br><br>Your support ID is: 1234567890123456789<br>',
    'support ID 1234567890123456789',
  ],
  ['Request unsuccessful. Incapsula incident ID: 877000540057-51838', 'incident ID 877000540057-51838'],
  [
    '<span>Cloudflare Ray ID: <strong class="font-semibold">7d8f1a2b3c4d5e6f</strong></span>',
    'Ray ID 7d8f1a2b3c4d5e6f',
  ],
  ['Reference&#32;&#35;18&#46;2d351ab8&#46;1557333295&#46;a4e16ab', 'Reference 18.2d351ab8.1557333295.a4e16ab'],
  ['<TR><TD>Attack ID:</TD><TD>20000051</TD></TR>', 'Attack ID 20000051'],
  ['Request ID: kGzW4Tq-Nq1= </PRE>', 'Request ID kGzW4Tq-Nq1='],
  ['Case Number: 4711.', 'Case Number 4711'],
  ['<p>Block ID:&nbsp;XSS123</p>', 'Block ID XSS123'],
  ['Unique ID is <b>Zx9</b>', 'Unique ID Zx9'],
  ['{"error":"blocked","supportId":"ABC-99887","title":"Rejected"}', 'supportId ABC-99887'],
  ['{"support_id": 99887}', 'support_id 99887'],
  ['Request blocked. Incident ID: ABC-99887', 'Incident ID ABC-99887'],
  ['The request was rejected: see the reference of 2019', undefined],
  ['Your support ID is on your badge', undefined],
  ['', undefined],
])('the case that %j tells of is %j', (html, incident) => {
  expect(readPage(html).incident).toBe(incident);
});

test('what a page spells with entities is not decoded into letters: it may be a secret', () => {
  expect(readPage('support ID: &#115;&#101;&#99;1').incident).toBeUndefined();
});

test('a page is read to 16 KiB, and no page takes long', () => {
  const far = ' '.repeat(16 * 1024);
  expect(readPage(`${far}<title>Far</title> support ID: 1234`)).toEqual({ title: undefined, incident: undefined });
  for (const bomb of ['<title', '<', 'support ID ', 'support ID is ', 'case :', '&#32;']) {
    expect(readPage(bomb.repeat(200_000)).title).toBeUndefined();
  }
});

test('what a page says is short, and drives no terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { title = '', incident = '' } = readPage(`<title>${text}</title> support ID: 1${text}`);
      expect(title.length).toBeLessThanOrEqual(80);
      expect(incident.length).toBeLessThanOrEqual(80);
      expect(title + incident).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test('what is not there is not said', () => {
  expect(describePage(undefined)).toBe('');
  expect(describePage({ contentType: undefined, title: undefined })).toBe('');
  expect(describePage({ contentType: 'text/plain', title: undefined })).toBe(' (text/plain)');
  expect(describePage({ contentType: 'text/html', title: 'Rejected', incident: 'support ID 4711' })).toBe(
    ' (text/html, "Rejected", support ID 4711)',
  );
});

test('a page says something to a person', () => {
  const bare = { contentType: 'text/plain', title: undefined };
  expect(
    [
      { ...bare, contentType: 'text/html' },
      { ...bare, title: 'No' },
      { ...bare, incident: 'case 1' },
    ].every(isPage),
  ).toBe(true);
  expect([bare, undefined].some(isPage)).toBe(false);
});
