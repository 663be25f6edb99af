import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { AlgorithmIdentifier } from 'pkijs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PkiRegistration } from '../../src/row/registration.js';
import { readSignature } from '../../src/signature/read-signature.js';
import type { SignatureRules } from '../../src/signature/read-signature.js';
import { asVendorWrites, Openssl, replaceBytes, rework } from '../simulator/openssl.js';
import type { KeyKind, Owner } from '../simulator/openssl.js';
import { aRegistration } from '../support/builders.js';

const openssl = new Openssl();
const KINDS: readonly KeyKind[] = ['rsa', 'rsa-pss', 'ec-p256', 'ec-p384', 'ec-p521'];
const DIGESTS = ['sha1', 'sha256', 'sha384', 'sha512'] as const;
const PSS = ['-keyopt', 'rsa_padding_mode:pss'];
const DAY_MS = 86_400_000;
const owners = new Map<KeyKind, Owner>();

beforeAll(() => {
  for (const kind of KINDS) owners.set(kind, openssl.makeOwner(kind, ['-subj', '/O=ACME/CN=Ann Lee']));
});
afterAll(() => openssl.remove());

/** openssl does not choose the only scheme that such a key is for. */
function schemeOptions(kind: KeyKind): readonly string[] {
  return kind === 'rsa-pss' ? PSS : [];
}

/** The name of plain data, 1.2.840.113549.1.7.1, as it is written. */
const DATA = Buffer.of(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01);

const made = new Map<string, Buffer>();

/** Made once for all tests: each costs a process. */
function signed(kind: KeyKind, digest: string, ...options: readonly string[]): Buffer {
  const name = [kind, digest, ...options].join(' ');
  const file = made.get(name) ?? openssl.sign(ownerOf(kind), '-md', digest, ...schemeOptions(kind), ...options);
  made.set(name, file);
  return Buffer.from(file);
}

function ownerOf(kind: KeyKind): Owner {
  return owners.get(kind)!;
}

function check(file: Uint8Array, rules: Partial<SignatureRules> = {}, row: Partial<PkiRegistration> = {}) {
  const all = { checks: 'full', nowMs: Date.now(), trust: [], ...rules } as const;
  return readSignature(Buffer.from(file), aRegistration({ username: 'ann.lee', ...row }), all);
}

function problemOf(file: Uint8Array, rules: Partial<SignatureRules> = {}): string {
  const reading = check(file, rules);
  if ('signature' in reading) throw new Error('a rejection was expected');
  expect(reading.rejection.reason).toMatch(/^signature file "ann.p7s" [^\n]+; [^\n]+$/);
  return reading.rejection.reason;
}

function certificateOf({ cert }: Owner): X509Certificate {
  return new X509Certificate(readFileSync(cert));
}

const kinds = KINDS.flatMap((kind) => DIGESTS.map((digest) => [kind, digest] as const));

