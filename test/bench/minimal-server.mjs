// Answers every PUT alike, after a wait, and a look as no row is; of one user it never answers. Started by neutral-server.mjs.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import process from 'node:process';
import { setTimeout } from 'node:timers';
import { REPLIES } from './reply.mjs';

const { ports, tls, latencyMs, stalled } = JSON.parse(process.argv[2]);

function answer(request, response) {
  if (request.method === 'GET') {
    response.writeHead(405, { 'content-length': 0 }).end();
    return;
  }
  const kind = request.url.includes('/otp/') ? 'otp' : 'pki';
  const headers = { 'content-type': 'application/json', 'content-length': REPLIES[kind].length };
  const reply = () => response.writeHead(200, headers).end(REPLIES[kind]);
  let body = '';
  request.on('data', (chunk) => stalled !== '' && (body += String(chunk)));
  request.on('end', () => {
    if (stalled !== '' && body.includes(`"${stalled}"`)) return;
    if (latencyMs === 0) reply();
    else setTimeout(reply, latencyMs);
  });
}

const options = { keepAliveTimeout: 600_000 };
const servers = [
  createServer(options, answer).listen(ports.http, '127.0.0.1'),
  createTlsServer({ ...options, key: readFileSync(tls.key), cert: readFileSync(tls.ca) }, answer).listen(
    ports.https,
    '127.0.0.1',
  ),
];
process.on('SIGTERM', () => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});
