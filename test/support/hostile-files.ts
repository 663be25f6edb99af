import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { zipSync } from 'fflate';
import { systemClock } from '../../src/core/system-clock.js';
import { openJournalLines } from '../../src/record/journal.js';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import type { LockHolder } from '../../src/record/lock-holder.js';
import { describeSelf } from '../../src/record/process-identity.js';
import { NOON } from './builders.js';
import { rowOf, sheetOf, workbookOf } from './workbook.js';

/* What somebody who means harm could put where a command reads or writes: no regular file, or one with anything in it. */

const STRANGER = 65534;
const isRoot = process.geteuid?.() === 0;

/** Puts it at a path, where something may be; `victim` is a file of ours that lies elsewhere. */
export type Plant = (path: string, victim: string) => void;
export type Plants = Readonly<Record<string, Plant>>;

/** What may be waited for without an end, or is read without one. */
export const ENDLESS: Plants = {
  'a pipe': inPlace((path) => execFileSync('mkfifo', [path])),
  'a link to a device without an end': inPlace((path) => symlinkSync('/dev/zero', path)),
  'a folder': inPlace((path) => mkdirSync(path)),
};

/** What leads elsewhere, or is another's. */
export const FOREIGN: Plants = {
  'a link to a file of ours': inPlace((path, victim) => symlinkSync(victim, path)),
  'another name of a file of ours': inPlace((path, victim) => linkSync(victim, path)),
  ...(isRoot && {
    'the file of another user': (path: string) => {
      writeFileSync(path, '');
      chmodSync(path, 0o666);
      chownSync(path, STRANGER, STRANGER);
    },
  }),
};

const DEPTH = 200_000;
const deep = (open: string, close: string): string => open.repeat(DEPTH) + close.repeat(DEPTH);

export const ANYTHING: Plants = {
  nothing: fileOf(''),
  NULs: fileOf(Buffer.alloc(100_000)),
  'half of what it was': fileOf((was) => was.slice(0, was.length / 2)),
  'bytes that are no text': fileOf(Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 167) % 256))),
  'a line without an end': fileOf(() => 'x'.repeat(17_000_000)),
};

/** For what is read as JSON. */
export const JSON_TEXTS: Plants = {
  ...ANYTHING,
  null: fileOf('null\n'),
  'a list': fileOf('[]\n'),
  'a list of null': fileOf('[null]\n'),
  'an object without members': fileOf('{}\n'),
  'a depth without an end': fileOf(() => deep('[', ']')),
  'what every object has': fileOf('{"__proto__":{"runs":[]},"constructor":null,"toString":1}'),
};

const entry = (key: string): JournalEntry => ({ type: 'intent', key, attempt: 1, at: NOON });
const linesOf = (...entries: readonly unknown[]): string =>
  openJournalLines()(entries as JournalEntry[]).toString('utf8');

export const JOURNALS: Plants = {
  ...ANYTHING,
  'an entry that no run begins with': fileOf(() => linesOf(entry('otp:ann'))),
  'entries that are none': fileOf(() => linesOf({ type: 'run' }, [], 3, 'x')),
  'a number that falls': fileOf(() => linesOf(entry('otp:ann')) + linesOf(entry('otp:ann'))),
  'a depth without an end, with its checksum': fileOf(() => linesOf({ type: 'run', id: deep('[', ']') })),
};

/** For the files that a run leaves as CSV. */
export const LEFT_TEXTS: Plants = {
  ...ANYTHING,
  'a header alone': fileOf((was) => was.slice(0, was.indexOf('\n') + 1)),
  'no header': fileOf((was) => was.slice(was.indexOf('\n') + 1)),
  'each of its lines twice': fileOf((was) => was.replaceAll(/^.*$/gm, '$&\n$&')),
  'numbers beyond all bounds': fileOf((was) => was.replaceAll(/\b\d+\b/g, '9'.repeat(400))),
  'numbers below zero': fileOf((was) => was.replaceAll(/,(\d+)\b/g, ',-$1')),
  'other words': fileOf((was) => was.replaceAll(/registered|invalid|,no,|,fix,/g, ',__proto__,')),
};

export const CSV_BOMBS: Plants = {
  'a million cells in a row': fileOf(() => `username,token_type\nann,otp${','.repeat(1_000_000)}\n`),
  '130,000 columns': fileOf(() => `username,token_type${',x'.repeat(130_000)}\nann,otp\n`),
  'blank lines without an end': fileOf(() => `username,token_type\n${'\n'.repeat(20_000_000)}ann,otp\n`),
  'delimiters without an end': fileOf(() => `username,token_type\n${',\n'.repeat(8_000_000)}ann,otp\n`),
  'a quote that is not closed': fileOf(() => `username,token_type\n"${'ann,otp\n'.repeat(1_000_000)}`),
  'quotes without an end': fileOf(() => `username,token_type\n${'"'.repeat(8_000_001)}`),
  'a text of 12 megabytes for a name': fileOf(() => `username,token_type\n${'é'.repeat(6_000_000)},otp\n`),
  'half a character of UTF-16': fileOf(Buffer.from('fffe75007300', 'hex').subarray(0, 5)),
  'UTF-32': fileOf(Buffer.from('fffe0000750000007300000065000000', 'hex')),
};

