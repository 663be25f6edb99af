// Answers every request with more than anybody should take. Started by neutral-server.mjs.
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import process from 'node:process';
import { HOSTILE_WAYS } from './reply.mjs';

const { ports, tls, way } = JSON.parse(process.argv[2]);
const { status, text, isEndless } = HOSTILE_WAYS[way];
const body = Buffer.from(text);

let isKnown = false;

function answer(request, response) {
  response.on('error', () => response.destroy());
  // A run goes on at a server that has once answered with a return code.
  if (!isKnown && request.method === 'PUT') {
    isKnown = true;
    request.resume().on('end', () => response.end('{"code":"22002","message":"no"}'));
    return;
  }
  request.resume().on('end', () => {
    const length = isEndless ? {} : { 'content-length': body.length };
    response.writeHead(status, { 'content-type': 'application/json', ...length });
    if (isEndless) pour(response);
    else response.end(body);
  });
}

function pour(response) {
  while (!response.destroyed && response.write(body));
  if (!response.destroyed) response.once('drain', () => pour(response));
}

const options = { keepAliveTimeout: 600_000 };
createServer(options, answer).listen(ports.http, '127.0.0.1');
createTlsServer({ ...options, key: readFileSync(tls.key), cert: readFileSync(tls.ca) }, answer).listen(
  ports.https,
  '127.0.0.1',
);
process.on('SIGTERM', () => process.exit());
