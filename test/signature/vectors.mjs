// Takes every file of a folder of test vectors for a signature: node test/pkcs7/vectors.mjs [folder]
// Without a folder, the vectors of Debian's package python3-cryptography-vectors. Each file is a row that is validated at
// every level and then run against the simulator; signed mails also as openssl takes them apart. Exit code 1: a crash, a
// row that is missing, or, checked in full, a row that was sent and not taken.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
import { OctetString } from 'asn1js';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { ContentInfo, SignedData } from 'pkijs';
import { startSimulator } from '../../dist/simulator/simulator.js';

const DEBIAN = '/usr/lib/python3/dist-packages/cryptography_vectors';
const BIN = join(import.meta.dirname, '../../dist/program/bin.js');
const SLOW_MS = 300_000;

const [vectors = DEBIAN] = process.argv.slice(2);
if (!existsSync(vectors)) {
  console.error(`${vectors} is not there: name a folder, or install python3-cryptography-vectors`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
const signatures = join(folder, 'signatures');
cpSync(vectors, signatures, { recursive: true });
filesOf(signatures)
  .filter((name) => name.endsWith('.eml'))
  .forEach((name) => unpackMail(join(signatures, name)));
const files = filesOf(signatures);
const input = join(folder, 'users.csv');
const rows = files.map((file, at) => [`user${at}`, 'pki', file, '2']);
writeFileSync(input, stringify([['username', 'token_type', 'signature_path', 'status'], ...rows]));
let violations = 0;
/** Those that nothing here can check, and that the server is left to judge. */
let unverified = 0;

function filesOf(top) {
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(top, join(entry.parentPath, entry.name)))
    .sort();
}

/** The signature of a mail, as we say that it be taken out; and with the signed part of the mail put into it. */
function unpackMail(path) {
  spawnSync('openssl', ['smime', '-pk7out', '-in', path, '-out', `${path}.pem`]);
  const { status, stdout } = spawnSync('openssl', ['smime', '-verify', '-noverify', '-binary', '-in', path]);
  if (status !== 0) return;
  const { stdout: detached } = spawnSync('openssl', ['pkcs7', '-in', `${path}.pem`, '-outform', 'DER']);
  const signedData = new SignedData({ schema: ContentInfo.fromBER(detached).content });
  signedData.encapContentInfo.eContent = new OctetString({ valueHex: stdout });
  const attached = new ContentInfo({ contentType: ContentInfo.SIGNED_DATA, content: signedData.toSchema(true) });
  writeFileSync(`${path}.p7s`, Buffer.from(attached.toSchema().toBER()));
}

function violation(text) {
  violations += 1;
  console.log(`VIOLATION: ${text}`);
}

function program(words, env) {
  const startedAt = Date.now();
  const ended = spawnSync(process.execPath, [BIN, ...words], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    timeout: SLOW_MS,
  });
  return { ...ended, ms: Date.now() - startedAt };
}

/** What was found, without the names and numbers in it. */
function count(texts) {
  const found = new Map();
  for (const text of texts) {
    const kind = text
      .replaceAll(/"[^"]*"/g, '…')
      .replaceAll(/\d[\d-]*/g, 'N')
      .slice(0, 110);
    found.set(kind, (found.get(kind) ?? 0) + 1);
  }
  for (const [kind, times] of [...found].sort(([, a], [, b]) => b - a))
    console.log(`  ${String(times).padStart(5)}  ${kind}`);
}

for (const level of ['full', 'basic', 'off']) {
  const words = ['validate', input, '--json', '--signatures-dir', signatures, '--check-signatures', level];
  const { status, stdout, stderr, ms } = program(words, {});
  if (status !== 0 && status !== 1) {
    violation(`validate ended with ${String(status)}: ${stderr.slice(-500)}`);
    continue;
  }
  const said = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { rows: read, to_send: toSend, with_errors: withErrors } = said.at(-1);
  console.log(`${level}: ${read} files, ${toSend.pki} to send, ${withErrors} with errors, ${ms} ms`);
  if (read !== files.length || toSend.pki + withErrors !== read) violation('not every row was judged');
  if (level === 'full') unverified = said.filter(({ kind }) => kind === 'unverified').length;
  count(said.filter(({ type }) => type === 'problem').map(({ severity, text }) => `${severity}: ${text}`));
}

const simulator = await startSimulator({ admin: 'admin', authToken: 'auth', secretCode: 'code' });
const env = {
  ...process.env,
  CENTAGATE_SERVER: simulator.url,
  CENTAGATE_ADMIN: 'admin',
  CENTAGATE_AUTH_TOKEN: 'auth',
  CENTAGATE_SECRET_CODE: 'code',
};
const words = ['run', input, '--signatures-dir', signatures, '--check-signatures', 'full'];
const child = spawn(process.execPath, [BIN, ...words], { env, stdio: 'ignore', timeout: SLOW_MS });
const status = await new Promise((resolve) => child.once('exit', resolve));
const results = parse(readFileSync(join(folder, 'users.results.csv')), { columns: true });
const taken = simulator.sends.filter(({ applied }) => applied).length;
console.log(`run: exit code ${status}, ${simulator.sends.length} sends, ${taken} taken`);
if (results.length !== files.length) violation(`${results.length} rows in the results of ${files.length}`);
if (taken + unverified < simulator.sends.length) violation('a row that full checks let pass was not taken');
await simulator.close();
rmSync(folder, { recursive: true });
console.log(`${violations} violations`);
process.exitCode = violations > 0 ? 1 : 0;
