// What ours is compared with: csv-parse, undici's request, csv-stringify, and nothing else. No journal, no checks, no
// retries, no order. node bare-loop.mjs INPUT OUTPUT ORIGIN CONCURRENCY [CA]
import { createHmac } from 'node:crypto';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { finished } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { stringify } from 'csv-stringify';
import { Pool } from 'undici';
import { PATHS, SESSION } from './reply.mjs';

const [input, output, origin, concurrency, ca] = process.argv.slice(2);
const pool = new Pool(origin, {
  connections: Number(concurrency),
  connect: ca === undefined ? {} : { ca: readFileSync(ca) },
});
const cenToken = createHmac('sha256', SESSION.secretCode).update(`${SESSION.admin}${SESSION.authToken}`).digest('hex');
const headers = { accept: 'application/json', 'content-type': 'application/json' };

const parsed = createReadStream(input).pipe(parse({ columns: true }));
const rows = parsed[Symbol.asyncIterator]();
const results = stringify({ header: true });
const written = finished(results.pipe(createWriteStream(output)));

function toBody({ username, token_type, signature_path, status }) {
  if (token_type === 'otp') return { username, cenToken };
  const signature = readFileSync(join(dirname(input), signature_path)).toString('base64');
  return { username, signature, algorithm: '1', timestamp: String(Date.now()), status, cenToken };
}

async function work() {
  for (;;) {
    const { value: row, done } = await rows.next();
    if (done) return;
    const body = JSON.stringify(toBody(row));
    const response = await pool.request({ method: 'PUT', path: PATHS[row.token_type], headers, body });
    const { code, message } = await response.body.json();
    results.write({ ...row, code, message, http_status: response.statusCode });
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, work));
results.end();
await written;
await pool.close();
