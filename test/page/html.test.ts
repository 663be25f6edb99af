import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commandText, fitting, html, Html, said } from '../../src/page/html.js';
import { anyText } from '../support/builders.js';

it('takes what is put in for text, and what is a piece for a piece', () => {
  const inner = html`<b>${'<i>'}</b>`;
  expect(html`<p title="${'a"b'}">${[inner, 7, undefined, ['&']]}</p>`.text).toBe(
    '<p title="a&#34;b"><b>&#60;i&#62;</b>7&#38;</p>',
  );
});

it('lets no text end a text or an attribute', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const shown = html`<p title="${text}">${text}</p>`.text;
      expect(shown.match(/[<>"]/g)?.join('')).toBe('<""></>'.replace('</>', '<>'));
    }),
  );
});

it('shows text of others as it is, in its own direction, without what drives a reader', () => {
  expect(said('أحمد', 60).text).toBe('<bdi>أحمد</bdi>');
  expect(said('a\u202eb<', 60).text).toBe('<bdi>a\\u202eb&#60;</bdi>');
});

it('shows no more pieces than have room, and says how many are left', () => {
  const pieces = ['ab', 'é', 'cd'].map((text) => new Html(text));
  expect(fitting(pieces, 6)).toEqual({ shown: pieces, left: 0 });
  expect(fitting(pieces, 5)).toEqual({ shown: pieces.slice(0, 2), left: 1 });
  expect(fitting(pieces, 1)).toEqual({ shown: [], left: 3 });
});

it('parts a command at its blanks alone, and into nothing else', () => {
  expect(commandText("run 'a b' --limit", 60).text).toBe(
    '<code><span>run</span> <span>&#39;a</span> <span>b&#39;</span> <span>--limit</span></code>',
  );
});
