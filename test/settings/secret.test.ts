import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { checkPemFile, parseSecret, readSecretFile, Secret, showAddress } from '../../src/settings/secret.js';
import { makeCertificate } from '../../src/simulator/make-certificate.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secret-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

let files = 0;
async function aFile(content: string | Uint8Array, mode = 0o600): Promise<string> {
  files += 1;
  const path = join(folder, `file-${files}`);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

/** The secret that a file gives, or the problem. */
function secretOf(path: string): string {
  const read = readSecretFile(path);
  return 'problem' in read ? read.problem : read.value.reveal();
}

describe('a secret', () => {
  const secret = new Secret('hunter2-hunter2');

  it('is given only by reveal', () => {
    expect(secret.reveal()).toBe('hunter2-hunter2');
  });

  it.each([
    ['as text', String(secret)],
    ['in a template', `a ${secret as unknown as string}`],
    ['joined', [secret].join()],
    ['as JSON', JSON.stringify({ secret })],
    ['inspected', inspect(secret)],
    ['inspected to the last hidden member', inspect({ secret }, { showHidden: true, depth: null, getters: true })],
    ['inspected past its own answer', inspect(secret, { customInspect: false, showHidden: true })],
    ['formatted by %s', format('%s', secret)],
    ['formatted by %o', format('%o', secret)],
    ['copied', inspect(Object.assign({}, secret))],
    ['cloned', inspect(structuredClone(secret))],
    ['by its members', JSON.stringify(Object.entries(Object.getOwnPropertyDescriptors(secret)))],
  ])('does not show itself %s', (_, shown) => {
    expect(shown).not.toContain('hunter2');
  });

  it('is frozen and still gives its value', () => {
    expect(Object.isFrozen(secret)).toBe(true);
    expect(Object.freeze(new Secret('x')).reveal()).toBe('x');
  });
});

describe('a secret from text', () => {
  it.each([
    ['', 'the secret is empty'],
    ['one\ntwo', 'line break'],
    ['one\rtwo', 'line break'],
    ['one\n', 'line break'],
    ['one\0two', 'NUL'],
  ])('is refused when it is %j', (text, reason) => {
    expect(parseSecret(text)).toEqual({ problem: expect.stringContaining(reason) as string });
  });

  it('is kept to the letter otherwise', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (text) => {
        fc.pre(!/[\r\n\0]/.test(text));
        const parsed = parseSecret(text);
        expect('value' in parsed && parsed.value.reveal()).toBe(text);
      }),
    );
  });
});

describe('a secret from a file', () => {
  it.each([
    ['no line break', 'abc', 'abc'],
    ['one line break', 'abc\n', 'abc'],
    ['one line break of Windows', 'abc\r\n', 'abc'],
    ['a byte order mark', '\ufeffabc\n', 'abc'],
    ['blanks around it', ' abc \n', ' abc '],
    ['letters beyond ASCII', 'pässwörd\n', 'pässwörd'],
    ['the encoding and the line ends of PowerShell', Buffer.from('\ufeffpässwörd\r\n', 'utf16le'), 'pässwörd'],
  ])('may have %s', async (_, content, secret) => {
    expect(secretOf(await aFile(content))).toBe(secret);
  });

  it.each([
    ['empty', '', 'the secret is empty'],
    ['only a line break', '\n', 'the secret is empty'],
    ['two line breaks', 'abc\n\n', 'line break'],
    ['two lines', 'abc\ndef', 'line break'],
    ['a NUL', 'abc\0def', 'NUL'],
    ['half a character of UTF-16', Buffer.from('\ufeffabc\ud800', 'utf16le'), 'not UTF-8'],
    ['UTF-16 that does not say so', Buffer.from('äbc', 'utf16le'), 'not UTF-8'],
    ['over 64 KiB', 'a'.repeat(64 * 1024 + 1), 'larger than 64 KiB'],
  ])('is refused when the file is or holds %s, and nothing of it is repeated', async (_, content, reason) => {
    const problem = secretOf(await aFile(content));
    expect(problem).toContain(reason);
    expect(problem).not.toMatch(/abc|def|aaa/);
  });

  it('may be as long as 64 KiB', async () => {
    expect(secretOf(await aFile('a'.repeat(64 * 1024)))).toHaveLength(64 * 1024);
  });

  it('is refused when the name leads nowhere, and the name, which may be the secret, is not repeated', () => {
    for (const name of ['hunter2', 'hunter2'.repeat(1000), 'hunter2\0', 'hunter2/x']) {
      const problem = secretOf(join(folder, name));
      expect(problem).toContain('does not exist');
      expect(problem).not.toContain('hunter2');
    }
  });

  it('is refused when a part of its path is a file', async () => {
    expect(secretOf(join(await aFile('x'), 'y'))).toContain('does not exist');
  });

  it('is refused when the name is that of a folder', async () => {
    await mkdir(join(folder, 'sub'), { recursive: true });
    expect(secretOf(join(folder, 'sub'))).toContain('is a folder');
  });

  it('is refused, and not waited for, when the file is a pipe that nobody writes to', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('sh', ['-c', 'mkfifo "$0"', pipe]);
    expect(secretOf(pipe)).toContain('not a regular file');
  });

  it.skipIf(process.getuid?.() === 0)('is refused when this user may not read it', async () => {
    expect(secretOf(await aFile('abc', 0o000))).toContain('may not be read');
  });

  it.each([
    [0o600, false],
    [0o640, false],
    [0o644, true],
    [0o604, true],
  ])('with mode %o gives a warning: %s', async (mode, isExposed) => {
    const read = readSecretFile(await aFile('abc', mode));
    const warning = 'problem' in read ? read.problem : read.warning;
    if (isExposed) expect(warning).toMatch(/every user of this machine.*chmod 600/);
    else expect(warning).toBeUndefined();
  });
});

