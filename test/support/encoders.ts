type Encode = (text: string) => string;

const byCharacter =
  (encode: (character: string, code: number) => string): Encode =>
  (text) =>
    Array.from(text, (character) => encode(character, character.codePointAt(0) ?? 0)).join('');

const byByte =
  (encode: (hex: string) => string): Encode =>
  (text) =>
    Array.from(Buffer.from(text), (byte) => encode(byte.toString(16).padStart(2, '0'))).join('');

const byUnit =
  (encode: (hex: string) => string): Encode =>
  (text) =>
    Array.from({ length: text.length }, (_, at) => encode(text.charCodeAt(at).toString(16).padStart(4, '0'))).join('');

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Ways in which a server, a gateway or a log may write a text that it was given. */
export const ENCODERS: Readonly<Record<string, Encode>> = {
  'as it is': (text) => text,
  JSON: (text) => JSON.stringify(text).slice(1, -1),
  'JSON of PHP': (text) => byUnit((hex) => String.raw`\u${hex}`)(text.replaceAll('/', '\\/')),
  'JSON of Java': (text) =>
    JSON.stringify(text)
      .slice(1, -1)
      .replaceAll('/', '\\/')
      .replaceAll(
        /[^ -~]/g,
        byUnit((hex) => String.raw`\u${hex}`),
      ),
  JavaScript: byCharacter((_, code) => String.raw`\u{${code.toString(16)}}`),
  C: byByte((hex) => String.raw`\x${hex}`),
  HTML: (text) => text.replaceAll(/[&<>"']/g, (sign) => HTML[sign] ?? ''),
  'HTML by number': byCharacter((_, code) => `&#${code};`),
  'HTML by hex': byCharacter((_, code) => `&#x${code.toString(16).toUpperCase()};`),
  URL: (text) => encodeURIComponent(text),
  'URL of a form': (text) => new URLSearchParams([['', text]]).toString().slice(1),
  'URL, every byte': byByte((hex) => `%${hex}`),
  'quoted-printable': byByte((hex) => `=${hex.toUpperCase()}`),
  base64: (text) => Buffer.from(text).toString('base64'),
  'base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
  'bytes in decimals': (text) => Array.from(Buffer.from(text)).join(', '),
  hex: (text) => Buffer.from(text).toString('hex'),
  'hex of a dump': byByte((hex) => `${hex.toUpperCase()} `),
  'upper case': (text) => text.toUpperCase(),
  'lower case': (text) => text.toLowerCase(),
  'split by blanks': (text) => Array.from(text).join(' '),
  'split by dashes': (text) => Array.from(text).join('-'),
  'split by lines': (text) => Array.from(text).join('\r\n'),
  'split by what is not seen': (text) => Array.from(text).join('\u200b'),
};
