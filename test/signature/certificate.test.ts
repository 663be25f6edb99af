import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inside, parseStructure, TAG, valueOf } from '../../src/signature/asn1.js';
import type { Element } from '../../src/signature/asn1.js';
import { nameText, readCertificate } from '../../src/signature/certificate.js';
import { Openssl } from '../simulator/openssl.js';
import type { KeyKind } from '../simulator/openssl.js';

const openssl = new Openssl();
afterAll(() => openssl.remove());

const made = new Map<string, Buffer>();

/** The DER of a certificate of its own key; made once, since each costs a process. */
function der(kind: KeyKind, ...options: readonly string[]): Buffer {
  const name = [kind, ...options].join(' ');
  const bytes = made.get(name) ?? new X509Certificate(readFileSync(openssl.makeOwner(kind, options).cert)).raw;
  made.set(name, bytes);
  return bytes;
}

function read(bytes: Buffer) {
  const structure = parseStructure(bytes);
  return typeof structure === 'string' ? undefined : readCertificate(structure);
}

/** The fields of a certificate whose own signature nobody asks for, to be changed. */
function fieldsOf(bytes: Buffer): { readonly certificate: Element; readonly fields: readonly Element[] } {
  const certificate = parseStructure(bytes);
  if (typeof certificate === 'string') throw new Error(certificate);
  return { certificate, fields: inside(inside(certificate, TAG.sequence)[0], TAG.sequence) };
}

