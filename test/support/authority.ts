import { Openssl, readPem } from '../simulator/openssl.js';

/** A certificate with its key, both as PEM, and where they are. */
export interface Certified {
  readonly name: string;
  readonly key: string;
  readonly cert: string;
}

const AUTHORITY = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
const LEAF = ['basicConstraints=CA:FALSE', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];

/** Certificates of a test's own, each for one purpose or fault. */
export class Authorities {
  readonly #openssl = new Openssl();
  #made = 0;

  /** Without an issuer it is a root. */
  authority(issuer?: Certified, ...more: readonly string[]): Certified {
    return this.#make(more.length > 0 ? more : AUTHORITY, issuer);
  }

  /** For servers at 127.0.0.1 and localhost, unless the extensions say otherwise. */
  server(issuer: Certified, ...extensions: readonly string[]): Certified {
    return this.#make(extensions.length > 0 ? extensions : LEAF, issuer);
  }

  /** Over since yesterday. */
  expired(issuer: Certified): Certified {
    return this.#make(LEAF, issuer, '-1');
  }

  file(content: string): string {
    return this.#openssl.file(content);
  }

  remove(): void {
    this.#openssl.remove();
  }

  #make(extensions: readonly string[], issuer: Certified | undefined, days = '30'): Certified {
    const name = `certified ${(this.#made += 1)}`;
    const [key, request, cert] = [this.file(''), this.file(''), this.file('')];
    this.#openssl.run('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', key);
    this.#openssl.run('req', '-new', '-key', key, '-subj', `/CN=${name}`, '-out', request);
    const by = issuer === undefined ? ['-signkey', key] : this.#byIssuer(issuer);
    const extfile = this.file(extensions.join('\n'));
    this.#openssl.run('x509', '-req', '-in', request, ...by, '-days', days, '-extfile', extfile, '-out', cert);
    return { name, key: readPem(key), cert: readPem(cert) };
  }

  #byIssuer({ key, cert }: Certified): string[] {
    return ['-CA', this.file(cert), '-CAkey', this.file(key), '-set_serial', String(1000 + this.#made)];
  }
}
