import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENGLISH_LETTER } from '../../src/handout/english-letter.js';
import { parseLetterTemplate } from '../../src/handout/letter-template.js';
import { aHeader } from '../support/builders.js';
import { REPOSITORY } from '../support/document.js';

const HEADER = aHeader(['User Name', 'token_type', 'Abteilung']);
const HEAD = '<meta charset="utf-8">\n<!-- letter -->';
const SAMPLES = join(REPOSITORY, 'samples/letters');

function parse(body: string, { hasQr = false, header = HEADER } = {}) {
  return parseLetterTemplate(`${HEAD}${body}<!-- /letter -->end`, { name: 'letter.html', header, hasQr });
}

it('parts what stands around the letters from one of them', () => {
  expect(parse('\n<p>{{ username }} of {{Abteilung}}: {{key}}</p>')).toEqual({
    head: HEAD,
    letter: ['\n<p>', { column: 0 }, ' of ', { column: 2 }, ': ', { placeholder: 'key' }, '</p>'],
    tail: '<!-- /letter -->end',
  });
});

describe('a template is refused', () => {
  it.each([
    ['without a key', '{{username}}', 'letter.html: a letter needs {{key}}'],
    [
      'with what is no column',
      '\n{{key}}{{Ort}}',
      'letter.html:3: {{Ort}} is no column of the input; there are: key, qr, registered_at, User Name',
    ],
    [
      'with a cell in a tag, which could be more than text there',
      '<a href="{{username}}">{{key}}',
      'letter.html:2: {{username}} stands within a tag',
    ],
    [
      'with a cell in a tag that has a > in quotes',
      '<a title="a>b" href="{{username}}">{{key}}',
      'letter.html:2: {{username}} stands within a tag',
    ],
    ['with a cell in a remark', '<!-- > {{username}} -->{{key}}', 'letter.html:2: {{username}} stands within a tag'],
    ['with a script', '<ScRipt>{{key}}', 'letter.html:2: a letter is a text: take scripts and frames away'],
    ['with a style among the letters', '<style>{{key}}', 'letter.html: put styles into its head'],
  ])('%s', (_, body, message) => {
    expect(() => parse(body)).toThrow(message);
  });

  it('not for a remark or a quote that is closed again', () => {
    const body = `<!-- "<p --><p title="a>b">it's {{key}} > 1</p>`;
    expect(parse(body).letter).toEqual([`<!-- "<p --><p title="a>b">it's `, { placeholder: 'key' }, ' > 1</p>']);
  });

  it('with --qr, where it has no place for the code', () => {
    expect(() => parse('{{key}}', { hasQr: true })).toThrow('letter.html: with --qr, a letter needs {{qr}}');
    expect(parse('{{key}}{{qr}}', { hasQr: true }).letter).toContainEqual({ placeholder: 'qr' });
  });

  it.each([
    ['{{key}}', 'put what each person gets between <!-- letter --> and <!-- /letter -->'],
    ['<!-- letter -->{{key}}<!-- /letter -->', 'say <meta charset="utf-8"> in its head'],
    [`${HEAD}{{key}}<!-- /letter -->{{key}}`, 'a placeholder stands outside of the letter'],
  ])('as %s', (text, message) => {
    expect(() => parseLetterTemplate(text, { name: 'letter.html', header: HEADER, hasQr: false })).toThrow(message);
  });
});

describe('the samples', () => {
  it.each(readdirSync(SAMPLES))('%s is a letter for any input, says its language, and loads nothing', (name) => {
    const text = readFileSync(join(SAMPLES, name), 'utf8');
    const header = aHeader(['username', 'token_type']);
    expect(parseLetterTemplate(text, { name, header, hasQr: true }).letter).toContainEqual({ placeholder: 'key' });
    expect(text).toContain(`<html lang="${name.replace('.html', '')}">`);
    expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
    expect(text).not.toMatch(/https?:|src="|url\(/);
  });

  it.each(readdirSync(SAMPLES))('%s looks as the English one does', (name) => {
    const looksOf = (text: string): readonly string[] => [
      /<style>[^]*<\/style>/.exec(text)?.[0] ?? '',
      ...(text.replace(/ lang="\w+"/, '').match(/<[^>]*>|\{\{\w+\}\}/g) ?? []),
    ];
    expect(looksOf(readFileSync(join(SAMPLES, name), 'utf8'))).toEqual(looksOf(ENGLISH_LETTER));
  });

  it('are in four languages, and the English one is what comes without a template', () => {
    expect(readdirSync(SAMPLES).sort()).toEqual(['en.html', 'id.html', 'ms.html', 'vi.html']);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(SAMPLES, 'en.html'), ENGLISH_LETTER);
    expect(ENGLISH_LETTER).toBe(readFileSync(join(SAMPLES, 'en.html'), 'utf8'));
  });
});
