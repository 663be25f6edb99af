import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import forge from 'node-forge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Algorithm } from '../../src/row/registration.js';
import type { SignatureJudgement } from '../../src/signature/signature.js';
import { toBase64 } from '../../src/signature/signature.js';
import { readSignature } from '../../src/signature/read-signature.js';
import { aRegistration } from '../support/builders.js';
import { workOf } from '../support/work.js';
import { runs } from '../support/suite.js';

const MIB = 1024 * 1024;
const SIGNED_DATA = '1.2.840.113549.1.7.2';
let lab: string;
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

function readContent(content: string | Uint8Array, algorithm?: Algorithm): SignatureJudgement {
  return readSignature(Buffer.from(content), aRegistration({ signaturePath: 'content.p7s', algorithm }), {
    checks: 'basic',
    nowMs: 0,
    trust: [],
  });
}

/** `algorithm` is one of its digits. */
function aReading(bytes: Buffer, algorithm: string) {
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { signature: { bytes, algorithm, digest } };
}

function problemOf(reading: SignatureJudgement): string {
  if ('rejection' in reading) return reading.rejection.reason;
  throw new Error('a problem was expected, and a signature was read');
}

function base64Of(reading: SignatureJudgement): string {
  if ('signature' in reading) return toBase64(reading.signature.bytes);
  throw new Error(reading.rejection.reason);
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
  readonly certificate?: Buffer;
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
  const certificates = tlv(0xa0, changes.certificate ?? aCertificate());
  const signers = changes.signers ?? tlv(0x31, aSigner({ digest: changes.digest }));
  const fields = [tlv(0x02, Buffer.from([1])), tlv(0x31), encapsulated, certificates, signers];
  return tlv(0x30, type, tlv(0xa0, tlv(0x30, ...fields)));
}

const SERIAL = tlv(0x02, Buffer.from([7]));
const ISSUER = aName(tlv(0x0c, Buffer.from('Zoë  CA')));
const SHA256 = tlv(0x30, oid('2.16.840.1.101.3.4.2.1'));

function aName(...texts: readonly Buffer[]): Buffer {
  return tlv(0x30, ...texts.map((text) => tlv(0x31, tlv(0x30, oid('2.5.4.3'), text))));
}

function aSigner({
  digest = SHA256,
  id = tlv(0x30, ISSUER, SERIAL),
}: Partial<Record<'digest' | 'id', Buffer | undefined>>) {
  return tlv(0x30, tlv(0x02, Buffer.from([1])), id, digest, tlv(0x30), tlv(0x04));
}

/** No more of a certificate than what says whose it is. */
function aCertificate(...more: readonly Buffer[]): Buffer {
  return tlv(0x30, tlv(0x30, SERIAL, tlv(0x30), ISSUER, ...more));
}

