// The CSVs that everybody reads.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const HEADER = 'username,token_type,signature_path,status,department';
/** Enough files that none is read again while it is warm in anybody's own memory. */
const SIGNATURES = 2000;

/** Writes a CSV of `rows` rows, each made by `toLine` from its number. */
export function writeRows(path, rows, { header = HEADER, toLine = otpLine } = {}) {
  const file = openSync(path, 'w');
  let lines = `${header}\n`;
  for (let row = 1; row <= rows; row += 1) {
    lines += `${toLine(row)}\n`;
    if (lines.length < 1 << 20) continue;
    writeSync(file, lines);
    lines = '';
  }
  writeSync(file, lines);
  closeSync(file);
  return path;
}

export function otpLine(row) {
  return `user${row}@example.org,otp,,,Department ${row % 100}`;
}

export function pkiLine(row) {
  return `user${row}@example.org,pki,signatures/${row % SIGNATURES}.p7s,2,Department ${row % 100}`;
}

/** PKCS#7 signatures for the rows of `pkiLine`, beside the CSV: attached, SHA-256, with the signer's certificate. */
export function writeSignatures(folder) {
  const [key, cert, content, made] = ['key', 'cert', 'content', 'made'].map((name) => join(folder, name));
  const openssl = (...words) => execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'ignore'] });
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-subj', '/CN=bench');
  writeFileSync(content, '1111');
  const files = ['-signer', cert, '-inkey', key, '-in', content, '-outform', 'DER', '-out', made];
  openssl('cms', '-sign', '-nodetach', '-binary', '-md', 'sha256', ...files);
  mkdirSync(join(folder, 'signatures'), { recursive: true });
  for (let file = 0; file < SIGNATURES; file += 1) {
    writeFileSync(join(folder, 'signatures', `${file}.p7s`), readFileSync(made));
  }
}
