/** A certificate for rehearsals over https, made for the occasion: nothing secret ships with the product. */

import { randomBytes, webcrypto } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { BitString, Integer, OctetString, Utf8String } from 'asn1js';
import {
  AltName,
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  ExtKeyUsage,
  Extension,
  GeneralName,
} from 'pkijs';

const DAY_MS = 86_400_000;
const VALID_DAYS = 3 * 365;
const COMMON_NAME = '2.5.4.3';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
/** digitalSignature and keyCertSign: the certificate serves, and is its own issuer. */
const KEY_USAGE = Uint8Array.of(0b1000_0100);
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** Self-signed, EC P-256, valid from yesterday. It may sign itself, so the same PEM is what a client trusts (--ca). */
export async function makeCertificate(hosts: readonly string[]): Promise<{ key: string; cert: string }> {
  const { privateKey, publicKey } = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const certificate = new Certificate({ version: 2, serialNumber: new Integer({ valueHex: drawSerialNumber() }) });
  const name = { type: COMMON_NAME, value: new Utf8String({ value: 'centagate-provision simulator' }) };
  certificate.issuer.typesAndValues.push(new AttributeTypeAndValue(name));
  certificate.subject.typesAndValues.push(new AttributeTypeAndValue(name));
  certificate.notBefore.value = new Date(Date.now() - DAY_MS);
  certificate.notAfter.value = new Date(Date.now() + VALID_DAYS * DAY_MS);
  certificate.extensions = extensionsFor(hosts);
  await certificate.subjectPublicKeyInfo.importKey(publicKey);
  await certificate.sign(privateKey, 'SHA-256');
  return {
    key: pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', privateKey)),
    cert: pem('CERTIFICATE', certificate.toSchema().toBER()),
  };
}

function extensionsFor(hosts: readonly string[]): Extension[] {
  const constraints = new BasicConstraints({ cA: true });
  const keyUsage = new BitString({ valueHex: KEY_USAGE, unusedBits: 2 });
  const extendedKeyUsage = new ExtKeyUsage({ keyPurposes: [SERVER_AUTHENTICATION] });
  const names = new AltName({ altNames: hosts.map(generalNameOf) });
  return [
    new Extension({ extnID: '2.5.29.19', critical: true, extnValue: constraints.toSchema().toBER() }),
    new Extension({ extnID: '2.5.29.15', critical: true, extnValue: keyUsage.toBER() }),
    new Extension({ extnID: '2.5.29.37', critical: false, extnValue: extendedKeyUsage.toSchema().toBER() }),
    new Extension({ extnID: '2.5.29.17', critical: false, extnValue: names.toSchema().toBER() }),
  ];
}

function generalNameOf(host: string): GeneralName {
  if (isIP(host) === 0) return new GeneralName({ type: DNS_NAME, value: host });
  return new GeneralName({ type: IP_ADDRESS, value: new OctetString({ valueHex: addressBytes(host) }) });
}

function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number);
  // URL writes an IPv4 tail as hexadecimal groups and leaves at most one `::`.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const groups = [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** 128 random bits after a byte that keeps the number positive and in its shortest form. */
function drawSerialNumber(): Uint8Array {
  return Uint8Array.of(0x01, ...randomBytes(16));
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
