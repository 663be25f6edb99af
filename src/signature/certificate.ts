import type { KeyObject } from 'node:crypto';
import { dottedOf, inside, isSame, oidValue, parseStructure, TAG, tagOf, valueOf } from './asn1.js';
import type { Element } from './asn1.js';
import { expired, notYetValid } from './flaw.js';
import type { Flaw } from './flaw.js';
import { publicKeyOf } from './public-key.js';

/** One attribute of a name, such as a common name. */
export interface NamePart {
  /** As OpenSSL writes it, or its number in dots. */
  readonly type: string;
  readonly value: string;
}

/** What the certificate of a signer says (RFC 5280, 4.1). */
export interface Certificate {
  readonly issuer: readonly NamePart[];
  readonly subject: readonly NamePart[];
  /** Its alternative names: mail addresses, and what Windows calls a user (UPN). */
  readonly emails: readonly string[];
  readonly userNames: readonly string[];
  /** Epoch ms, the first and the last of its validity. */
  readonly validFrom: number;
  readonly validTo: number;
  /** Undefined where it is none that OpenSSL can use. */
  readonly publicKey: KeyObject | undefined;
}

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const EXTENSIONS = 0xa3;
const OTHER_NAME = 0xa0;
const EMAIL = 0x81;
const ALTERNATIVE_NAMES = oidValue('2.5.29.17');
const USER_PRINCIPAL_NAME = oidValue('1.3.6.1.4.1.311.20.2.3');

const NAME_TYPES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    ...{ C: '2.5.4.6', ST: '2.5.4.8', L: '2.5.4.7', O: '2.5.4.10', OU: '2.5.4.11', CN: '2.5.4.3', SN: '2.5.4.4' },
    ...{ GN: '2.5.4.42', title: '2.5.4.12', serialNumber: '2.5.4.5', emailAddress: '1.2.840.113549.1.9.1' },
    ...{ UID: '0.9.2342.19200300.100.1.1', DC: '0.9.2342.19200300.100.1.25' },
  }).map(([name, dotted]) => [oidValue(dotted), name]),
);

/** Undefined for a damaged one. OpenSSL, ten times slower, is asked where it has to lead to another (chain.ts). */
export function readCertificate(certificate: Element | undefined): Certificate | undefined {
  const [signed, algorithm, signature, ...surplus] = inside(certificate, TAG.sequence);
  const isWhole = tagOf(algorithm) === TAG.sequence && tagOf(signature) === TAG.bits && surplus.length === 0;
  const fields = inside(signed, TAG.sequence);
  // The version before them is left out by certificates of version 1.
  const [serial, scheme, issuer, validity, subject, key, ...more] =
    tagOf(fields[0]) === TAG.context0 ? fields.slice(1) : fields;
  const areThere = tagOf(serial) === TAG.integer && tagOf(scheme) === TAG.sequence && tagOf(key) === TAG.sequence;
  const [from, to] = inside(validity, TAG.sequence).map(timeOf);
  const [ofIssuer, ofSubject] = [namePartsOf(issuer), namePartsOf(subject)];
  const alternatives = alternativeNames(more.find((field) => tagOf(field) === EXTENSIONS));
  // RFC 5280, 4.1.1.2. Who made it is not known here, nor whether the rest is as they signed it.
  if (!isSame(scheme, algorithm)) return undefined;
  if (!isWhole || !areThere || ofIssuer === undefined || ofSubject === undefined) return undefined;
  if (alternatives === undefined || from === undefined || to === undefined) return undefined;
  const names = { issuer: ofIssuer, subject: ofSubject, ...alternatives };
  return { ...names, validFrom: from, validTo: to, publicKey: publicKeyOf(key) };
}

/** Why a certificate is not valid at this time (epoch ms), if so. */
export function validityFlaw(
  { validFrom, validTo }: Pick<Certificate, 'validFrom' | 'validTo'>,
  nowMs: number,
): Flaw | undefined {
  if (nowMs > validTo) return expired(validTo);
  return nowMs < validFrom ? notYetValid(validFrom) : undefined;
}

