import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Null } from 'asn1js';
import { AlgorithmIdentifier, RSASSAPSSParams } from 'pkijs';
import { digestOf, isSignatureValid, schemeOf } from '../../src/simulator/signature-scheme.js';

const anAlgorithm = (algorithmId: string): AlgorithmIdentifier =>
  new AlgorithmIdentifier({ algorithmId, algorithmParams: new Null() });

test.each([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
  ['1.2.840.113549.1.1.5', 'sha1'],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.113549.1.1.1', undefined],
  ['2.16.840.1.101.3.4.2.4', undefined],
])('the digest of %s is %s', (oid, digest) => {
  expect(digestOf(anAlgorithm(oid))).toBe(digest);
});

test.each([
  ['1.2.840.113549.1.1.1', { family: 'rsa' }],
  ['1.2.840.113549.1.1.13', { family: 'rsa', digest: 'sha512' }],
  ['1.2.840.10045.2.1', { family: 'ec' }],
  ['1.2.840.10045.4.1', { family: 'ec', digest: 'sha1' }],
  ['1.2.840.10045.4.3.3', { family: 'ec', digest: 'sha384' }],
  ['1.2.840.113549.1.1.4', undefined],
  ['1.3.101.112', undefined],
])('the scheme of %s', (oid, scheme) => {
  expect(schemeOf(anAlgorithm(oid))).toEqual(scheme);
});

describe('RSA-PSS', () => {
  const schemeOfParameters = (parameters: ConstructorParameters<typeof RSASSAPSSParams>[0]) =>
    schemeOf(
      new AlgorithmIdentifier({
        algorithmId: '1.2.840.113549.1.1.10',
        algorithmParams: new RSASSAPSSParams(parameters).toSchema(),
      }),
    );

  test('has SHA-1 and a salt of 20 bytes where nothing is said', () => {
    expect(schemeOfParameters({})).toEqual({ family: 'rsa-pss', digest: 'sha1', saltLength: 20 });
  });

  test('has one digest, the one trailer and a salt of a length', () => {
    expect(schemeOfParameters({ saltLength: 0 })).toMatchObject({ saltLength: 0 });
    expect(schemeOfParameters({ saltLength: -2 })).toBeUndefined();
    expect(schemeOfParameters({ trailerField: 2 })).toBeUndefined();
    expect(schemeOfParameters({ hashAlgorithm: anAlgorithm('2.16.840.1.101.3.4.2.1') })).toBeUndefined();
  });
});

test('a signature is valid for its own scheme, digest, bytes and kind of key only', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = Buffer.from('1111');
  const signature = sign('sha256', signed, privateKey);
  const check = { scheme: { family: 'rsa' }, digest: 'sha256', publicKey, signed, signature } as const;
  expect(isSignatureValid(check)).toBe(true);
  expect(isSignatureValid({ ...check, digest: 'sha1' })).toBe(false);
  expect(isSignatureValid({ ...check, signed: Buffer.from('1112') })).toBe(false);
  expect(isSignatureValid({ ...check, publicKey: other.publicKey })).toBe(false);
  expect(isSignatureValid({ ...check, scheme: { family: 'ec' } })).toBe(false);

  const pss = { family: 'rsa-pss', digest: 'sha256', saltLength: 32 } as const;
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const salted = sign('sha256', signed, { key: privateKey, padding, saltLength: 32 });
  expect(isSignatureValid({ ...check, scheme: pss })).toBe(false);
  expect(isSignatureValid({ ...check, scheme: pss, signature: salted })).toBe(true);
  expect(isSignatureValid({ ...check, scheme: { ...pss, saltLength: 20 }, signature: salted })).toBe(false);
  expect(isSignatureValid({ ...check, scheme: pss, publicKey: other.publicKey, signature: salted })).toBe(false);
});