function signedDataOf(...fields: readonly Buffer[]): Buffer {
  return tlv(0x30, oid(SIGNED_DATA), tlv(0xa0, tlv(0x30, ...fields)));
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

/** That the time was granted, and its token. */
function aTimestampReply(token: Buffer): Buffer {
  const inside = Buffer.concat([Buffer.of(0x30, 3, 2, 1, 0), token]);
  return Buffer.concat([Buffer.of(0x30, 0x82, inside.length >> 8, inside.length & 0xff), inside]);
}

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
    expect(readContent(content())).toEqual(aReading(der, '1'));
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
    [
      'an old private key as DER',
      () => openssl('rsa', '-in', 'rsa.key', '-traditional', '-outform', 'DER'),
      'is a private key',
    ],
    [
      'a private key under a password as DER',
      () => openssl('pkcs8', '-topk8', '-in', 'rsa.key', '-passout', 'pass:x', '-outform', 'DER'),
      'is a private key',
    ],
    ['a public key as DER', () => openssl('pkey', '-in', 'rsa.key', '-pubout', '-outform', 'DER'), 'or a public key'],
    [
      'a timestamp request',
      () => openssl('ts', '-query', '-data', 'rsa.crt', '-sha256', '-cert'),
      'is a timestamp request',
    ],
    ['a timestamp reply', () => aTimestampReply(der), 'is a timestamp request or reply'],
    ['half a timestamp request, which may be anything', () => Buffer.of(0x30, 0x39, 2, 1, 1, 0x30), 'is a private key'],
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
        expect(readContent(whole.slice(0, length))).toHaveProperty('rejection');
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
  ])('is %s for a signature that openssl makes with %s', (algorithm, digest) => {
    expect(readContent(sign('-md', digest))).toMatchObject({ signature: { algorithm } });
  });

  it('is found whatever else the signature holds', () => {
    for (const options of [['-noattr'], ['-keyid'], ['-noattr', '-keyid'], ['-certfile', 'ec.crt']]) {
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

  it.each([
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
  ])('is %s for the digest %s, %s', (algorithm, digest) => {
    const bytes = aSignedData({ digest: tlv(0x30, oid(digest), tlv(0x05)) });
    expect(readContent(bytes)).toEqual(aReading(bytes, algorithm));
  });

  it.each(['1.2.840.113549.2.5', '2.16.840.1.101.3.4.2.8'])('must have a number: %s has none', (digest) => {
    const reading = readContent(aSignedData({ digest: tlv(0x30, oid(digest)) }));
    expect(problemOf(reading)).toContain('is made with a digest that CENTAGATE has no number for');
    for (const odd of [tlv(0x30), tlv(0x05)]) {
      expect(problemOf(readContent(aSignedData({ digest: odd })))).toContain('CENTAGATE has no number for');
    }
  });

  it('must be the one that the column names, if it names one', () => {
    expect(readContent(der, '1')).toHaveProperty('signature.algorithm', '1');
    expect(readContent(der, '3')).toEqual({
      rejection: {
        column: 'algorithm',
        reason: 'says sha512, but signature file "content.p7s" is made with sha256: correct it or leave it empty',
      },
    });
  });
});

describe('the signer', () => {
  it('is one alone', () => {
    const both = sign('-md', 'sha256', ...signerOf('ec'));
    expect(problemOf(readContent(both))).toContain('holds 2 signers, and CENTAGATE takes one');
  });

  it('must have a digest to be made out', () => {
    for (const signer of [tlv(0x05), tlv(0x30), tlv(0x30, tlv(0x05), tlv(0x05))]) {
      const reading = readContent(aSignedData({ signers: tlv(0x31, signer) }));
      expect(problemOf(reading)).toContain('CENTAGATE has no number for');
    }
  });

  it('brings the certificate, which other ones may accompany', () => {
    expect(problemOf(readContent(sign('-nocerts')))).toContain('lacks the certificate of its signer');
    expect(problemOf(readContent(sign('-nocerts', '-certfile', 'ec.crt')))).toContain('lacks the certificate');
    expect(readContent(sign('-certfile', 'ec.crt'))).toHaveProperty('signature');
    expect(problemOf(readContent(sign('-nocerts', '-keyid', '-certfile', 'ec.crt')))).toContain('lacks');
  });

  it.each<[string, Buffer]>([
    ['another string type', aName(tlv(0x14, Buffer.from('Zoë  CA', 'latin1')))],
    ['UTF-16', aName(tlv(0x1e, Buffer.from('Zoë  CA', 'utf16le').swap16()))],
    ['another letter case and spacing', aName(tlv(0x0c, Buffer.from(' zOË CA')))],
  ])('may name the issuer in %s', (_, issuer) => {
    const signers = tlv(0x31, aSigner({ id: tlv(0x30, issuer, SERIAL) }));
    expect(readContent(aSignedData({ signers }))).toHaveProperty('signature');
  });

  it.each<[string, Buffer]>([
    ['another issuer', tlv(0x30, aName(tlv(0x0c, Buffer.from('CA'))), SERIAL)],
    ['another serial number', tlv(0x30, ISSUER, tlv(0x02, Buffer.from([8])))],
    ['nothing', tlv(0x30)],
    ['a key identifier, which the certificate has none of', tlv(0x80, Buffer.from('key'))],
  ])('is not found by %s', (_, id) => {
    const reading = readContent(aSignedData({ signers: tlv(0x31, aSigner({ id })) }));
    expect(problemOf(reading)).toContain('lacks the certificate of its signer');
  });

  it('is not found in what is no certificate', () => {
    for (const certificate of [tlv(0x30), tlv(0x05), tlv(0x30, tlv(0x30)), tlv(0xa1, SERIAL)]) {
      expect(problemOf(readContent(aSignedData({ certificate })))).toContain('lacks the certificate of its signer');
    }
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
      runs(300),
    );
  });

  it('whatever the bytes, the answer is a signature or one sentence, and comes soon', () => {
    const begun = fc.constantFrom('', '0\x80', '0\x82\x01\x00', '\ufeff', 'MII', '-----BEGIN PKCS7-----', '\xff\xfe');
    const bytes = fc.tuple(begun, fc.uint8Array({ maxLength: 3000 }), fc.boolean());
    fc.assert(
      fc.property(bytes, ([head, rest, isText]) => {
        const tail = isText ? Buffer.from(Buffer.from(rest).toString('base64')) : rest;
        const content = Buffer.concat([Buffer.from(head, 'latin1'), tail]);
        expect(workOf(() => readContent(content))).toBeLessThan(1000);
        const reading = readContent(content);
        if ('rejection' in reading)
          expect(reading.rejection.reason).toMatch(/^signature file "content.p7s" [^\n]+; [^\n]+$/);
      }),
      runs(1000),
    );
  });

  it('whatever is changed in a signature, the answer is a signature of those bytes or a problem', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(der);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const reading = readContent(bytes);
        if ('signature' in reading) expect(reading.signature.bytes).toEqual(bytes);
      }),
      runs(1000),
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
      expect(workOf(() => expect(readContent(content)).toHaveProperty('rejection'))).toBeLessThan(5000);
    }
  });
});