/** For a person. */
export function nameText(parts: readonly NamePart[]): string {
  return parts.map(({ type, value }) => `${type}=${value}`).join(', ');
}

/** Both kinds of time, also in the forms that RFC 5280 rules out; undefined for what is none. */
function timeOf(element: Element): number | undefined {
  const short = valueOf(element, UTC_TIME);
  const text = short === undefined ? valueOf(element, GENERALIZED_TIME) : inFull(short);
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?(?:Z|([+-]\d\d)(\d\d))$/.exec(text ?? '');
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second = '00', zoneHour, zoneMinute] = parts;
  const zone = zoneHour === undefined ? 'Z' : `${zoneHour}:${zoneMinute}`;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  return Number.isNaN(time) ? undefined : time;
}

/** Years of two digits are those from 1950 to 2049 (RFC 5280, 4.1.2.5.1). */
function inFull(short: string): string {
  return `${Number(short.slice(0, 2)) < 50 ? '20' : '19'}${short}`;
}

function namePartsOf(name: Element | undefined): readonly NamePart[] | undefined {
  if (tagOf(name) !== TAG.sequence) return undefined;
  const attributes = inside(name, TAG.sequence).flatMap((set) => inside(set, TAG.set));
  const parts = attributes.map((attribute) => {
    const [type, value] = inside(attribute, TAG.sequence);
    const oid = valueOf(type, TAG.oid);
    return oid === undefined || value === undefined
      ? undefined
      : { type: NAME_TYPES[oid] ?? dottedOf(oid), value: textOf(value) };
  });
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

interface Alternatives {
  readonly emails: readonly string[];
  readonly userNames: readonly string[];
}

/** None where they can't be read: they only tell whose the certificate may be. Undefined for extensions that are none. */
function alternativeNames(field: Element | undefined): Alternatives | undefined {
  const extensions = inside(inside(field, EXTENSIONS)[0], TAG.sequence).map((each) => inside(each, TAG.sequence));
  if (!extensions.every((parts) => tagOf(parts[0]) === TAG.oid && tagOf(parts.at(-1)) === TAG.octets)) return undefined;
  const octets = valueOf(extensions.find(([type]) => type?.value === ALTERNATIVE_NAMES)?.at(-1), TAG.octets);
  const parsed = octets === undefined ? undefined : parseStructure(Buffer.from(octets, 'latin1'));
  const names = typeof parsed === 'object' ? inside(parsed, TAG.sequence) : [];
  return {
    emails: names.flatMap((name) => valueOf(name, EMAIL) ?? []),
    userNames: names.flatMap((name) => {
      const [type, value] = inside(name, OTHER_NAME);
      const text = inside(value, TAG.context0)[0];
      return type?.value === USER_PRINCIPAL_NAME && text !== undefined ? [textOf(text)] : [];
    }),
  };
}

const UTF8 = 0x0c;
const BMP = 0x1e;
const UNIVERSAL = 0x1c;

/** A string of any type (RFC 5280, 4.1.2.4; T61String as Latin-1, which is what is found in it); empty for what is none. */
function textOf(element: Element): string {
  const { value } = element;
  if (typeof value !== 'string') return '';
  const bytes = Buffer.from(value, 'latin1');
  switch (tagOf(element)) {
    case UTF8:
      return bytes.toString('utf8');
    case BMP:
      return fromUnits(bytes, 2);
    case UNIVERSAL:
      return fromUnits(bytes, 4);
    case undefined:
    default:
      return value;
  }
}

/** Of whole units; what stands for no character is told as such. */
function fromUnits(bytes: Buffer, width: 2 | 4): string {
  const units = Array.from({ length: Math.floor(bytes.length / width) }, (_, at) =>
    bytes.readUIntBE(at * width, width),
  );
  return units.map((unit) => (unit <= 0x10ffff ? String.fromCodePoint(unit) : '\ufffd')).join('');
}
