import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import forge from 'node-forge';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SignatureReading } from '../../src/core/signature.js';
import { openSignatureFolder } from '../../src/io/signature-file.js';

const disk = vi.hoisted(() => ({
  fails: undefined as Error | undefined,
  shrinks: false,
  names: undefined as readonly string[] | undefined,
}));

vi.mock('node:fs', async (importActual) => {
  const actual = await importActual<typeof import('node:fs')>();
  const readFileSync = ((...request: Parameters<typeof actual.readFileSync>) => {
    if (disk.fails !== undefined) throw disk.fails;
    const bytes = actual.readFileSync(...request);
    return disk.shrinks ? bytes.slice(1) : bytes;
  }) as typeof actual.readFileSync;
  const readdirSync = ((...request: Parameters<typeof actual.readdirSync>) =>
    disk.names ?? actual.readdirSync(...request)) as typeof actual.readdirSync;
  return { ...actual, readFileSync, readdirSync };
});

const MIB = 1024 * 1024;
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const isRoot = process.getuid?.() === 0;
let lab: string;
let outside: string;
let folder: string;
let der: Buffer;

function openssl(...args: readonly string[]): Buffer {
  return execFileSync('openssl', args, { cwd: lab, stdio: ['ignore', 'pipe', 'ignore'] });
}

function signerOf(name: string): readonly string[] {
  return ['-signer', `${name}.crt`, '-inkey', `${name}.key`];
}

/** A signature of four bytes, as the vendor's client makes it, with what a test asks for on top. */
function sign(...options: readonly string[]): Buffer {
  return signDetached('-nodetach', ...options);
}

function signDetached(...options: readonly string[]): Buffer {
  return openssl('cms', '-sign', '-binary', ...signerOf('rsa'), '-in', 'content', '-outform', 'DER', ...options);
}

function put(path: string, content: string | Uint8Array = der): string {
  const full = join(folder, path);
  fs.mkdirSync(join(full, '..'), { recursive: true });
  fs.writeFileSync(full, content);
  return path;
}

function read(path: string): SignatureReading {
  return openSignatureFolder(folder).read(path);
}

function readContent(content: string | Uint8Array): SignatureReading {
  return read(put('content.p7s', content));
}

/** `algorithm` is one of its digits, or nothing. */
function aReading(bytes: Buffer, algorithm: string | undefined) {
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return { signature: { base64: bytes.toString('base64'), algorithm, digest } };
}

function problemOf(reading: SignatureReading): string {
  if ('problem' in reading) return reading.problem;
  throw new Error('a problem was expected, and a signature was read');
}

function base64Of(reading: SignatureReading): string {
  if ('signature' in reading) return reading.signature.base64;
  throw new Error(reading.problem);
}

