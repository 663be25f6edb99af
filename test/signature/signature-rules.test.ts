import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSignatureRules } from '../../src/signature/signature-rules.js';
import { UsageError } from '../../src/core/usage-error.js';
import { Openssl } from '../simulator/openssl.js';

const openssl = new Openssl();
let folder: string;
let pem: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signature-rules-'));
  pem = readFileSync(openssl.makeOwner('ec-p256').cert, 'utf8');
});
afterAll(() => {
  openssl.remove();
  rmSync(folder, { recursive: true });
});

function rulesFor(trust: string, checkSignatures?: 'full') {
  const path = join(folder, 'trust.pem');
  writeFileSync(path, trust);
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