describe('with its checks switched off', () => {
  const SIGNED = oid('1.2.840.113549.1.7.2');
  const SECRET = Buffer.from('correct horse battery staple');
  /** The same without a length, up to an end mark (BER). */
  const endless = (der: Buffer) =>
    Buffer.concat([
      Buffer.from([0x30, 0x80]),
      der.subarray((der[1] ?? 0) > 0x80 ? 2 + (der[1]! & 0x7f) : 2),
      Buffer.alloc(2),
    ]);
  const read = (content: string | Uint8Array): SignatureJudgement =>
    readSignature(Buffer.from(content), aRegistration({ signaturePath: 'content.p7s' }), {
      checks: 'off',
      nowMs: 0,
      trust: [],
    });

  it('is sent as it is, damaged, detached or of another kind of content', () => {
    const whole = sign();
    const damaged = Buffer.from(whole).fill(0xff, whole.length - 20);
    const enveloped = aSignedData({ contentType: '1.2.840.113549.1.7.3' });
    const hollow = tlv(0x30, SIGNED, tlv(0xa0, tlv(0x30, tlv(0x02, Buffer.from([9])))));
    for (const bytes of [whole, damaged, signDetached(), enveloped, hollow, endless(hollow)]) {
      expect('signature' in read(bytes)).toBe(true);
    }
  });

  it.each([
    ['a line of text', 'correct horse battery staple'],
    ['a word that may be base64', 'hunter2hunter2hunter2'],
    ['a token', 'eyJhbGciOiJIUzI1NiJ9'],
    ['base64 of a text', Buffer.from('0 is how many structures begin, as text').toString('base64')],
    ['another structure', tlv(0x30, oid('2.16.840.1.101.3.4.2.1'), tlv(0x04, Buffer.from('secret')))],
    ['a structure without a type', tlv(0x30, tlv(0x04, Buffer.from('secret')))],
    ['its first byte alone', Buffer.from([0x30])],
    ['a certificate', aCertificate()],
    ['a private key', tlv(0x30, tlv(0x02, Buffer.from([0])), tlv(0x04, Buffer.from('secret')))],
    [
      'the head of one, and a text',
      Buffer.concat([Buffer.from([0x30, SIGNED.length + SECRET.length]), SIGNED, SECRET]),
    ],
    ['a text where its content would be', tlv(0x30, SIGNED, tlv(0xa0, SECRET))],
    ['a text within its content', tlv(0x30, SIGNED, tlv(0xa0, tlv(0x30, SECRET)))],
    ['a text behind its content', tlv(0x30, SIGNED, tlv(0xa0, tlv(0x30), tlv(0x04, SECRET)))],
    ['one of plain data', tlv(0x30, oid('1.2.840.113549.1.7.1'), tlv(0xa0, tlv(0x04, SECRET)))],
  ])('is refused where it is no PKCS#7 container at all: %s', (_, content) => {
    expect(problemOf(read(content))).toMatch(/is not|is no|is a certificate|is a private key|is cut off|damaged/);
  });

  it('is refused where it is cut off, or where there is more behind it', () => {
    const whole = sign();
    for (const bytes of [whole.subarray(0, -1), whole.subarray(0, 100)])
      expect(read(bytes)).toHaveProperty('rejection');
    for (const more of [SECRET, Buffer.from('\n'), Buffer.alloc(1)]) {
      expect(read(Buffer.concat([whole, more]))).toHaveProperty('rejection');
    }
  });
});
