import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { trustedRoots } from '../../src/network/trust.js';
import { makeCertificate } from '../../src/simulator/make-certificate.js';
import { Lab } from '../support/lab.js';
import { Programs } from '../support/programs.js';

/** Stands in for what younger and older Nodes tell; the rest of node:tls is real. */
const node = vi.hoisted(() => ({ getCACertificates: undefined as ((store: string) => string[]) | undefined }));
vi.mock('node:tls', async (importActual) => ({
  ...(await importActual<typeof import('node:tls')>()),
  get getCACertificates() {
    return node.getCACertificates;
  },
}));

const SYSTEM_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
const programs = new Programs();
let lab: Lab;

beforeEach(() => {
  lab = new Lab();
  node.getCACertificates = undefined;
});
afterEach(() => {
  vi.unstubAllEnvs();
  lab.remove();
});
afterAll(() => programs.remove());

test('a younger Node tells the system’s roots and its own; the given ones come with them', () => {
  node.getCACertificates = (store) => [`${store} root`];
  expect(trustedRoots(['given'])).toEqual(['system root', 'default root', 'given']);
});

test('on an older one, they are the system’s bundle, Node’s own and the given ones', () => {
  const roots = trustedRoots(['given']);
  expect(roots).toEqual(expect.arrayContaining([...tls.rootCertificates, 'given']));
  expect(roots.at(-1)).toBe('given');
});

test.runIf(existsSync(SYSTEM_BUNDLE))('the system’s bundle is read, so that its own authorities are trusted', () => {
  vi.stubEnv('SSL_CERT_FILE', '');
  expect(trustedRoots([])[0]).toBe(readFileSync(SYSTEM_BUNDLE, 'utf8'));
});

test('NODE_EXTRA_CA_CERTS counts as it does for Node', () => {
  vi.stubEnv('NODE_EXTRA_CA_CERTS', lab.file('extra.pem', 'extra root'));
  expect(trustedRoots([])).toContain('extra root');
});

test('SSL_CERT_FILE stands for the system’s bundle, as it does for a younger Node', () => {
  vi.stubEnv('SSL_CERT_FILE', lab.file('system.pem', 'system root'));
  expect(trustedRoots([])[0]).toBe('system root');
  vi.stubEnv('SSL_CERT_FILE', '/no/such/file.pem');
  expect(trustedRoots([])[0]).toBe(tls.rootCertificates[0]);
});

test.each(['', '/no/such/file.pem'])('NODE_EXTRA_CA_CERTS=%s adds nothing', (file) => {
  vi.stubEnv('NODE_EXTRA_CA_CERTS', file);
  const roots = trustedRoots([]);
  vi.stubEnv('NODE_EXTRA_CA_CERTS', undefined);
  expect(roots).toEqual(trustedRoots([]));
});

test.skipIf(process.platform === 'win32')('what is no file is not waited for, and adds nothing', () => {
  execFileSync('mkfifo', [lab.path('pipe')]);
  vi.stubEnv('NODE_EXTRA_CA_CERTS', '');
  const roots = trustedRoots([]);
  vi.stubEnv('NODE_EXTRA_CA_CERTS', lab.path('pipe'));
  expect(trustedRoots([])).toEqual(roots);
  vi.stubEnv('SSL_CERT_FILE', '/dev/zero');
  expect(trustedRoots([])).toEqual([...tls.rootCertificates]);
});

test('all of them are PEM that TLS takes', async () => {
  const { cert } = await makeCertificate(['localhost']);
  expect(() => tls.createSecureContext({ ca: trustedRoots([cert]) })).not.toThrow();
  expect(new X509Certificate(trustedRoots([cert]).at(-1) ?? '').checkHost('localhost')).toBe('localhost');
});

test('this very Node tells its roots', async () => {
  const { stdout } = await programs.run(`
    import { rootCertificates } from 'node:tls';
    import { trustedRoots } from './network/trust.js';
    const roots = trustedRoots(['given']).join('\\n');
    console.log(rootCertificates.filter((root) => !roots.includes(root.trim())).length, roots.endsWith('given'));
  `);
  expect(stdout).toBe('0 true\n');
});