export const WORKBOOK_BOMBS: Plants = {
  ...ANYTHING,
  'a row with the number 99999999': workbook(rowOf(1, HEADER()) + rowOf(99_999_999, ['ann', 'otp'])),
  'a cell in the last corner': workbook(`${rowOf(1, HEADER())}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`),
  'a cell beyond it': workbook(`${rowOf(1, HEADER())}<row r="2"><c r="ZZZZZZ2"><v>1</v></c></row>`),
  'a method that nobody knows': fileOf(() => patched(workbookOf([HEADER()]), 9)),
  '60,000 parts': fileOf(() =>
    zipSync(Object.fromEntries(Array.from({ length: 60_000 }, (_, at) => [`${at}`, EMPTY]))),
  ),
  'entities that become more and more': fileOf(() => workbookOf([HEADER()], { 'xl/worksheets/sheet1.xml': laughs() })),
  'a depth without an end': fileOf(() =>
    workbookOf([HEADER()], { 'xl/worksheets/sheet1.xml': text(deep('<a>', '</a>')) }),
  ),
};

export const YAML_BOMBS: Plants = {
  'names that stand for more and more': fileOf(
    () => `a0: &a0 [x]\n${times(40, (at) => `a${at + 1}: &a${at + 1} [*a${at},*a${at},*a${at}]`)}`,
  ),
  'a name that stands for itself': fileOf('rate: &a [*a]\n'),
  'a depth without an end': fileOf(() => deep('[', ']')),
  'a depth of maps': fileOf(() => `${'{a: '.repeat(15_000)}1${'}'.repeat(15_000)}`),
  'one setting time and again': fileOf(() => 'rate: 1\n'.repeat(8_000)),
  'a tag of another language': fileOf('rate: !!js/function "function(){return 1}"\n'),
  'what every object has': fileOf('__proto__: {rate: 1}\nconstructor: 1\n'),
  'many documents': fileOf(() => '---\nrate: 1\n'.repeat(4_000)),
};

const pem = (kind: string, inside: string): string => `-----BEGIN ${kind}-----\n${inside}\n-----END ${kind}-----\n`;
/** Tags of ASN.1, each the only content of the one before. */
const onion = (layers: number): Buffer => Buffer.from('30820000'.repeat(layers).replaceAll('0000', 'ffff'), 'hex');

export const CERTIFICATES: Plants = {
  ...ANYTHING,
  'a certificate that is none': fileOf(pem('CERTIFICATE', 'AAAA')),
  'a private key': fileOf(pem('PRIVATE KEY', 'MC4CAQAwBQYDK2VwBCIEIHdvbWJhdC0zN3dvbWJhdC0zN3dvbWJhdC0z')),
  'a certificate without an end': fileOf(() => pem('CERTIFICATE', 'QUFB'.repeat(5_000_000)).slice(0, -30)),
  'layers without an end': fileOf(() => pem('CERTIFICATE', onion(100_000).toString('base64'))),
  'beginnings without an end': fileOf(() => '-----BEGIN CERTIFICATE-----\n'.repeat(100_000)),
};

/** For what is read as ASN.1. */
export const LAYERS: Plants = {
  'layers of tags': fileOf(() => onion(200_000)),
  'layers of an unknown length': fileOf(() => Buffer.from('3080'.repeat(500_000), 'hex')),
  'a length beyond all bounds': fileOf(Buffer.from('3088ffffffffffffffff0609', 'hex')),
  'fifty megabytes': fileOf(() => Buffer.alloc(50_000_000, 0x30)),
};
export const SIGNATURES: Plants = { ...CERTIFICATES, ...LAYERS };

const self = describeSelf('another', systemClock);
const holder = (changes: Partial<LockHolder>): string => JSON.stringify({ ...self, ...changes });

/** Whose process is surely gone, or who does not say who it is, since a while. */
export const DEAD_LOCKS: Plants = {
  ...old(JSON_TEXTS),
  ...old({
    'of a process that is none': fileOf(holder({ pid: -1 })),
    'of a host without an end': fileOf(() => holder({ host: 'x'.repeat(1_000_000) })),
  }),
  'of a number that no process has': fileOf(holder({ pid: 999_999_999 })),
  'of another process with the number of one that is there': fileOf(holder({ startTime: '1' })),
};
export const LOCKS: Plants = {
  'of a process that is there': fileOf(holder({})),
  'just being written': fileOf(''),
};

function old(plants: Plants): Plants {
  const age = (plant: Plant): Plant => {
    return (path, victim) => {
      plant(path, victim);
      utimesSync(path, 1_000_000, 1_000_000);
    };
  };
  return Object.fromEntries(Object.entries(plants).map(([what, plant]) => [what, age(plant)]));
}

function inPlace(make: (path: string, victim: string) => unknown): Plant {
  return (path, victim) => {
    rmSync(path, { recursive: true, force: true });
    make(path, victim);
  };
}

function fileOf(content: string | Uint8Array | ((was: string) => string | Uint8Array)): Plant {
  return (path) => {
    const isMade = typeof content === 'function';
    writeFileSync(path, isMade ? content(readFileSync(path, { encoding: 'utf8', flag: 'a+' })) : content, {
      mode: 0o600,
    });
  };
}

const EMPTY = new Uint8Array();
function HEADER(): string[] {
  return ['username', 'token_type'];
}
function workbook(rows: string): Plant {
  return fileOf(() => workbookOf([HEADER()], { 'xl/worksheets/sheet1.xml': sheetOf(rows) }));
}
function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}
function laughs(): Uint8Array {
  const entities = times(12, (at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`);
  return text(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">${entities}]><worksheet>&l12;</worksheet>`);
}
/** The same archive, whose parts say that they are packed in another way. */
function patched(zip: Uint8Array, method: number): Uint8Array {
  const bytes = Buffer.from(zip);
  for (const [signature, offset] of [
    ['504b0304', 8],
    ['504b0102', 10],
  ] as const) {
    const mark = Buffer.from(signature, 'hex');
    for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 4))
      bytes.writeUInt16LE(method, at + offset);
  }
  return bytes;
}
function times(count: number, each: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => each(at)).join('\n');
}