const { cert: certificate } = await makeCertificate(['localhost']);

describe('a PEM file', () => {
  const key = '-----BEGIN EC PRIVATE KEY-----\nMIIB\n-----END EC PRIVATE KEY-----\n';

  it.each([
    ['CERTIFICATE', certificate],
    ['CERTIFICATE', `subject=Jürgen\n${certificate}`],
    ['CERTIFICATE', certificate.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE').replaceAll('\n', '\r\n')],
    ['PRIVATE KEY', key],
    ['PRIVATE KEY', key.replaceAll('EC ', '')],
  ] as const)('holds a %s', async (block, content) => {
    const path = await aFile(content);
    expect(checkPemFile(path, block)).toMatchObject({ value: path });
  });

  it.each([
    ['CERTIFICATE', Buffer.from([0x30, 0x82, 0x01, 0x00])],
    ['CERTIFICATE', ''],
    ['CERTIFICATE', key],
    ['CERTIFICATE', certificate.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST')],
    ['PRIVATE KEY', certificate],
    ['PRIVATE KEY', key.replaceAll('PRIVATE', 'PUBLIC')],
  ] as const)('that should hold a %s is refused without it', async (block, content) => {
    expect(checkPemFile(await aFile(content), block)).toEqual({
      problem: expect.stringContaining(`no line -----BEGIN ${block}-----`) as string,
    });
  });

  it.each([
    ['cut off', certificate.slice(0, -30)],
    ['joined to another', certificate.trimEnd() + certificate],
    ['on one line', certificate.replaceAll('\n', '')],
    ['empty', certificate.replace(/\n[^-]*\n/, '\n')],
    ['damaged', certificate.replace(/\n.{20}/, '\nMIIC')],
  ])('whose block is %s is refused with its place, whichever it is', async (_, broken) => {
    const problem = expect.stringMatching(/(block|certificate) [12] of .*\(line \d+\)/) as string;
    expect(checkPemFile(await aFile(broken), 'CERTIFICATE')).toEqual({ problem });
    expect(checkPemFile(await aFile(certificate + broken), 'CERTIFICATE')).toEqual({ problem });
  });

  it('of a key that is cut off is refused without its name', async () => {
    const problem =
      'block 1 of the file that it names is cut off (line 1): it has no line -----END EC PRIVATE KEY-----';
    expect(checkPemFile(await aFile(key.slice(0, -32)), 'PRIVATE KEY')).toEqual({ problem });
  });

  it('is named in the problem, unless it should be a key: who mixes things up gives the key itself', () => {
    const missing = join(folder, 'nowhere.pem');
    expect(checkPemFile(missing, 'CERTIFICATE')).toEqual({ problem: `"${missing}" does not exist` });
    expect(checkPemFile(key, 'PRIVATE KEY')).toEqual({ problem: 'the file that it names does not exist' });
  });

  it.each([
    key.replaceAll('EC', 'ENCRYPTED'),
    key.replace('MIIB', 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMIIB'),
  ])('with an encrypted key is refused: nobody could type the passphrase', async (content) => {
    expect(checkPemFile(await aFile(content), 'PRIVATE KEY')).toEqual({
      problem: expect.stringContaining('encrypted') as string,
    });
  });

  it('gives a warning when everybody may read the key, but not for a certificate', async () => {
    expect(checkPemFile(await aFile(key, 0o644), 'PRIVATE KEY')).toMatchObject({
      warning: expect.stringContaining('every user') as string,
    });
    expect(checkPemFile(await aFile(certificate, 0o644), 'CERTIFICATE')).toMatchObject({ warning: undefined });
  });
});

describe('an address', () => {
  it.each([
    ['https://host:8443', '"https://host:8443"'],
    ['https://host/auth/sessioncheck/admin/c0ffee', '"https://host…"'],
    ['https://host?token=c0ffee', '"https://host…"'],
    ['https://host#c0ffee', '"https://host…"'],
    ['host/c0ffee', '"host…"'],
    ['https:\\\\host\\c0ffee', '"https:…"'],
    ['https://user:c0ffee@host', 'an address with credentials'],
    ['user:c0ffee@host', 'an address with credentials'],
    ['https://user:c0ffee%40host', 'an address with credentials'],
    ['https://host\u001b[31m', '"https://host\\x1b[31m"'],
  ])('%j is shown as %s', (text, shown) => {
    expect(showAddress(text)).toBe(shown);
  });
});
