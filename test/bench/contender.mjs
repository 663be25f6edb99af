// Who runs the same CSV against the same server, and how.
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createReadStream, createWriteStream, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse';
import { PATHS, SESSION } from './reply.mjs';

const BIN = fileURLToPath(new URL('../../dist/program/bin.js', import.meta.url));
const BARE_LOOP = fileURLToPath(new URL('./bare-loop.mjs', import.meta.url));
const has = (command) => spawnSync(command, ['--version']).status === 0;
const isHere = { curl: has('curl'), newman: has('newman') };
const cenToken = createHmac('sha256', SESSION.secretCode).update(`${SESSION.admin}${SESSION.authToken}`).digest('hex');

/** Our whole process, as an operator starts it. */
export function ours({ input, out, origin, ca, concurrency, more = [] }) {
  const trust = origin.startsWith('https:') ? ['--ca', ca] : [];
  const given = ['--server', origin, '--admin', SESSION.admin, '--concurrency', String(concurrency), '--out-dir', out];
  return {
    script: BIN,
    args: ['run', input, ...given, ...trust, ...more],
    env: { CENTAGATE_AUTH_TOKEN: SESSION.authToken, CENTAGATE_SECRET_CODE: SESSION.secretCode },
  };
}

export function bareLoop({ input, out, origin, ca, concurrency }) {
  const trust = origin.startsWith('https:') ? [ca] : [];
  return { script: BARE_LOOP, args: [input, join(out, 'bare.csv'), origin, String(concurrency), ...trust] };
}

/** Its list of requests is made before the clock runs; curl of 2022 has no more than 300 at once. */
async function curl({ input, out, origin, ca, concurrency }) {
  const config = join(out, 'curl.config');
  const file = createWriteStream(config);
  const head = [
    'request = PUT',
    'header = "Accept: application/json"',
    'header = "Content-Type: application/json"',
    'output = /dev/null',
    ...(origin.startsWith('https:') ? [`cacert = ${ca}`] : []),
  ].join('\n');
  let isFirst = true;
  for await (const row of createReadStream(input).pipe(parse({ columns: true }))) {
    const body = JSON.stringify(toBody(row, input)).replaceAll(/["\\]/g, '\\$&');
    const text = `${isFirst ? '' : 'next\n'}url = ${origin}${PATHS[row.token_type]}\n${head}\ndata = "${body}"\n`;
    isFirst = false;
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  const args = ['--silent', '--parallel', '--parallel-max', String(concurrency), '--config', config];
  return { command: 'curl', args };
}

/** One row after the other: newman knows no other way. */
function newman({ input, out, origin, ca }) {
  const collection = join(out, 'collection.json');
  const request = {
    method: 'PUT',
    url: `${origin}${PATHS.otp}`,
    header: [{ key: 'Content-Type', value: 'application/json' }],
    body: { mode: 'raw', raw: `{"username":"{{username}}","cenToken":"${cenToken}"}` },
  };
  const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
  writeFileSync(collection, JSON.stringify({ info: { name: 'bench', schema }, item: [{ name: 'row', request }] }));
  const trust = origin.startsWith('https:') ? ['--ssl-extra-ca-certs', ca] : [];
  return { command: 'newman', args: ['run', collection, '-d', input, '--silent', ...trust] };
}

/** The contenders that are here and can do it, by name. */
export function contenders({ kind, latencyMs, before }) {
  return {
    ours,
    ...(before && { before: (target) => ({ ...ours(target), script: resolve(before) }) }),
    ...(kind === 'pki' && {
      'ours, basic checks': (target) => ours({ ...target, more: ['--check-signatures', 'basic'] }),
    }),
    'bare undici loop': bareLoop,
    ...(isHere.curl && latencyMs === 0 && { 'curl --parallel': curl }),
    ...(isHere.newman && latencyMs === 0 && kind === 'otp' && { newman }),
  };
}

/** The stem's files of earlier runs would make the next one a rerun. */
export function clear(out, stem) {
  for (const end of ['results.csv', 'failed.csv', 'keys.csv', 'summary.json', 'journal']) {
    rmSync(join(out, `${stem}.${end}`), { force: true });
  }
}

function toBody({ username, token_type, signature_path, status }, input) {
  if (token_type === 'otp') return { username, cenToken };
  const signature = readFileSync(join(dirname(input), signature_path)).toString('base64');
  return { username, signature, algorithm: '1', timestamp: String(Date.now()), status, cenToken };
}

export const productScript = BIN;
export const nodePath = process.execPath;