function wrap(text: string, width: number, lineEnd = '\n'): string {
  return (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(lineEnd) + lineEnd;
}

function pem(bytes: Uint8Array, label = 'PKCS7'): string {
  const body = wrap(Buffer.from(bytes).toString('base64'), 64);
  return `-----BEGIN ${label}-----\n${body}-----END ${label}-----\n`;
}

/** One element of DER, for structures that openssl doesn't make. */
function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(parts);
  const size = value.length < 128 ? [value.length] : [0x82, value.length >> 8, value.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}

function oid(dotted: string): Buffer {
  return tlv(0x06, Buffer.from(forge.asn1.oidToDer(dotted).getBytes(), 'latin1'));
}

interface SignedDataParts {
  readonly digest?: Buffer;
  readonly contentType?: string;
  readonly contentTypeTag?: number;
  readonly signers?: Buffer;
  readonly content?: Buffer;
}

function aSignedData(changes: SignedDataParts = {}): Buffer {
  const type = oid(changes.contentType ?? SIGNED_DATA);
  type[0] = changes.contentTypeTag ?? 0x06;
  const content = changes.content ?? tlv(0xa0, tlv(0x04, Buffer.from('1111')));
  const encapsulated = tlv(0x30, oid('1.2.840.113549.1.7.1'), content);
  const signers = changes.signers ?? tlv(0x31, aSigner(changes.digest ?? tlv(0x30, oid('2.16.840.1.101.3.4.2.1'))));
  return tlv(0x30, type, tlv(0xa0, tlv(0x30, tlv(0x02, Buffer.from([1])), tlv(0x31), encapsulated, signers)));
}

function aSigner(digest: Buffer): Buffer {
  return tlv(0x30, tlv(0x02, Buffer.from([1])), tlv(0x30), digest, tlv(0x30), tlv(0x04));
}

function signedDataOf(...fields: readonly Buffer[]): Buffer {
  return tlv(0x30, oid(SIGNED_DATA), tlv(0xa0, tlv(0x30, ...fields)));
}

function systemError(code: string, errno: number): Error {
  return Object.assign(new Error(`${code}: read`), { code, errno, syscall: 'read' });
}

beforeAll(() => {
  lab = fs.mkdtempSync(join(tmpdir(), 'signature-lab-'));
  fs.writeFileSync(join(lab, 'content'), '1111');
  const request = ['req', '-x509', '-nodes', '-subj', '/CN=user', '-keyout'];
  openssl(...request, 'rsa.key', '-out', 'rsa.crt', '-newkey', 'rsa:2048');
  openssl(...request, 'ec.key', '-out', 'ec.crt', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
  der = sign('-md', 'sha256');
});

afterAll(() => fs.rmSync(lab, { recursive: true }));

beforeEach(() => {
  outside = fs.mkdtempSync(join(tmpdir(), 'signature-'));
  folder = join(outside, 'signatures');
  fs.mkdirSync(folder);
});

afterEach(() => {
  disk.fails = undefined;
  disk.shrinks = false;
  disk.names = undefined;
  fs.rmSync(outside, { recursive: true });
});

describe('the path', () => {
  it('is relative to the folder, and backslashes separate folders too', () => {
    put('sales/north/alice.p7s');
    const base64 = der.toString('base64');
    expect(base64Of(read('sales/north/alice.p7s'))).toBe(base64);
    expect(base64Of(read('sales\\north\\alice.p7s'))).toBe(base64);
    expect(base64Of(read('.\\sales/./north/../north//alice.p7s'))).toBe(base64);
  });

  it('may hold blanks, umlauts and dots', () => {
    for (const name of ['Zoë Müller.p7s', '..alice.p7s', '...', 'a..b', '李.p7s']) put(name);
    for (const name of ['Zoë Müller.p7s', '..alice.p7s', '...', 'a..b', '李.p7s']) {
      expect(base64Of(read(name))).toBe(der.toString('base64'));
    }
  });

  it.each(['/etc/passwd', '\\server\\share\\a.p7s', '//server/a.p7s', 'C:\\a.p7s', 'c:/a.p7s', 'C:a.p7s'])(
    'is refused when absolute: %s',
    (path) => {
      expect(problemOf(read(path))).toBe(
        `signature file "${path}" is an absolute path; write it relative to the signature folder`,
      );
    },
  );

  it.each(['..', '../a.p7s', '..\\a.p7s', 'sub/../../a.p7s', 'sub/../../signatures/a.p7s', './..'])(
    'is refused when its text leaves the folder: %s',
    (path) => {
      put('a.p7s');
      fs.writeFileSync(join(outside, 'a.p7s'), der);
      expect(problemOf(read(path))).toBe(`signature file "${path}" leaves the signature folder; name a file inside it`);
    },
  );

  it('is refused with a NUL character, which is shown escaped', () => {
    expect(problemOf(read('a.p7s\0.txt'))).toBe(
      'signature file "a.p7s\\x00.txt" has a NUL character in its path; remove it',
    );
  });

  it('is shown as given, with control characters escaped', () => {
    expect(problemOf(read('sub\\a\u001b[31m\n\u202e.p7s'))).toBe(
      'signature file "sub\\a\\x1b[31m\\x0a\\u202e.p7s" does not exist; correct the path or add it',
    );
  });

  it('is cut in the message when it is very long', () => {
    const problem = problemOf(read('x'.repeat(MIB)));
    expect(problem).toMatch(/x…" has a name that is too long for the disk; correct the path$/);
    expect(problem.length).toBeLessThan(500);
  });

  it.each(['', '.', 'sub', 'sub/'])('is refused when it names a folder: "%s"', (path) => {
    fs.mkdirSync(join(folder, 'sub'));
    expect(problemOf(read(path))).toBe(`signature file "${path}" is a folder; name the PKCS#7 file itself`);
  });

  it('is refused when it takes a file for a folder', () => {
    put('a.p7s');
    for (const path of ['a.p7s/b.p7s', 'a.p7s/']) {
      expect(problemOf(read(path))).toContain('goes through a file as if it were a folder');
    }
  });
});

describe('symbolic links', () => {
  beforeEach(() => {
    put('sub/a.p7s');
    fs.writeFileSync(join(outside, 'secret.p7s'), der);
  });

  it('may lead from inside to inside, relative or absolute', () => {
    fs.symlinkSync('sub/a.p7s', join(folder, 'relative.p7s'));
    fs.symlinkSync(join(folder, 'sub'), join(folder, 'absolute'));
    expect(base64Of(read('relative.p7s'))).toBe(der.toString('base64'));
    expect(base64Of(read('absolute/a.p7s'))).toBe(der.toString('base64'));
  });

  it('may not lead outside, as a file, a folder or a chain of links', () => {
    fs.symlinkSync('../secret.p7s', join(folder, 'file.p7s'));
    fs.symlinkSync(outside, join(folder, 'up'));
    fs.symlinkSync('up', join(folder, 'chain'));
    for (const path of ['file.p7s', 'up/secret.p7s', 'chain/secret.p7s', 'up', 'chain']) {
      expect(problemOf(read(path))).toBe(`signature file "${path}" leaves the signature folder; name a file inside it`);
    }
  });

  it('do not tell what exists outside', () => {
    fs.symlinkSync(outside, join(folder, 'up'));
    for (const path of ['up/nothing.p7s', 'up/SECRET.P7S', 'up/nothing/nothing.p7s']) {
      expect(problemOf(read(path))).toContain('leaves the signature folder');
    }
  });

  it('may not lead to a folder whose name only begins like the signature folder', () => {
    fs.mkdirSync(`${folder}-old`);
    fs.writeFileSync(`${folder}-old/a.p7s`, der);
    fs.symlinkSync(`${folder}-old`, join(folder, 'old'));
    expect(problemOf(read('old/a.p7s'))).toContain('leaves the signature folder');
  });

  it('are called broken when they lead to nothing', () => {
    fs.symlinkSync('gone.p7s', join(folder, 'broken.p7s'));
    fs.symlinkSync('gone', join(folder, 'folder'));
    for (const path of ['broken.p7s', 'folder/a.p7s']) {
      expect(problemOf(read(path))).toBe(
        `signature file "${path}" goes through a symbolic link to something missing; repair the link`,
      );
    }
  });

  it('are called a circle when they lead to themselves', () => {
    fs.symlinkSync('b.p7s', join(folder, 'a.p7s'));
    fs.symlinkSync('a.p7s', join(folder, 'b.p7s'));
    expect(problemOf(read('a.p7s'))).toContain('goes through symbolic links that lead in a circle');
  });

  it('may be the signature folder itself', () => {
    fs.symlinkSync(folder, join(outside, 'link'));
    expect(base64Of(openSignatureFolder(join(outside, 'link')).read('sub/a.p7s'))).toBe(der.toString('base64'));
  });
});

describe('the signature folder', () => {
  it('is discovered when it is used, and every row says that it does not exist', () => {
    const signatures = openSignatureFolder(join(outside, 'nowhere'));
    const problem = `the signature folder "${outside}/nowhere" does not exist; correct the path or add it`;
    expect(signatures.problem()).toBe(problem);
    for (const path of ['a.p7s', 'b.p7s']) {
      expect(problemOf(signatures.read(path))).toBe(`signature file "${path}" cannot be read: ${problem}`);
    }
    fs.mkdirSync(join(outside, 'nowhere'));
    fs.writeFileSync(join(outside, 'nowhere/a.p7s'), der);
    expect(signatures.problem()).toBeUndefined();
    expect(base64Of(signatures.read('a.p7s'))).toBe(der.toString('base64'));
  });

  it('may not be a file, and may not have a NUL character', () => {
    fs.writeFileSync(join(outside, 'file'), der);
    expect(openSignatureFolder(join(outside, 'file')).problem()).toContain('goes through a file');
    expect(problemOf(openSignatureFolder(join(outside, 'a\0b')).read('a.p7s'))).toContain('NUL');
  });

  it('may be the root of the disk', () => {
    expect(base64Of(openSignatureFolder('/').read(join(folder, put('a.p7s')).slice(1)))).toBe(der.toString('base64'));
  });

  it('keeps the place it had when the process changes its own', () => {
    put('a.p7s');
    const before = process.cwd();
    try {
      process.chdir(outside);
      const signatures = openSignatureFolder('signatures');
      process.chdir(before);
      expect(base64Of(signatures.read('a.p7s'))).toBe(der.toString('base64'));
    } finally {
      process.chdir(before);
    }
  });
});

describe('a missing file', () => {
  it('is said to be missing', () => {
    put('bob.p7s');
    for (const path of ['alice.p7s', 'sales/alice.p7s']) {
      expect(problemOf(read(path))).toBe(`signature file "${path}" does not exist; correct the path or add it`);
    }
  });

  it.each(['sales/alice.p7s', 'SALES/ALICE.P7S', 'Sales\\alice.p7s'])(
    'is answered with the file that differs in letter case only: %s',
    (path) => {
      put('Sales/Alice.p7s');
      expect(problemOf(read(path))).toBe(`signature file "${path}" does not exist; did you mean "Sales/Alice.p7s"?`);
    },
  );

  it('is answered with the file whose name a Mac has written in other code points', () => {
    put('Zoe\u0308.p7s');
    expect(problemOf(read('zo\u00eb.p7s'))).toContain('did you mean "Zoe\u0308.p7s"?');
  });

  it('is answered without listing a folder more than once', () => {
    put('Alice.p7s');
    const signatures = openSignatureFolder(folder);
    expect(problemOf(signatures.read('ALICE.p7s'))).toContain('did you mean');
    put('Bob.p7s');
    expect(problemOf(signatures.read('BOB.p7s'))).not.toContain('did you mean');
  });

  it('is answered from 100,000 names at most, so that memory stays small', () => {
    for (const path of ['a/Alice.p7s', 'a/Bob.p7s', 'b/Bob.p7s']) put(path);
    const signatures = openSignatureFolder(folder);
    disk.names = [...Array.from({ length: 99_999 }, (_, index) => `${index}.p7s`), 'Alice.p7s', 'Bob.p7s'];
    expect(problemOf(signatures.read('a/ALICE.P7S'))).toContain('did you mean "a/Alice.p7s"');
    expect(problemOf(signatures.read('a/BOB.P7S'))).toContain('does not exist; correct the path');
    disk.names = undefined;
    expect(problemOf(signatures.read('b/BOB.P7S'))).toContain('does not exist; correct the path');
  });

  it('is not answered with a file that has gone since', () => {
    const signatures = openSignatureFolder(folder);
    put('Alice.p7s');
    problemOf(signatures.read('ALICE.p7s'));
    fs.rmSync(join(folder, 'Alice.p7s'));
    expect(problemOf(signatures.read('ALICE.p7s'))).not.toContain('did you mean');
  });
});

describe('only a regular file is read, at once', () => {
  it('not a FIFO', () => {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    const start = performance.now();
    expect(problemOf(read('fifo'))).toBe('signature file "fifo" is not a regular file; name the PKCS#7 file itself');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('not a socket', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
    try {
      expect(problemOf(read('socket'))).toContain('is not a regular file');
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('not a device', () => {
    for (const device of ['null', 'zero']) {
      expect(problemOf(openSignatureFolder('/dev').read(device))).toContain('is not a regular file');
    }
  });

  it('not an empty one', () => {
    expect(problemOf(readContent(''))).toContain('is empty; export the signature again');
  });

  it('not one whose size is unknown beforehand', () => {
    expect(problemOf(openSignatureFolder('/proc/self').read('status'))).toContain('is empty');
  });

  it('not one over 1 MiB, also when it has holes', () => {
    put('large.p7s');
    fs.truncateSync(join(folder, 'large.p7s'), MIB + 1);
    expect(problemOf(read('large.p7s'))).toContain('is over 1 MiB');
    fs.truncateSync(join(folder, 'large.p7s'), 8 * 1024 ** 4);
    expect(problemOf(read('large.p7s'))).toContain('is over 1 MiB');
  });

  it('not one that the user may not read, nor one in a folder that the user may not pass', () => {
    put('a.p7s');
    put('sub/a.p7s');
    fs.chmodSync(outside, 0o755);
    fs.chmodSync(join(folder, 'a.p7s'), 0);
    fs.chmodSync(join(folder, 'sub'), 0);
    const readings = asCommonUser(() => ['a.p7s', 'sub/a.p7s'].map(read));
    fs.chmodSync(join(folder, 'sub'), 0o700);
    for (const reading of readings) {
      expect(problemOf(reading)).toContain('may not be read by this user; give permission');
    }
  });

  it('not one that changes meanwhile', () => {
    disk.shrinks = true;
    expect(problemOf(read(put('a.p7s')))).toContain('changed while it was read');
  });

  it('and leaves no file open', () => {
    put('empty.p7s', '');
    put('a.p7s');
    const signatures = openSignatureFolder(folder);
    const before = fs.readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 100; round += 1)
      ['a.p7s', 'empty.p7s', '.', 'gone'].map((path) => signatures.read(path));
    expect(fs.readdirSync('/proc/self/fd').length).toBeLessThan(before + 20);
  });
});

/** Root reads everything whatever the mode: it becomes somebody else for as long as the work lasts. */
function asCommonUser<Result>(work: () => Result): Result {
  if (!isRoot) return work();
  process.seteuid?.(65534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}

describe('an error of the disk', () => {
  it.each([
    ['EIO', systemError('EIO', -5)],
    ['ESTALE', systemError('Unknown system error -116', -116)],
    ['EMFILE', systemError('EMFILE', -24)],
  ])('is a problem of the row that names it: %s', (name, error) => {
    disk.fails = error;
    expect(problemOf(read(put('a.p7s')))).toBe(
      `signature file "a.p7s" could not be read (${name}); check the disk or network share and run again`,
    );
  });

  it('is told from a bug, which is thrown', () => {
    disk.fails = new TypeError('a bug');
    put('a.p7s');
    expect(() => read('a.p7s')).toThrow('a bug');
  });
});

describe('the content', () => {
  const base64 = () => der.toString('base64');
  const urlSafe = () => der.toString('base64url');

  it.each<[string, () => string | Uint8Array]>([
    ['DER', () => der],
    ['PEM', () => pem(der)],
    ['PEM labelled CMS', () => pem(der, 'CMS')],
    ['PEM with another label', () => pem(der, 'PKCS #7 SIGNED DATA')],
    ['PEM with a certificate label', () => pem(der, 'CERTIFICATE')],
    ['PEM with CRLF', () => pem(der).replaceAll('\n', '\r\n')],
    ['PEM with a byte order mark', () => `\ufeff${pem(der)}`],
    ['PEM on one line', () => `-----BEGIN PKCS7-----${base64()}-----END PKCS7-----`],
    ['PEM after text', () => `subject=CN = user\nissuer=CN = ca\n\n${pem(der)}\n`],
    ['PEM in UTF-16, as PowerShell writes it', () => Buffer.from(`\ufeff${pem(der)}`, 'utf16le')],
    ['base64 on one line', base64],
    ['base64 with line breaks', () => wrap(base64(), 64)],
    ['base64 with CRLF and blanks', () => `  ${wrap(base64(), 76, ' \r\n\t')}\r\n\r\n`],
    ['base64 with a byte order mark', () => `\ufeff${base64()}`],
    ['base64 in UTF-16', () => Buffer.from(`\ufeff${wrap(base64(), 64, '\r\n')}`, 'utf16le')],
    ['base64 without padding', () => base64().replace(/=+$/, '')],
    ['base64 in the alphabet for URLs', urlSafe],
    ['base64 in the alphabet for URLs, padded', () => base64().replaceAll('+', '-').replaceAll('/', '_')],
  ])('may be %s', (_, content) => {
    expect(readContent(content())).toEqual(aReading(Buffer.from(base64(), 'base64'), '1'));
  });

  it('may be PEM as openssl prints it, with text before or not', () => {
    fs.writeFileSync(join(lab, 'signature.der'), der);
    const printed = openssl('pkcs7', '-inform', 'DER', '-in', 'signature.der');
    expect(base64Of(readContent(printed))).toBe(base64());
    const certificate = openssl('x509', '-in', 'rsa.crt', '-noout', '-text');
    expect(base64Of(readContent(Buffer.concat([certificate, printed])))).toBe(base64());
  });

  it('may be BER of indefinite length, which is sent as it is', () => {
    const ber = sign('-stream', '-md', 'sha256');
    expect([...ber.subarray(0, 2)]).toEqual([0x30, 0x80]);
    expect(readContent(ber)).toEqual(aReading(ber, '1'));
    expect(base64Of(readContent(pem(ber)))).toBe(ber.toString('base64'));
  });

  it('may be as large as 1 MiB, in any wrapping', () => {
    const large = aLargeSignature(MIB);
    expect(base64Of(readContent(large))).toBe(large.toString('base64'));
    const smaller = aLargeSignature(700_000);
    expect(base64Of(readContent(pem(smaller)))).toBe(smaller.toString('base64'));
    expect(base64Of(readContent(smaller.toString('base64')))).toBe(smaller.toString('base64'));
  });

  it.each<[string, () => string | Uint8Array, string]>([
    ['a JPEG', () => Buffer.from('ffd8ffe000104a46494600010100', 'hex'), 'is not a PKCS#7 signature'],
    ['a PDF', () => '%PDF-1.7\n%âãÏÓ\n1 0 obj', 'is not a PKCS#7 signature'],
    ['a ZIP', () => Buffer.from('504b0304140000000800', 'hex'), 'is not a PKCS#7 signature'],
    ['plain text', () => 'signed by alice', 'is not a PKCS#7 signature'],
    ['base64 of something else', () => Buffer.from('hello').toString('base64'), 'is not a PKCS#7 signature'],
    ['base64 in two alphabets at once', () => `+-${base64()}`, 'is not a PKCS#7 signature'],
    ['nothing but blanks', () => ' \r\n\t\n', 'is empty'],
    ['a byte order mark alone', () => '\ufeff', 'is empty'],
    ['an empty PEM block', () => '-----BEGIN PKCS7-----\n-----END PKCS7-----\n', 'is empty'],
    ['a certificate as PEM', () => fs.readFileSync(join(lab, 'rsa.crt')), 'is a certificate'],
    ['a chain of certificates', () => fs.readFileSync(join(lab, 'rsa.crt'), 'utf8').repeat(2), 'is a certificate'],
    ['a certificate as DER', () => openssl('x509', '-in', 'rsa.crt', '-outform', 'DER'), 'is a certificate'],
    ['a private key as PEM', () => fs.readFileSync(join(lab, 'rsa.key')), 'is a private key'],
    ['a private key as DER', () => openssl('pkey', '-in', 'ec.key', '-outform', 'DER'), 'is a private key'],
    ['a damaged private key', () => '-----BEGIN RSA PRIVATE KEY-----\nMII', 'is a private key'],
    ['a signature beside its private key', () => pem(der) + pem(der, 'EC PRIVATE KEY'), 'is a private key'],
    [
      'PKCS#12',
      () => openssl('pkcs12', '-export', '-in', 'rsa.crt', '-inkey', 'rsa.key', '-passout', 'pass:x'),
      'is a private key (or PKCS#12)',
    ],
    ['two PEM blocks', () => pem(der) + pem(der), 'holds 2 PEM blocks'],
    ['a signature with a certificate', () => pem(der) + pem(der, 'CERTIFICATE'), 'holds 2 PEM blocks'],
    ['PEM without its END line', () => pem(der).split('-----END')[0] ?? '', 'without its matching BEGIN or END line'],
    ['PEM without its BEGIN line', () => pem(der).split('-----\n').slice(1).join('-----\n'), 'without its matching'],
    ['PEM with another END line', () => pem(der).replace('END PKCS7', 'END CMS'), 'without its matching'],
    ['PEM with END before BEGIN', () => '-----END CMS-----\n-----BEGIN CMS-----\n', 'without its matching'],
    ['encrypted data', () => aSignedData({ contentType: '1.2.840.113549.1.7.3' }), 'is not a PKCS#7 signature'],
    ['a type that is no OID', () => tlv(0x30, tlv(0x04, Buffer.from('x'))), 'is not a PKCS#7 signature'],
    ['the name of signed data as a text', () => aSignedData({ contentTypeTag: 0x04 }), 'is not a PKCS#7 signature'],
    ['signed data without fields', () => signedDataOf(), 'no complete PKCS#7 structure'],
    ['signed data of signers only', () => signedDataOf(tlv(0x31)), 'no complete PKCS#7 structure'],
    [
      'signed data of three fields',
      () => signedDataOf(tlv(0x02), tlv(0x31), tlv(0x31)),
      'no complete PKCS#7 structure',
    ],
    ['base64 with too much padding', () => `${base64().replace(/=+$/, '')}===`, 'is not a PKCS#7 signature'],
    ['PEM with two END lines', () => `${pem(der)}-----END PKCS7-----\n`, 'without its matching'],
    ['PEM between two END lines', () => pem(der).replace('BEGIN', 'END'), 'without its matching'],
    ['an empty sequence', () => tlv(0x30), 'is not a PKCS#7 signature'],
    ['signed data without its content', () => tlv(0x30, oid('1.2.840.113549.1.7.2')), 'no complete PKCS#7 structure'],
    ['signers that are no set', () => aSignedData({ signers: tlv(0x30) }), 'no complete PKCS#7 structure'],
    ['no signers', () => aSignedData({ signers: tlv(0x31) }), 'holds no signature, only certificates'],
    ['certificates only', () => certificatesOnly(), 'holds no signature, only certificates'],
    ['a detached signature', () => signDetached(), 'is a detached signature'],
    ['a signature of no content at all', () => aSignedData({ content: tlv(0xa0) }), 'is a detached signature'],
    [
      'S/MIME',
      () => openssl('smime', '-sign', '-nodetach', ...signerOf('rsa'), '-in', 'content'),
      'openssl smime -pk7out',
    ],
    ['S/MIME in clear', () => openssl('smime', '-sign', ...signerOf('rsa'), '-in', 'content'), 'is an S/MIME message'],
  ])('may not be %s', (_, content, problem) => {
    expect(problemOf(readContent(content()))).toContain(problem);
  });

  it('is never shown', () => {
    const key = fs.readFileSync(join(lab, 'rsa.key'), 'utf8');
    const problems = [key, key.replaceAll('-----', '----'), 'password: 12345678'].map((text) =>
      problemOf(readContent(text)),
    );
    for (const problem of problems) {
      expect(problem).not.toContain(key.slice(100, 110));
      expect(problem).not.toContain('12345678');
    }
  });

  it('becomes acceptable by the hint for S/MIME', () => {
    const message = openssl('smime', '-sign', '-nodetach', ...signerOf('rsa'), '-in', 'content');
    fs.writeFileSync(join(lab, 'message'), message);
    expect(readContent(openssl('smime', '-pk7out', '-in', 'message'))).toHaveProperty('signature.algorithm');
  });

  it('is refused when anything follows the structure', () => {
    for (const more of ['\n', '\0', '0', 'more']) {
      const longer = Buffer.concat([der, Buffer.from(more)]);
      for (const content of [longer, pem(longer), longer.toString('base64')]) {
        expect(problemOf(readContent(content))).toContain('has more bytes after its PKCS#7 structure');
      }
    }
    const ber = Buffer.concat([sign('-stream'), Buffer.from('\n')]);
    expect(problemOf(readContent(ber))).toContain('has more bytes after its PKCS#7 structure');
  });

  it('is refused wherever it is cut off', () => {
    for (const whole of [der, sign('-stream')]) {
      for (let length = 1; length < whole.length; length += 1) {
        expect(problemOf(readContent(whole.subarray(0, length)))).toContain('is no complete PKCS#7 structure');
      }
    }
    for (const whole of [base64(), pem(der).trimEnd()]) {
      for (let length = 1; length < whole.replace(/=*$/, '').length; length += 17) {
        expect(readContent(whole.slice(0, length))).toHaveProperty('problem');
      }
    }
  });
});

function certificatesOnly(): Buffer {
  return openssl('crl2pkcs7', '-nocrl', '-certfile', 'rsa.crt', '-outform', 'DER');
}

/** A signature of exactly so many bytes, by a content of the size that is left. */
function aLargeSignature(size: number): Buffer {
  const withContent = (length: number) => {
    fs.writeFileSync(join(lab, 'large'), Buffer.alloc(length, 'x'));
    return openssl('cms', '-sign', '-nodetach', '-binary', ...signerOf('rsa'), '-in', 'large', '-outform', 'DER');
  };
  return withContent(size - (withContent(size - 5000).length - (size - 5000)));
}

describe('the algorithm', () => {
  it.each([
    ['0', 'sha1'],
    ['1', 'sha256'],
    ['2', 'sha384'],
    ['3', 'sha512'],
    [undefined, 'sha224'],
  ])('is %s for a signature that openssl makes with %s', (algorithm, digest) => {
    expect(readContent(sign('-md', digest))).toMatchObject({ signature: { algorithm } });
  });

  it('is found whatever else the signature holds', () => {
    for (const options of [['-noattr'], ['-nocerts'], ['-keyid'], ['-noattr', '-nocerts', '-keyid']]) {
      expect(readContent(sign('-md', 'sha512', ...options))).toMatchObject({ signature: { algorithm: '3' } });
    }
    const ecdsa = openssl(
      'cms',
      '-sign',
      '-nodetach',
      ...signerOf('ec'),
      '-md',
      'sha384',
      '-in',
      'content',
      '-outform',
      'DER',
    );
    expect(readContent(ecdsa)).toMatchObject({ signature: { algorithm: '2' } });
  });

  it.each<[string | undefined, string, string]>([
    ['0', '1.3.14.3.2.26', 'sha1'],
    ['0', '1.2.840.113549.1.1.5', 'sha1WithRSAEncryption, as the vendor writes it'],
    ['0', '1.2.840.10045.4.1', 'ecdsa-with-SHA1'],
    ['1', '2.16.840.1.101.3.4.2.1', 'sha256'],
    ['1', '1.2.840.113549.1.1.11', 'sha256WithRSAEncryption'],
    ['1', '1.2.840.10045.4.3.2', 'ecdsa-with-SHA256'],
    ['2', '2.16.840.1.101.3.4.2.2', 'sha384'],
    ['2', '1.2.840.113549.1.1.12', 'sha384WithRSAEncryption'],
    ['2', '1.2.840.10045.4.3.3', 'ecdsa-with-SHA384'],
    ['3', '2.16.840.1.101.3.4.2.3', 'sha512'],
    ['3', '1.2.840.113549.1.1.13', 'sha512WithRSAEncryption'],
    ['3', '1.2.840.10045.4.3.4', 'ecdsa-with-SHA512'],
    [undefined, '1.2.840.113549.2.5', 'md5'],
    [undefined, '2.16.840.1.101.3.4.2.8', 'sha3-256'],
  ])('is %s for the digest %s, %s', (algorithm, digest) => {
    const bytes = aSignedData({ digest: tlv(0x30, oid(digest), tlv(0x05)) });
    expect(readContent(bytes)).toEqual(aReading(bytes, algorithm));
  });

  it('is the first signer’s when there are several', () => {
    const both = ['1.3.14.3.2.26', '2.16.840.1.101.3.4.2.3'].map((digest) => aSigner(tlv(0x30, oid(digest))));
    expect(readContent(aSignedData({ signers: tlv(0x31, ...both) }))).toMatchObject({ signature: { algorithm: '0' } });
  });

  it('is undefined when the signer cannot be made out', () => {
    for (const signers of [tlv(0x31, tlv(0x05)), tlv(0x31, tlv(0x30)), tlv(0x31, tlv(0x30, tlv(0x05), tlv(0x05)))]) {
      expect(readContent(aSignedData({ signers }))).toMatchObject({ signature: { algorithm: undefined } });
    }
    expect(readContent(aSignedData({ digest: tlv(0x30) }))).toMatchObject({ signature: { algorithm: undefined } });
    expect(readContent(aSignedData({ digest: tlv(0x05) }))).toMatchObject({ signature: { algorithm: undefined } });
  });
});

describe('by law', () => {
  const lineEnds = fc.constantFrom('\n', '\r\n', '\r', ' \n', '\t');
  const mark = fc.constantFrom('', '\ufeff');
  const dice = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 });

  /** Breaks a text into lines of the given lengths, over and over. */
  function broken(text: string, lengths: readonly number[], lineEnd: string): string {
    const lines: string[] = [];
    for (let at = 0, index = 0; at < text.length; index += 1) {
      const length = lengths[index % lengths.length] ?? 1;
      lines.push(text.slice(at, at + length));
      at += length;
    }
    return lines.join(lineEnd);
  }

  it('any wrapping of a signature gives the same base64', () => {
    const content = fc
      .uint8Array({ maxLength: 400 })
      .map((value) => aSignedData({ content: tlv(0xa0, tlv(0x04, value)) }));
    const wrapping = fc.record({ dice, lineEnd: lineEnds, mark, kind: fc.constantFrom('der', 'pem', 'base64', 'url') });
    fc.assert(
      fc.property(content, wrapping, (bytes, { dice, lineEnd, mark, kind }) => {
        const body = broken(bytes.toString(kind === 'url' ? 'base64url' : 'base64'), dice, lineEnd);
        const block = `text before${lineEnd}-----BEGIN CMS-----${lineEnd}${body}${lineEnd}-----END CMS-----${lineEnd}`;
        const written = kind === 'der' ? bytes : mark + (kind === 'pem' ? block : body);
        expect(base64Of(readContent(written))).toBe(bytes.toString('base64'));
      }),
      { numRuns: 300 },
    );
  });

  it('whatever the bytes, the answer is a signature or one sentence, and comes soon', () => {
    const begun = fc.constantFrom('', '0\x80', '0\x82\x01\x00', '\ufeff', 'MII', '-----BEGIN PKCS7-----', '\xff\xfe');
    const bytes = fc.tuple(begun, fc.uint8Array({ maxLength: 3000 }), fc.boolean());
    fc.assert(
      fc.property(bytes, ([head, rest, isText]) => {
        const tail = isText ? Buffer.from(Buffer.from(rest).toString('base64')) : rest;
        const start = performance.now();
        const reading = readContent(Buffer.concat([Buffer.from(head, 'latin1'), tail]));
        expect(performance.now() - start).toBeLessThan(1000);
        if ('problem' in reading) expect(reading.problem).toMatch(/^signature file "content.p7s" [^\n]+; [^\n]+$/);
      }),
      { numRuns: 1000 },
    );
  });

  it('whatever is changed in a signature, the answer is a signature of those bytes or a problem', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(der);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const reading = readContent(bytes);
        if ('signature' in reading) expect(reading.signature.base64).toBe(bytes.toString('base64'));
      }),
      { numRuns: 1000 },
    );
  });

  it('no path text reads outside the folder or throws', () => {
    fs.writeFileSync(join(outside, 'a.p7s'), der);
    fs.symlinkSync('..', join(folder, 'up'));
    fs.mkdirSync(join(folder, 'sub'));
    const part = fc.constantFrom('..', '.', '', 'up', 'sub', 'a.p7s', 'signatures', 'C:', '\0', '\u202e', '\ud800');
    const separator = fc.constantFrom('/', '\\', '//');
    const path = fc.array(fc.tuple(part, separator), { maxLength: 8 }).map((parts) => parts.flat().join(''));
    fc.assert(
      fc.property(
        fc.oneof(
          path,
          path.map((text) => `${text}a.p7s`),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          expect(read(text)).toHaveProperty('problem');
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('bytes made to be slow are answered within seconds', () => {
    const hostile = [
      Buffer.alloc(MIB, Buffer.from([0x30, 0x80])),
      Buffer.concat([Buffer.from([0x30, 0x80]), Buffer.alloc(MIB - 4, Buffer.from([5, 0])), Buffer.alloc(2)]),
      Buffer.alloc(MIB, '-----BEGIN '),
      Buffer.alloc(MIB, '-----BEGIN A-----\n'),
      Buffer.alloc(MIB, 'A='),
      Buffer.alloc(MIB, 'A'),
      Buffer.alloc(MIB, ' '),
      Buffer.alloc(MIB, '\nContent-Typ'),
    ];
    for (const content of hostile) {
      const start = performance.now();
      expect(readContent(content)).toHaveProperty('problem');
      expect(performance.now() - start).toBeLessThan(5000);
    }
  });
});
