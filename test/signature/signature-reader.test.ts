import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSignatureReader } from '../../src/signature/signature-reader.js';
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
