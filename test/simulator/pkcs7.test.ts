import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OctetString, Utf8String } from 'asn1js';
import { RSASSAPSSParams } from 'pkijs';
import fc from 'fast-check';
import { Pkcs7Error, verifyPkcs7 } from '../../src/simulator/pkcs7.js';
import { asVendorWrites, Openssl, replaceBytes, rework, type KeyKind, type Owner } from './openssl.js';

const openssl = new Openssl();
const kinds: readonly KeyKind[] = ['rsa', 'rsa-pss', 'ec-p256', 'ec-p384', 'ec-p521'];
const digests = ['sha1', 'sha256', 'sha384', 'sha512'] as const;
const PSS = ['-keyopt', 'rsa_padding_mode:pss'];
const owners = new Map<KeyKind, Owner>();
const owner = (kind: KeyKind): Owner => owners.get(kind)!;

beforeAll(() => {
  for (const kind of kinds) owners.set(kind, openssl.makeOwner(kind));
});
afterAll(() => openssl.remove());

function digestOf(encoded: Uint8Array): string {
  return verifyPkcs7(encoded).digest;
}

describe('a good signature', () => {
  for (const kind of kinds) {
    for (const digest of digests) {
      test(`${kind} with ${digest} verifies, with and without signed attributes`, () => {
        const options = kind === 'rsa-pss' ? [...PSS, '-md', digest] : ['-md', digest];
        expect(digestOf(openssl.sign(owner(kind), ...options))).toBe(digest);
        expect(digestOf(openssl.sign(owner(kind), ...options, '-noattr'))).toBe(digest);
      });
    }
  }

  test.each(digests)('RSA-PSS padding of a plain RSA key verifies with %s', (digest) => {
    const salt = ['-keyopt', 'rsa_pss_saltlen:11'];
    expect(digestOf(openssl.sign(owner('rsa'), ...PSS, '-md', digest))).toBe(digest);
    expect(digestOf(openssl.sign(owner('rsa'), ...PSS, '-md', digest, ...salt, '-noattr'))).toBe(digest);
  });

  test("the vendor's own kind verifies: no attributes, SHA-1, sha1WithRSAEncryption as the digest", () => {
    const encoded = asVendorWrites(openssl.sign(owner('rsa'), '-md', 'sha1', '-noattr'));
    expect(encoded.includes(Buffer.from('06092a864886f70d010105', 'hex'))).toBe(true);
    expect(digestOf(encoded)).toBe('sha1');
  });

  test('indefinite lengths and content in pieces verify', () => {
    for (const options of [['-noattr'], []]) {
      const encoded = openssl.sign(owner('rsa'), '-md', 'sha256', '-stream', ...options);
      expect(encoded.subarray(0, 2).toString('hex')).toBe('3080');
      expect(digestOf(encoded)).toBe('sha256');
    }
    const large = openssl.file(Buffer.alloc(100_000, '1'));
    expect(digestOf(openssl.sign(owner('rsa'), '-stream', '-in', large))).toBe('sha256');
  });

  test('a signer named by key identifier is found, also by one that is no hash of the key', () => {
    expect(digestOf(openssl.sign(owner('rsa'), '-keyid'))).toBe('sha256');
    const odd = openssl.makeOwner('ec-p256', ['-addext', 'subjectKeyIdentifier=0102030405']);
    expect(digestOf(openssl.sign(odd, '-keyid'))).toBe('sha256');
  });

  test('other certificates beside that of the signer do no harm', () => {
    expect(digestOf(openssl.sign(owner('rsa'), '-certfile', owner('ec-p256').cert))).toBe('sha256');
  });

  test('signed attributes are verified as a DER set, in whatever order they came', () => {
    const encoded = rework(openssl.sign(owner('ec-p256')), ({ signerInfos: [signer] }) => {
      signer!.signedAttrs!.attributes.reverse();
    });
    expect(digestOf(encoded)).toBe('sha256');
  });

  test('the content may be anything, nothing too', () => {
    expect(digestOf(openssl.sign(owner('rsa'), '-in', openssl.file('')))).toBe('sha256');
    expect(digestOf(openssl.sign(owner('rsa'), '-noattr', '-in', openssl.file('\r\n\0ü')))).toBe('sha256');
  });
});