describe('a signature that is valid', () => {
  it.each(kinds)('is fine: %s with %s, with and without signed attributes', (kind, digest) => {
    const algorithm = String(DIGESTS.indexOf(digest));
    for (const options of [[], ['-noattr']]) {
      const file = signed(kind, digest, ...options);
      expect(check(file)).toMatchObject({ signature: { bytes: file, algorithm } });
    }
  });

  // openssl can't stream with the keys that are for RSA-PSS alone.
  it.each(KINDS.filter((kind) => kind !== 'rsa-pss'))('is fine as BER, and named by its key: %s', (kind) => {
    for (const options of [['-stream'], ['-stream', '-noattr'], ['-keyid']]) {
      const file = signed(kind, 'sha256', ...options);
      expect(check(file)).toMatchObject({ signature: { bytes: file } });
    }
  });

  it.each(DIGESTS)('is fine as RSA-PSS of a plain RSA key with %s, with any salt', (digest) => {
    for (const salt of ['digest', 'max', '0', '20']) {
      const file = openssl.sign(ownerOf('rsa'), '-md', digest, ...PSS, '-keyopt', `rsa_pss_saltlen:${salt}`);
      expect(check(file)).toHaveProperty('signature');
    }
  });

  it("is fine as the vendor's own kind", () => {
    const file = asVendorWrites(signed('rsa', 'sha1', '-noattr'));
    expect(check(file)).toMatchObject({ signature: { algorithm: '0' }, remarks: { warnings: [{ kind: 'sha1' }] } });
    expect(problemOf(replaceBytes(file, '1111', '1112'))).toContain('is not valid over its content');
  });

  it('is fine made by smime, and with other certificates beside', () => {
    const { key, cert } = ownerOf('rsa');
    const files = ['-in', openssl.file('1111'), '-signer', cert, '-inkey', key, '-certfile', ownerOf('ec-p256').cert];
    const file = openssl.run('smime', '-sign', '-binary', '-nodetach', '-outform', 'DER', ...files);
    expect(check(file)).toHaveProperty('signature');
  });

  it('is fine with signed attributes in the order that they were signed in, or in that of DER', () => {
    const file = signed('rsa', 'sha256');
    const reversed = rework(file, ({ signerInfos }) => signerInfos[0]!.signedAttrs!.attributes.reverse());
    expect(reversed.equals(file)).toBe(false);
    expect(check(reversed)).toHaveProperty('signature');
  });

  it('is fine with the parts of its content in many octet strings', () => {
    const content = openssl.file(Buffer.alloc(100_000, 'x'));
    const { key, cert } = ownerOf('rsa');
    const file = openssl.run('cms', '-sign', '-binary', '-nodetach', '-stream', '-outform', 'DER', '-in', content, '-signer', cert, '-inkey', key); // prettier-ignore
    expect(check(file)).toHaveProperty('signature');
  });

  it('tells the fingerprint that the server knows the certificate by', () => {
    const fingerprint = certificateOf(ownerOf('rsa')).fingerprint.replaceAll(':', '').toLowerCase();
    expect(check(signed('rsa', 'sha256'))).toMatchObject({
      remarks: { fingerprint, warnings: [] },
    });
  });
});

