import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/usage-error.js';
import { openSignatureReader, openSignatureRules } from '../../src/signature/signature-reader.js';
import { Openssl } from '../simulator/openssl.js';
import { aRegistration } from '../support/builders.js';

const SAMPLE = join(import.meta.dirname, '../../samples/signatures/finance/aisyah.rahman.p7s');
let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'signature-reader-'));
  fs.copyFileSync(SAMPLE, join(folder, 'a.p7s'));
  fs.writeFileSync(join(folder, 'b.p7s'), 'no signature');
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

function read(signaturePath: string) {
  return openSignatureReader(
    folder,
    { checks: 'basic', trust: [] },
    { now: () => 0 },
  )(aRegistration({ signaturePath }));
}

function reasonOf(signaturePath: string): string {
  const reading = read(signaturePath);
  if (!('rejection' in reading)) throw new Error('a rejection was expected');
  expect(reading.rejection.column).toBe('signature_path');
  return reading.rejection.reason;
}

it('reads what the row names', () => {
  expect(read('a.p7s')).toHaveProperty('signature.bytes');
  expect(reasonOf('b.p7s')).toMatch(/^signature file "b.p7s" is not a PKCS#7 signature/);
});

it('blames the machine, and not the row, where there is no folder to look in', () => {
  const reading = openSignatureReader(
    '/nowhere',
    { checks: 'basic', trust: [] },
    { now: () => 0 },
  )(aRegistration({ signaturePath: 'a.p7s' }));
  const says = 'signature file "a.p7s" cannot be read: the signature folder "/nowhere" does not exist';
  const reason: unknown = expect.stringContaining(says);
  expect(reading).toEqual({ fault: { column: 'signature_path', reason } });
});

it('shows the path as given, with control characters escaped', () => {
  expect(reasonOf('sub\\a\u001b[31m\n\u202e.p7s')).toBe(
    'signature file "sub\\a\\x1b[31m\\x0a\\u202e.p7s" does not exist; correct the path or add it',
  );
});

it('cuts a very long path in the message', () => {
  const reason = reasonOf('x'.repeat(1024 * 1024));
  expect(reason).toMatch(/x…" has a name that is too long for the disk; correct the path$/);
  expect(reason.length).toBeLessThan(500);
});

describe('rules', () => {
  const openssl = new Openssl();
  let pem: string;

  beforeAll(() => {
    pem = fs.readFileSync(openssl.makeOwner('ec-p256').cert, 'utf8');
  });
  afterAll(() => openssl.remove());

  function rulesFor(trust: string, checkSignatures?: 'full') {
    const path = join(folder, 'trust.pem');
    fs.writeFileSync(path, trust);
    return openSignatureRules({ trust: path, checkSignatures });
  }

  it('are full, unless the operator says something else', () => {
    expect(openSignatureRules({ trust: undefined, checkSignatures: undefined })).toEqual({ checks: 'full', trust: [] });
    expect(openSignatureRules({ trust: undefined, checkSignatures: 'off' })).toEqual({ checks: 'off', trust: [] });
  });

  it('are full where authorities are given, each of them', () => {
    expect(rulesFor(`a comment\n${pem}\n${pem}`)).toMatchObject({ checks: 'full', trust: { length: 2 } });
    expect(rulesFor(pem.replaceAll('\n', '\r\n'), 'full').trust[0]?.subject).toContain('CN=owner');
  });

  it('need certificates that can be read', () => {
    const damaged = pem.replace(/\n[^-]{20}/, '\nMIIC');
    expect(() => rulesFor(pem + damaged)).toThrow(UsageError);
    expect(() => rulesFor(pem + damaged)).toThrow(/certificate 2 of .*trust.pem can't be read/);
  });
});
