import { createCipheriv, randomBytes, webcrypto } from 'node:crypto';
import type { Cipher, X509Certificate } from 'node:crypto';
import { Integer, ObjectIdentifier, OctetString, Set } from 'asn1js';
import {
  AlgorithmIdentifier,
  Certificate,
  CryptoEngine,
  EnvelopedData,
  id_ContentType_Data,
  id_ContentType_EnvelopedData,
} from 'pkijs';
import type { OutputFile } from '../record/result-writer.js';

const AES_256_CBC = '2.16.840.1.101.3.4.1.42';
const AES_BYTES = 32;
const IV_BYTES = 16;

/** BER (X.690): a sequence, and content under a tag of its own, whose ends come when they come. */
const SEQUENCE = Buffer.of(0x30, 0x80);
const TAGGED = Buffer.of(0xa0, 0x80);
const OCTETS = 0x04;
const ENDS = Buffer.alloc(2 * 5);

/**
 * Makes a file one that only these recipients can read: CMS EnvelopedData (RFC 5652), AES-256 in CBC mode, whose key is there
 * for each of them by RSA-OAEP, or by ECDH. It is enciphered piece by piece on its way to the disk, where nothing of it is in
 * plain. The key is for one file.
 * @throws what pkijs says of a key that nothing can be enciphered for; `recipientProblem` knows beforehand
 */
export async function prepareEnvelope(
  recipients: readonly X509Certificate[],
): Promise<(file: OutputFile) => OutputFile> {
  const [key, iv] = [randomBytes(AES_BYTES), randomBytes(IV_BYTES)];
  const algorithm = new AlgorithmIdentifier({
    algorithmId: AES_256_CBC,
    algorithmParams: new OctetString({ valueHex: iv }),
  });
  const isRsa = recipients.every(({ publicKey }) => publicKey.asymmetricKeyType === 'rsa');
  const head = Buffer.concat([
    ...[SEQUENCE, oid(id_ContentType_EnvelopedData), TAGGED],
    ...[SEQUENCE, ber(new Integer({ value: isRsa ? 0 : 2 })), await recipientInfos(recipients, key)],
    ...[SEQUENCE, oid(id_ContentType_Data), ber(algorithm.toSchema()), TAGGED],
  ]);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return (file) => envelop(file, head, cipher);
}

function envelop(file: OutputFile, head: Buffer, cipher: Cipher): OutputFile {
  const writeOctets = (bytes: Buffer): void => {
    if (bytes.length > 0) file.writeBytes(Buffer.concat([octetsHead(bytes.length), bytes]));
  };
  file.writeBytes(head);
  return {
    writeBytes: (bytes) => writeOctets(cipher.update(bytes)),
    finish: () => {
      writeOctets(cipher.final());
      file.writeBytes(ENDS);
      return file.finish();
    },
    place: () => file.place(),
    discard: () => file.discard(),
  };
}

/** For whom the key is there, as a SET OF RecipientInfo. */
async function recipientInfos(recipients: readonly X509Certificate[], key: Buffer): Promise<Buffer> {
  const engine = new CryptoEngine({ name: 'node', crypto: webcrypto });
  const contentKey: unknown = await engine.importKey('raw', key, { name: 'AES-CBC' }, true, ['encrypt']);
  const generate = engine.generateKey.bind(engine) as (...words: readonly unknown[]) => Promise<unknown>;
  // pkijs would draw a key of its own and encipher all at once: it is given the key, and nothing to encipher.
  engine.generateKey = ((...words: readonly unknown[]) =>
    isForContent(words[0]) ? Promise.resolve(contentKey) : generate(...words)) as typeof engine.generateKey;
  const envelope = new EnvelopedData();
  const parameters = { oaepHashAlgorithm: 'SHA-256', kdfAlgorithm: 'SHA-256', kekEncryptionLength: 256 };
  for (const { raw } of recipients) {
    envelope.addRecipientByCertificate(Certificate.fromBER(raw), parameters, undefined, engine);
  }
  await envelope.encrypt({ name: 'AES-CBC', length: AES_BYTES * 8 }, new ArrayBuffer(0), engine);
  return ber(new Set({ value: envelope.recipientInfos.map((info) => info.toSchema()) }));
}

function isForContent(algorithm: unknown): boolean {
  return typeof algorithm === 'object' && algorithm !== null && 'name' in algorithm && algorithm.name === 'AES-CBC';
}

function oid(value: string): Buffer {
  return ber(new ObjectIdentifier({ value }));
}

function ber(value: { readonly toBER: () => ArrayBuffer }): Buffer {
  return Buffer.from(value.toBER());
}

function octetsHead(length: number): Buffer {
  if (length < 0x80) return Buffer.of(OCTETS, length);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return Buffer.concat([Buffer.of(OCTETS, 0x84), bytes]);
}