describe('a certificate is read as OpenSSL reads it', () => {
  it.each<KeyKind>(['rsa', 'rsa-pss', 'ec-p256', 'ec-p384', 'ec-p521'])('with its key and its days: %s', (kind) => {
    const bytes = der(kind);
    const theirs = new X509Certificate(bytes);
    const ours = read(bytes);
    expect(ours?.publicKey?.equals(theirs.publicKey)).toBe(true);
    expect(ours).toMatchObject({ validFrom: Date.parse(theirs.validFrom), validTo: Date.parse(theirs.validTo) });
  });

  it.each([
    ['an unusual curve', 'brainpoolP256r1', []],
    ['a point in short', 'P-256', ['-conv_form', 'compressed']],
  ])('with a key of another kind: %s', (_, curve, form) => {
    const key = openssl.file('');
    openssl.run('genpkey', '-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`, '-out', key);
    const formed = openssl.file(openssl.run('ec', '-in', key, ...form));
    const theirs = new X509Certificate(openssl.run('req', '-x509', '-new', '-key', formed, '-subj', '/CN=Ann'));
    const toBytes = (of: KeyObject | undefined) => of?.export({ type: 'spki', format: 'der' });
    expect(toBytes(read(theirs.raw)?.publicKey)).toEqual(toBytes(theirs.publicKey));
  });

  it.each([
    '/C=MY/ST=Selangor/L=Klang/O=Bank/OU=IT/DC=bank/CN=Ann Lee/SN=Lee/GN=Ann/title=Dr/serialNumber=E-1/emailAddress=a@b.c',
    '/O=Bank/CN=Ann Lee+UID=ann.lee',
    '/CN=Nguyễn Thị Hương/description=free',
    '/',
  ])('with the names of %s', (subject) => {
    const bytes = der('ec-p256', '-utf8', '-multivalue-rdn', '-subj', subject);
    const theirs = (new X509Certificate(bytes) as Partial<X509Certificate>).subject ?? '';
    const ours = read(bytes);
    expect(nameText(ours?.subject ?? []).replaceAll('2.5.4.13=', 'description=')).toBe(
      theirs.replaceAll(/\n| \+ /g, ', '),
    );
    expect(ours?.issuer).toEqual(ours?.subject);
  });
});

it.each([
  [0x0c, 'Anễ', Buffer.from('Anễ')],
  [0x13, 'Ann', Buffer.from('Ann')],
  [0x14, 'Ané', Buffer.from('Ané', 'latin1')],
  [0x1e, 'Anễ', Buffer.from('Anễ', 'utf16le').swap16()],
  [0x1c, 'A😀', Buffer.of(0, 0, 0, 0x41, 0, 1, 0xf6, 0)],
  [0x1c, '\ufffd', Buffer.of(0x7f, 0, 0, 0)],
])('a name of type %s is %s', (type, text, bytes) => {
  const { certificate, fields } = fieldsOf(der('ec-p256', '-subj', '/CN=Ann'));
  const [set] = inside(fields[5], TAG.sequence);
  const value = inside(inside(set, TAG.set)[0], TAG.sequence)[1];
  Object.assign(value!, { type, value: bytes.toString('latin1') });
  expect(readCertificate(certificate)?.subject).toEqual([{ type: 'CN', value: text }]);
});

it('alternative names are the addresses, and the user of Windows', () => {
  const names = 'subjectAltName=email:ann@bank.example,DNS:bank.example,otherName:msUPN;UTF8:ann@ad.example';
  const bytes = der('ec-p256', '-subj', '/CN=Ann', '-addext', names);
  expect(read(bytes)).toMatchObject({ emails: ['ann@bank.example'], userNames: ['ann@ad.example'] });
  expect(read(der('ec-p256'))).toMatchObject({ emails: [], userNames: [] });
});

describe('a time', () => {
  it.each([
    [0x18, '20491231235959Z', '2049-12-31T23:59:59Z'],
    [0x18, '99991231235959Z', '9999-12-31T23:59:59Z'],
    [0x18, '202601020304Z', '2026-01-02T03:04:00Z'],
    [0x18, '20260102030405.678Z', '2026-01-02T03:04:05Z'],
    [0x18, '20260102030405+0800', '2026-01-02T03:04:05+08:00'],
    [0x17, '491231235959Z', '2049-12-31T23:59:59Z'],
    [0x17, '500101000000Z', '1950-01-01T00:00:00Z'],
    [0x17, '2601020304Z', '2026-01-02T03:04:00Z'],
  ])('of type %s, %s, is %s', (type, text, time) => {
    expect(withTime(type, text)?.validTo).toBe(Date.parse(time));
  });

  it.each(['', 'soon', '20261301000000Z', '20260101000000', '2026-01-01T00:00:00Z'])('is none: %j', (text) => {
    expect(withTime(0x18, text)).toBeUndefined();
  });

  function withTime(type: number, value: string) {
    const { certificate, fields } = fieldsOf(der('ec-p256', '-subj', '/CN=Ann'));
    Object.assign(inside(fields[4], TAG.sequence)[1]!, { type, value });
    return readCertificate(certificate);
  }
});

it('a certificate that lacks a field, or has a part too many, is damaged', () => {
  const bytes = der('ec-p256', '-subj', '/CN=Ann');
  for (let field = 1; field < 7; field += 1) {
    const { certificate, fields } = fieldsOf(bytes);
    (fields as Element[]).splice(field, 1);
    expect([field, readCertificate(certificate)]).toEqual([field, undefined]);
  }
  const { certificate, fields } = fieldsOf(bytes);
  (inside(certificate, TAG.sequence) as Element[]).push(fields[1]!);
  expect(readCertificate(certificate)).toBeUndefined();
  expect(readCertificate(undefined)).toBeUndefined();
});

it('a certificate that names another way of signing outside than inside is damaged', () => {
  const { certificate, fields } = fieldsOf(der('ec-p256', '-subj', '/CN=Ann'));
  const [, algorithm] = inside(certificate, TAG.sequence);
  for (const scheme of [algorithm, fields[2]]) {
    const [oid] = inside(scheme, TAG.sequence);
    const value = valueOf(oid, TAG.oid);
    Object.assign(oid!, { value: `${value?.slice(0, -1)}\x01` });
    expect(readCertificate(certificate)).toBeUndefined();
    Object.assign(oid!, { value });
  }
  expect(readCertificate(certificate)).toBeDefined();
});

describe('by law', () => {
  let files: readonly Buffer[];

  beforeAll(() => {
    files = [der('rsa'), der('ec-p256', '-subj', '/CN=Ann', '-addext', 'subjectAltName=email:ann@bank.example')];
  });

  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 });

  it('whatever is changed, what both read is the same, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.nat(), changes, (which, changed) => {
        const bytes = Buffer.from(files[which % files.length]!);
        for (const [at, value] of changed) bytes[at % bytes.length] = value;
        const ours = read(bytes);
        const theirs = openTheirs(bytes);
        if (ours?.publicKey === undefined || theirs === undefined) return;
        expect(ours.publicKey.equals(theirs.publicKey)).toBe(true);
        expect([ours.validFrom, ours.validTo]).toEqual([theirs.validFrom, theirs.validTo]);
      }),
      { numRuns: 1000 },
    );
  });

  it('whatever is changed in a key, it is one for us only where it is one for OpenSSL', () => {
    fc.assert(
      fc.property(fc.nat(), changes, (which, changed) => {
        const bytes = Buffer.from(files[which % files.length]!);
        const key = new X509Certificate(bytes).publicKey.export({ type: 'spki', format: 'der' });
        const from = bytes.indexOf(key);
        for (const [at, value] of changed) bytes[from + (at % key.length)] = value;
        if (read(bytes)?.publicKey !== undefined) expect(openTheirs(bytes)).toBeDefined();
      }),
      { numRuns: 1000 },
    );
  });

  function openTheirs(bytes: Buffer) {
    try {
      const { publicKey, validFrom, validTo } = new X509Certificate(bytes);
      const times = { validFrom: Date.parse(validFrom), validTo: Date.parse(validTo) };
      return Number.isNaN(times.validFrom) || Number.isNaN(times.validTo) ? undefined : { publicKey, ...times };
    } catch {
      return undefined;
    }
  }
});
