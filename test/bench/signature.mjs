// Prints µs per signature file for what src/io/signature-file.ts chooses between: node test/bench/signature.mjs
import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, fstatSync, mkdtempSync, openSync, readSync } from 'node:fs';
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { URL } from 'node:url';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';

const asn1 = createRequire(import.meta.url)('node-forge/lib/asn1.js');
const ROUNDS = 20;
const FILES = 200;
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

function openssl(...args) {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'ignore'] });
}

function makeSignatures(folder) {
  const [key, certificate, content, signature] = ['key', 'cert', 'content', 'sig'].map((name) => join(folder, name));
  const issuer = join(folder, 'issuer');
  for (const [out, subject] of [
    [issuer, '/CN=issuer'],
    [certificate, '/CN=bench'],
  ]) {
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', out, '-subj', subject);
  }
  writeFileSync(content, '1111');
  const made = [
    '-signer',
    certificate,
    '-certfile',
    issuer,
    '-inkey',
    key,
    '-in',
    content,
    '-outform',
    'DER',
    '-out',
    signature,
  ];
  openssl('cms', '-sign', '-nodetach', '-binary', '-md', 'sha256', ...made);
  const der = readFileSync(signature);
  const paths = Array.from({ length: FILES }, (_, index) => join(folder, `${index}.p7s`));
  paths.forEach((path) => writeFileSync(path, der));
  return { der, paths };
}

function readByPath(path) {
  const fd = openSync(realpathSync.native(path), FLAGS);
  try {
    const bytes = Buffer.allocUnsafe(fstatSync(fd).size + 1);
    return bytes.subarray(0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}

async function readByPromises(path) {
  const file = await open(await realpath(path), FLAGS);
  try {
    const bytes = Buffer.allocUnsafe((await file.stat()).size + 1);
    return bytes.subarray(0, (await file.read(bytes)).bytesRead);
  } finally {
    await file.close();
  }
}

/** The best of many rounds: what the work costs when nothing else disturbs it. */
async function microseconds(paths, work) {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    for (const path of paths) await work(path);
    best = Math.min(best, performance.now() - start);
  }
  return ((best / paths.length) * 1000).toFixed(1);
}

async function productCase(folder) {
  const built = new URL('../../dist/signature/signature-reader.js', import.meta.url);
  if (!existsSync(built)) return {};
  const { openSignatureReader } = await import(built.href);
  const caseOf = (checks) => {
    const read = openSignatureReader(folder, { checks, trust: [] }, { now: Date.now });
    return (path) => read({ signaturePath: path.slice(folder.length + 1), username: 'bench' });
  };
  return Object.fromEntries(['off', 'basic', 'full'].map((checks) => [`read and checked: ${checks}`, caseOf(checks)]));
}

const folder = mkdtempSync(join(tmpdir(), 'bench-signature-'));
try {
  const { der, paths } = makeSignatures(folder);
  const text = der.toString('latin1');
  const cases = {
    'await of nothing': () => undefined,
    'node-forge asn1.fromDer': () => asn1.fromDer(text),
    'node-forge, bit strings left alone': () => asn1.fromDer(text, { decodeBitStrings: false }),
    'asn1js fromBER': () => asn1js.fromBER(der),
    'pkijs SignedData': () =>
      new pkijs.SignedData({ schema: pkijs.ContentInfo.fromBER(der).content }).signerInfos[0].digestAlgorithm,
    'read: realpath, open, fstat, read, close, sync': readByPath,
    'read: the same, fs/promises': readByPromises,
    ...(await productCase(folder)),
  };
  process.stdout.write(`node ${process.version}, signature of ${der.length} bytes, µs per file\n`);
  for (const [name, work] of Object.entries(cases)) {
    process.stdout.write(`${(await microseconds(paths, work)).padStart(8)}  ${name}\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