describe('a signature that is not valid', () => {
  it.each(kinds)('is refused when its content was changed: %s with %s', (kind, digest) => {
    for (const options of [[], ['-noattr']]) {
      const file = signed(kind, digest, ...options);
      expect(problemOf(replaceBytes(file, '1111', '1112'))).toContain('is not valid over its content');
    }
  });

  it.each(KINDS)('is refused when its value was changed: %s', (kind) => {
    const file = signed(kind, 'sha256');
    file[file.length - 1]! ^= 1;
    expect(problemOf(file)).toContain('is not valid over its content');
  });

  it('is refused when its signed attributes were changed, or those it needs left out', () => {
    const file = signed('rsa', 'sha256');
    for (const type of ['1.2.840.113549.1.9.3', '1.2.840.113549.1.9.4', '1.2.840.113549.1.9.5']) {
      const without = rework(file, ({ signerInfos }) => {
        const attributes = signerInfos[0]!.signedAttrs!;
        attributes.attributes = attributes.attributes.filter((attribute) => attribute.type !== type);
      });
      expect(problemOf(without)).toContain('is not valid over its content');
    }
  });

  it('is refused with the certificate of another key under the same name and number', () => {
    const serial = ['-subj', '/CN=Ann Lee', '-set_serial', '7'];
    const [one, other] = [openssl.makeOwner('rsa', serial), openssl.makeOwner('rsa', serial)];
    const file = openssl.sign(one, '-md', 'sha256', '-nocerts', '-certfile', other.cert);
    expect(problemOf(file)).toContain('signed with the key of another certificate');
  });

  it('is refused when it names one digest and is signed with another', () => {
    const file = signed('ec-p256', 'sha256');
    const other = rework(file, ({ signerInfos }) => {
      signerInfos[0]!.signatureAlgorithm.algorithmId = '1.2.840.10045.4.3.3';
    });
    expect(problemOf(other)).toContain('names one digest and is signed with another');
  });

  it('is refused for what basic checks refuse, in the same words', () => {
    const owner = ownerOf('rsa');
    const { key, cert } = ownerOf('ec-p256');
    const files = [
      openssl.signDetached(owner),
      openssl.sign(owner, '-nocerts'),
      openssl.sign(owner, '-signer', cert, '-inkey', key),
      Buffer.concat([openssl.sign(owner), Buffer.of(0)]),
      openssl.sign(owner).subarray(0, 700),
      openssl.sign(owner, '-md', 'sha224'),
      readFileSync(cert),
    ];
    for (const file of files) {
      expect(problemOf(file)).toBe(problemOf(file, { checks: 'basic' }));
    }
  });

  it('is refused when the list of its digests is damaged: by its tags, lengths, names', () => {
    const files = [
      signed('rsa', 'sha256'),
      signed('ec-p256', 'sha384', '-noattr'),
      openssl.sign(ownerOf('rsa'), '-stream'),
    ];
    for (const file of files) {
      // From the version to where what is signed begins: its type, which the signed attributes name.
      const [from, to] = [file.indexOf(Buffer.of(2, 1, 1)), file.indexOf(DATA)];
      for (let at = from; at < to - 2; at += 1) {
        for (const bit of [0x01, 0x02, 0x20, 0x80]) {
          const damaged = Buffer.from(file);
          damaged[at]! ^= bit;
          if (at === from + 2 && damaged[at]! <= 5) continue;
          expect([at, bit, check(damaged)]).toMatchObject([at, bit, { rejection: { column: 'signature_path' } }]);
        }
      }
    }
  });

  it('is refused when it lists other digests than its own, and fine with its own among them, or with none', () => {
    const file = signed('rsa', 'sha256');
    const listed = (...oids: string[]): Buffer =>
      rework(file, (signedData) => {
        signedData.digestAlgorithms = oids.map((algorithmId) => new AlgorithmIdentifier({ algorithmId }));
      });
    const [sha256, sha512] = ['2.16.840.1.101.3.4.2.1', '2.16.840.1.101.3.4.2.3'];
    expect(problemOf(listed(sha512))).toContain('does not list the digest that it is made with');
    expect(check(listed(sha512, sha256))).toHaveProperty('signature');
    expect(check(listed())).toHaveProperty('signature');
  });

  it('is refused when a content of another kind stands in place of octets', () => {
    const file = signed('rsa', 'sha256', '-noattr');
    const at = file.indexOf(Buffer.from([0x04, 0x04, 0x31, 0x31, 0x31, 0x31]));
    file[at] = 0x0c;
    expect(problemOf(file)).toContain('holds a content that is no plain data');
  });
});

describe('what nothing here can check', () => {
  it.each([
    ['a scheme without a name here', '1.2.840.10040.4.3'],
    ['RSA with a digest that has no number', '1.2.840.113549.1.1.14'],
  ])('is left to the server, with a warning: %s', (_, scheme) => {
    const file = signed('rsa', 'sha256');
    const odd = rework(file, ({ signerInfos }) => {
      signerInfos[0]!.signatureAlgorithm.algorithmId = scheme;
    });
    expect(check(odd)).toMatchObject({ remarks: { warnings: [{ kind: 'unverified' }] } });
  });

  it('is RSA-PSS with one digest for the content and another for the mask', () => {
    const file = openssl.sign(ownerOf('rsa'), '-md', 'sha256', ...PSS, '-keyopt', 'rsa_mgf1_md:sha1');
    expect(check(file)).toMatchObject({ remarks: { warnings: [{ kind: 'unverified' }] } });
  });
});

