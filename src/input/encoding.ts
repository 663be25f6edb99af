/** How a file's bytes stand for characters, by the names that people know. */
export const ENCODINGS = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  ...numbered('windows-', [874, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258]),
  ...numbered('iso-8859-', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16]),
  ...numbered('cp', [437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869]),
  'koi8-r',
  'koi8-u',
  'macintosh',
  'shift_jis',
  'euc-jp',
  'gbk',
  'gb18030',
  'big5',
  'euc-kr',
] as const;
export type Encoding = (typeof ENCODINGS)[number];

export const ENCODING_NEEDS =
  'utf-8, utf-16le, utf-16be, windows-1250 to -1258 or -874, iso-8859-1 to -16, a DOS code page such as cp850, koi8-r, koi8-u, macintosh, shift_jis, euc-jp, gbk, gb18030, big5 or euc-kr';

const BY_NAME = new Map(ENCODINGS.map((encoding) => [bare(encoding), encoding]));

/** An encoding by any of its names; nothing for a word that is none. */
export function parseEncoding(name: string): Encoding | undefined {
  const word = bare(name)
    .replace(/^(cp|win)(?=125\d$|874$)/, 'windows')
    .replace(/^(ibm|dos|oem)/, 'cp')
    .replace(/^latin1$/, 'iso88591')
    .replace(/^latin9$/, 'iso885915')
    .replace(/^sjis$/, 'shiftjis')
    .replace(/^(gb2312|cp936)$/, 'gbk')
    .replace(/^macroman$/, 'macintosh');
  return BY_NAME.get(word);
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_.-]+/g, '');
}

function numbered<Prefix extends string, Number extends number>(
  prefix: Prefix,
  numbers: readonly Number[],
): `${Prefix}${Number}`[] {
  return numbers.map((number): `${Prefix}${Number}` => `${prefix}${number}`);
}

/** Of all others, whole UTF-8 is hardly ever a text: of many bytes a character a word may be, and no file of several. */
export function isUnicode(encoding: Encoding): boolean {
  return encoding.startsWith('utf-');
}

export interface ByteOrderMark {
  readonly encoding: Encoding;
  readonly length: number;
}

const MARKS = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
] as const;

export function findByteOrderMark(head: Uint8Array): ByteOrderMark | undefined {
  const mark = MARKS.find(({ bytes }) => bytes.every((byte, at) => head[at] === byte));
  return mark && { encoding: mark.encoding, length: mark.bytes.length };
}