describe('a signature is refused', () => {
  const refusals: readonly (readonly [rule: string, make: () => Uint8Array, problem: string])[] = [
    [
      'when the content was changed (no attributes)',
      () => replaceBytes(openssl.sign(owner('rsa'), '-noattr'), '\x04\x041111', '\x04\x041112'),
      "the signature does not verify with the signer's certificate",
    ],
    [
      'when the content was changed (attributes)',
      () => replaceBytes(openssl.sign(owner('rsa')), '\x04\x041111', '\x04\x041112'),
      'the message digest in its signed attributes is not that of the content',
    ],
    [
      'when the signature was changed',
      () => flipLastBit(openssl.sign(owner('rsa'))),
      "the signature does not verify with the signer's certificate",
    ],
    [
      'when an EC signature was changed',
      () => flipLastBit(openssl.sign(owner('ec-p256'))),
      "the signature does not verify with the signer's certificate",
    ],
    [
      'when it is detached',
      () => openssl.signDetached(owner('rsa')),
      'it is detached: the signed content must be inside',
    ],
    [
      'when it has two signers',
      () => openssl.sign(owner('rsa'), '-signer', owner('ec-p256').cert, '-inkey', owner('ec-p256').key),
      'it has 2 signers, exactly one is expected',
    ],
    [
      'when it has no signer',
      () => openssl.run('crl2pkcs7', '-nocrl', '-certfile', owner('rsa').cert, '-outform', 'DER'),
      'it has 0 signers, exactly one is expected',
    ],
    [
      'when bytes follow it',
      () => Buffer.concat([openssl.sign(owner('rsa')), Buffer.of(0, 0)]),
      '2 bytes follow the PKCS#7 structure',
    ],
    [
      'when bytes follow it in indefinite length',
      () => Buffer.concat([openssl.sign(owner('rsa'), '-stream'), Buffer.of(0x0a)]),
      '1 bytes follow the PKCS#7 structure',
    ],
    ['when it is cut short', () => openssl.sign(owner('rsa')).subarray(0, -1), 'it is not a PKCS#7 structure'],
    ['when it is empty', () => Buffer.alloc(0), 'it is not a PKCS#7 structure'],
    ['when it is text', () => Buffer.from('-----BEGIN PKCS7-----'), 'it is not a PKCS#7 structure'],
    [
      'when it is another ASN.1 structure',
      () => Buffer.of(0x30, 0x03, 0x02, 0x01, 0x01),
      'it is not a PKCS#7 structure',
    ],
    [
      'when it is no SignedData',
      () => openssl.run('cms', '-data_create', '-outform', 'DER', '-in', openssl.file('1111')),
      'it is not SignedData',
    ],
    [
      'when the certificate is missing',
      () => openssl.sign(owner('rsa'), '-nocerts'),
      "the signer's certificate is not embedded",
    ],
    [
      "when only somebody else's certificate is embedded",
      () => openssl.sign(owner('rsa'), '-nocerts', '-certfile', owner('ec-p256').cert),
      "the signer's certificate is not embedded",
    ],
    [
      'when the certificate is missing and the signer is named by key identifier',
      () => openssl.sign(owner('rsa'), '-keyid', '-nocerts', '-certfile', owner('ec-p256').cert),
      "the signer's certificate is not embedded",
    ],
    [
      "when a certificate of the signer's name and number holds another key",
      () => {
        const names = ['-subj', '/CN=twin', '-set_serial', '7'];
        const twin = openssl.makeOwner('rsa', names);
        return openssl.sign(openssl.makeOwner('rsa', names), '-nocerts', '-certfile', twin.cert);
      },
      "the signature does not verify with the signer's certificate",
    ],
    [
      'when the certificate holds a key of another kind',
      () => {
        const names = ['-subj', '/CN=twin', '-set_serial', '8'];
        const twin = openssl.makeOwner('ec-p256', names);
        return openssl.sign(openssl.makeOwner('rsa', names), '-nocerts', '-certfile', twin.cert);
      },
      "the signature does not verify with the signer's certificate",
    ],
    [
      'when its digest has no number in the API',
      () => openssl.sign(owner('rsa'), '-md', 'sha224'),
      'the digest 2.16.840.1.101.3.4.2.4 is not supported',
    ],
    [
      'when its digest is broken',
      () => openssl.sign(owner('rsa'), '-md', 'md5'),
      'the digest 1.2.840.113549.2.5 is not supported',
    ],
    [
      'when its signature algorithm is not known',
      () =>
        rework(openssl.sign(owner('rsa'), '-noattr'), ({ signerInfos: [signer] }) => {
          signer!.signatureAlgorithm.algorithmId = '1.2.840.10040.4.3';
        }),
      'the signature algorithm 1.2.840.10040.4.3 with its parameters is not supported',
    ],
    [
      'when it names another digest than it was signed with',
      () =>
        rework(openssl.sign(owner('ec-p256'), '-md', 'sha256', '-noattr'), ({ signerInfos: [signer] }) => {
          signer!.digestAlgorithm.algorithmId = '2.16.840.1.101.3.4.2.3';
        }),
      'it names sha512 as its digest, but is signed with sha256',
    ],
    [
      'when RSA-PSS uses two digests',
      () => openssl.sign(owner('rsa'), ...PSS, '-keyopt', 'rsa_mgf1_md:sha1'),
      'the signature algorithm 1.2.840.113549.1.1.10 with its parameters is not supported',
    ],
    [
      // openssl labels it as plain RSA unless told the padding, and then refuses it as well.
      'when RSA-PSS goes by the name of plain RSA',
      () => openssl.sign(owner('rsa-pss')),
      "the signature does not verify with the signer's certificate",
    ],
    [
      'when RSA-PSS has another trailer than the only one there is',
      () =>
        rework(openssl.sign(owner('rsa'), ...PSS), ({ signerInfos: [signer] }) => {
          const { signatureAlgorithm } = signer!;
          const parameters = new RSASSAPSSParams({ schema: signatureAlgorithm.algorithmParams });
          parameters.trailerField = 2;
          signatureAlgorithm.algorithmParams = parameters.toSchema();
        }),
      'the signature algorithm 1.2.840.113549.1.1.10 with its parameters is not supported',
    ],
    [
      'when the parameters of RSA-PSS are missing',
      () =>
        rework(openssl.sign(owner('rsa'), ...PSS), ({ signerInfos: [signer] }) => {
          delete signer!.signatureAlgorithm.algorithmParams;
        }),
      'the signature algorithm 1.2.840.113549.1.1.10 with its parameters is not supported',
    ],
    [
      'when the parameters of RSA-PSS are of another type',
      () =>
        rework(openssl.sign(owner('rsa'), ...PSS), ({ signerInfos: [signer] }) => {
          signer!.signatureAlgorithm.algorithmParams = new Utf8String({ value: 'x' });
        }),
      'the parameters of its signature are not readable',
    ],
    [
      'when its attributes lack the content type',
      () => withoutAttribute('1.2.840.113549.1.9.3'),
      'its signed attributes do not hold the content type',
    ],
    [
      'when its attributes lack the message digest',
      () => withoutAttribute('1.2.840.113549.1.9.4'),
      'its signed attributes hold no message digest',
    ],
    [
      'when an attribute was taken out',
      () => withoutAttribute('1.2.840.113549.1.9.5'),
      "the signature does not verify with the signer's certificate",
    ],
    [
      'when its attributes hold two message digests',
      () =>
        rework(openssl.sign(owner('rsa')), ({ signerInfos: [signer] }) => {
          const { attributes } = signer!.signedAttrs!;
          attributes.push(...attributes.filter(({ type }) => type === '1.2.840.113549.1.9.4'));
        }),
      'its signed attributes hold no message digest',
    ],
    [
      'when its content is no octet string',
      () =>
        rework(openssl.sign(owner('rsa'), '-noattr'), ({ encapContentInfo }) => {
          encapContentInfo.eContent = new Utf8String({ value: '1111' }) as unknown as OctetString;
        }),
      'its content is not an octet string',
    ],
  ];

  test.each(refusals)('%s', (_rule, make, problem) => {
    expect(() => verifyPkcs7(make())).toThrow(expect.objectContaining({ name: 'Pkcs7Error', message: problem }));
  });
});