describe("the signer's certificate", () => {
  it('must be valid now', () => {
    const file = signed('rsa', 'sha256');
    const to = Date.parse(certificateOf(ownerOf('rsa')).validTo);
    const day = new Date(to).toISOString().slice(0, 10);
    expect(check(file, { nowMs: to })).toHaveProperty('signature');
    expect(problemOf(file, { nowMs: to + 1000 })).toContain(`expired on ${day}; renew it`);
    expect(problemOf(file, { nowMs: Date.now() - DAY_MS })).toContain('is not valid before');
  });

  it('must be readable', () => {
    const file = signed('ec-p256', 'sha256');
    // The tag of the validity's first time, which node-forge does not look into.
    const at = file.indexOf(Buffer.from('170d', 'hex'));
    file[at] = 0x04;
    expect(problemOf(file)).toContain('holds a damaged certificate of its signer');
  });

  it('may be unlike the username, with a warning', () => {
    const file = signed('rsa', 'sha256');
    expect(check(file, {}, { username: 'bob' })).toMatchObject({
      remarks: {
        warnings: [
          {
            kind: 'other_subject',
            text: 'signature file "ann.p7s" is signed by "Ann Lee", which is unlike the username bob: is it the right file?',
          },
        ],
      },
    });
  });

  it('may have no name at all', () => {
    const file = openssl.sign(openssl.makeOwner('ec-p256', ['-subj', '/']), '-md', 'sha256');
    expect(check(file)).toMatchObject({ remarks: { warnings: [{ kind: 'other_subject' }] } });
    expect(problemOf(file, { trust: [certificateOf(ownerOf('rsa'))] })).toContain('leads to none of --trust');
  });

  it('may have alternative names that can not be read', () => {
    const alternative = ['-addext', 'subjectAltName=email:ann@acme.example'];
    const file = openssl.sign(openssl.makeOwner('ec-p256', ['-subj', '/CN=Ann Lee', ...alternative]), '-md', 'sha256');
    // The tag before the address.
    file[file.indexOf('ann@acme.example') - 2] = 0x1f;
    expect(check(file)).toMatchObject({ remarks: { warnings: [] } });
  });

  it('may be like the username in an address or a number alone', () => {
    const subject = '/C=MY/O=ACME/CN=A. L./serialNumber=E-4711/emailAddress=ann@acme.example';
    const file = openssl.sign(openssl.makeOwner('ec-p256', ['-subj', subject]), '-md', 'sha256');
    const san = openssl.makeOwner('ec-p256', ['-subj', '/CN=user', '-addext', 'subjectAltName=email:ann@acme.example']);
    const other = openssl.sign(san, '-md', 'sha256');
    for (const username of ['ann', 'e4711', 'ACME\\ann', 'ann@other.example']) {
      expect(check(file, {}, { username })).toMatchObject({ remarks: { warnings: [] } });
    }
    expect(check(other, {}, { username: 'ann' })).toMatchObject({ remarks: { warnings: [] } });
    expect(check(file, {}, { username: 'acme' })).toMatchObject({ remarks: { warnings: [{ kind: 'other_subject' }] } });
  });
});

