import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContentInfo, SignedData } from 'pkijs';

/** Keys that a card may hold, as `openssl genpkey` makes them. */
const KEY_OPTIONS = {
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'rsa-pss': ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'ec-p256': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'ec-p384': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  'ec-p521': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
} as const;
export type KeyKind = keyof typeof KEY_OPTIONS;

/** Where the private key and the certificate of a card's owner are. */
export interface Owner {
  readonly key: string;
  readonly cert: string;
}

/** A folder of keys, certificates and signatures made by the openssl command line. */
export class Openssl {
  readonly folder = mkdtempSync(join(tmpdir(), 'simulator-'));
  #made = 0;

  run(...args: string[]): Buffer {
    return execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  file(content: string | Uint8Array): string {
    this.#made += 1;
    const path = join(this.folder, String(this.#made));
    writeFileSync(path, content);
    return path;
  }

  makeOwner(kind: KeyKind, certificateOptions: readonly string[] = []): Owner {
    const key = this.file('');
    const cert = this.file('');
    this.run('genpkey', ...KEY_OPTIONS[kind], '-out', key);
    const subject = certificateOptions.includes('-subj') ? [] : ['-subj', `/CN=owner ${this.#made}`];
    this.run('req', '-x509', '-new', '-key', key, '-out', cert, '-days', '30', ...subject, ...certificateOptions);
    return { key, cert };
  }

  /** The DER of a signature over `1111`, attached unless the options say otherwise. */
  sign(owner: Owner, ...options: string[]): Buffer {
    return this.run('cms', '-sign', '-binary', '-nodetach', ...this.#arguments(owner), ...options);
  }

  /** The same without the signed content in it. */
  signDetached(owner: Owner): Buffer {
    return this.run('cms', '-sign', '-binary', ...this.#arguments(owner));
  }

  /** What stands in a CMS envelope, as the owner of that key reads it. @param path of its DER */
  decrypt({ key, cert }: Owner, path: string): string {
    const words = ['-binary', '-inform', 'DER', '-recip', cert, '-inkey', key, '-in', path];
    return this.run('cms', '-decrypt', ...words).toString();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #arguments({ key, cert }: Owner): string[] {
    return ['-outform', 'DER', '-in', this.file('1111'), '-signer', cert, '-inkey', key];
  }
}

/** Changes what stands in a signature and encodes it again; the signature value stays. */
export function rework(encoded: Uint8Array, change: (signedData: SignedData) => void): Buffer {
  const signedData = new SignedData({ schema: ContentInfo.fromBER(encoded).content });
  change(signedData);
  const contentInfo = new ContentInfo({ contentType: ContentInfo.SIGNED_DATA, content: signedData.toSchema() });
  return Buffer.from(contentInfo.toSchema().toBER());
}

/** Makes the oddity of the vendor's own client: sha1WithRSAEncryption where the digest stands. */
export function asVendorWrites(encoded: Uint8Array): Buffer {
  return rework(encoded, ({ digestAlgorithms, signerInfos }) => {
    for (const algorithm of [...digestAlgorithms, ...signerInfos.map((signer) => signer.digestAlgorithm)]) {
      algorithm.algorithmId = '1.2.840.113549.1.1.5';
    }
  });
}

/** Replaces bytes of the same length; the text must be there once. */
export function replaceBytes(encoded: Uint8Array, from: string, to: string): Buffer {
  const changed = Buffer.from(encoded);
  const at = changed.indexOf(from);
  if (at === -1 || changed.indexOf(from, at + 1) !== -1) throw new Error(`${from} is not there once`);
  changed.write(to, at);
  return changed;
}

export function readPem(path: string): string {
  return readFileSync(path, 'utf8');
}