test('whatever bytes come, a digest is read or a problem is said', () => {
  const samples = [openssl.sign(owner('ec-p256')), openssl.sign(owner('ec-p256'), '-stream', '-noattr', '-keyid')];
  const flips = fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(fc.constantFrom(...samples), flips, (sample, changes) => {
      const changed = Buffer.from(sample);
      for (const [at, byte] of changes) changed[Math.floor(at * changed.length)] = byte;
      try {
        expect(digestOf(changed)).toBe('sha256');
      } catch (error) {
        expect(error).toBeInstanceOf(Pkcs7Error);
      }
    }),
    // Bytes that once made asn1js throw: a date that is none.
    { numRuns: 400, examples: datesOf(samples[0]!).map((at) => [samples[0]!, [[at, 0x18]]]) },
  );
});

/** Where the tags of dates stand, as parts of the whole. */
function datesOf(sample: Buffer): number[] {
  return [...sample.keys()].filter((at) => sample[at] === 0x17).map((at) => (at + 0.5) / sample.length);
}

function withoutAttribute(type: string): Buffer {
  return rework(openssl.sign(owner('rsa')), ({ signerInfos: [signer] }) => {
    const { signedAttrs } = signer!;
    const length = signedAttrs!.attributes.length;
    signedAttrs!.attributes = signedAttrs!.attributes.filter((attribute) => attribute.type !== type);
    expect(signedAttrs!.attributes).toHaveLength(length - 1);
  });
}

function flipLastBit(encoded: Buffer): Buffer {
  const changed = Buffer.from(encoded);
  changed[changed.length - 1]! ^= 1;
  return changed;
}