describe('trust', () => {
  const authority = ['-addext', 'keyUsage=critical,keyCertSign'];
  let root: Owner;
  let middle: Owner;
  let leaf: Owner;

  function issue(subject: string, issuer: Owner, extensions: string): Owner {
    const owner = openssl.makeOwner('ec-p256', ['-subj', subject]);
    const request = openssl.file(openssl.run('req', '-new', '-key', owner.key, '-subj', subject));
    const files = ['-CA', issuer.cert, '-CAkey', issuer.key, '-extfile', openssl.file(extensions)];
    const cert = openssl.file(openssl.run('x509', '-req', '-in', request, '-days', '20', '-CAcreateserial', ...files));
    return { ...owner, cert };
  }

  beforeAll(() => {
    root = openssl.makeOwner('rsa', ['-subj', '/CN=Root', ...authority]);
    middle = issue('/CN=Middle', root, 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign');
    leaf = issue('/CN=Ann Lee', middle, 'basicConstraints=CA:FALSE');
  });

  it('is asked for only where authorities are given', () => {
    expect(check(openssl.sign(leaf, '-md', 'sha256'))).toHaveProperty('signature');
  });

  it('leads over certificates that came along, or that are given', () => {
    const whole = openssl.sign(leaf, '-md', 'sha256', '-certfile', middle.cert);
    const alone = openssl.sign(leaf, '-md', 'sha256');
    expect(check(whole, { trust: [certificateOf(root)] })).toHaveProperty('signature');
    expect(check(alone, { trust: [certificateOf(ownerOf('rsa')), certificateOf(middle)] })).toHaveProperty('signature');
    expect(check(alone, { trust: [certificateOf(leaf)] })).toHaveProperty('signature');
    expect(problemOf(alone, { trust: [certificateOf(root)] })).toContain(
      'is signed with a certificate of "CN=Middle", which leads to none of --trust',
    );
  });

  it('does not lead over a certificate that is no authority, nor to one of the same name', () => {
    const below = issue('/CN=Below', leaf, 'basicConstraints=CA:FALSE');
    const file = openssl.sign(below, '-md', 'sha256', '-certfile', leaf.cert);
    expect(problemOf(file, { trust: [certificateOf(middle)] })).toContain('leads to none of --trust');
    const namesake = openssl.makeOwner('rsa', ['-subj', '/CN=Root', ...authority]);
    const whole = openssl.sign(leaf, '-md', 'sha256', '-certfile', middle.cert);
    expect(problemOf(whole, { trust: [certificateOf(namesake)] })).toContain('leads to none of --trust');
  });

  it('in a certificate that is no authority is trust in that one alone', () => {
    const below = openssl.sign(issue('/CN=Below', leaf, 'basicConstraints=CA:FALSE'), '-md', 'sha256');
    const trust = [certificateOf(leaf)];
    expect(check(openssl.sign(leaf, '-md', 'sha256'), { trust })).toHaveProperty('signature');
    expect(problemOf(below, { trust })).toContain('leads to none of --trust');
  });

  it('ends when an authority is valid no more', () => {
    const old = openssl.makeOwner('rsa', ['-subj', '/CN=Old', ...authority, '-days', '1']);
    const file = openssl.sign(issue('/CN=Ann Lee', old, 'basicConstraints=CA:FALSE'), '-md', 'sha256');
    expect(check(file, { trust: [certificateOf(old)] })).toHaveProperty('signature');
    const later = { nowMs: Date.now() + 2 * DAY_MS, trust: [certificateOf(old)] };
    expect(problemOf(file, later)).toContain('leads to none of --trust');
  });

  it.each(['validFrom', 'validTo'] as const)('does not lead to an authority whose %s is no time', (end) => {
    const authority = certificateOf(middle);
    const time = new Date(authority[end]).toISOString().replaceAll(/^20|[-:T]|\.000/g, '');
    const bad = new X509Certificate(replaceBytes(authority.raw, time, time.replace('Z', 'X')));
    const file = openssl.sign(leaf, '-md', 'sha256');
    expect(problemOf(file, { trust: [bad] })).toContain('leads to none of --trust');
  });
});

describe('by law', () => {
  let files: readonly Buffer[];

  beforeAll(() => {
    const options = [['-md', 'sha256'], ['-md', 'sha1', '-noattr'], ['-stream'], PSS];
    files = [...options.map((some) => openssl.sign(ownerOf('rsa'), ...some)), signed('ec-p256', 'sha384', '-keyid')];
  });

  it('whatever is changed in a signature, the answer is one sentence, or the signature with what is odd about it', () => {
    const trust = [certificateOf(ownerOf('ec-p384'))];
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.nat(), changes, fc.option(fc.nat()), (which, changed, length) => {
        const bytes = Buffer.from(files[which % files.length]!);
        for (const [at, value] of changed) bytes[at % bytes.length] = value;
        const cut = length === null ? bytes : bytes.subarray(0, length % bytes.length);
        for (const rules of [{ trust }, {}]) {
          const reading = check(cut, rules);
          if ('rejection' in reading) expect(reading.rejection.reason).toMatch(/^[^\n]+$/);
          else expect(reading.remarks).toBeDefined();
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('what full checks let pass, basic and no checks let pass the same', () => {
    for (const file of files) {
      const { signature } = check(file) as { signature: unknown };
      for (const checks of ['basic', 'off'] as const) expect(check(file, { checks })).toEqual({ signature });
    }
  });
});
