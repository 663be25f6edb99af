// The server that everybody talks to: nginx where there is one, else a minimal one in a process of its own.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from '../../dist/simulator/make-certificate.js';
import { REPLIES } from './reply.mjs';

const MINIMAL = fileURLToPath(new URL('./minimal-server.mjs', import.meta.url));
const HOSTILE = fileURLToPath(new URL('./hostile-server.mjs', import.meta.url));

export const hasNginx = spawnSync('nginx', ['-v']).status === 0;

/**
 * Serves http and https on loopback. `latencyMs` is waited before every reply, `stalled` names a user who never gets one:
 * both only the minimal server can do. `hostile` names what another server says instead.
 */
export async function startServer(folder, { latencyMs = 0, stalled = '', hostile = '' } = {}) {
  mkdirSync(folder, { recursive: true });
  const { key, cert } = await makeCertificate(['localhost', '127.0.0.1']);
  const tls = { key: join(folder, 'key.pem'), ca: join(folder, 'ca.pem') };
  writeFileSync(tls.key, key);
  writeFileSync(tls.ca, cert);
  const ports = { http: await freePort(), https: await freePort() };
  const isNginx = hasNginx && latencyMs === 0 && stalled === '' && hostile === '';
  const [script, way] = hostile === '' ? [MINIMAL, { latencyMs, stalled }] : [HOSTILE, { way: hostile }];
  const child = isNginx
    ? spawn('nginx', ['-p', folder, '-e', join(folder, 'error.log'), '-c', nginxConfig(folder, ports, tls)])
    : spawn(process.execPath, [script, JSON.stringify({ ports, tls, ...way })], { stdio: 'inherit' });
  await Promise.all([accepts(ports.http), accepts(ports.https)]);
  return {
    name: isNginx ? 'nginx' : `minimal server, ${latencyMs} ms`,
    ca: tls.ca,
    origin: (scheme) => `${scheme}://127.0.0.1:${ports[scheme]}`,
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** A look is answered as no row is: so it proves what came before it. */
const LOOK = 'if ($request_method = GET) { return 405; }';

function nginxConfig(folder, ports, tls) {
  const path = join(folder, 'nginx.conf');
  const escaped = (text) => text.replaceAll('\\', '\\\\');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  writeFileSync(
    path,
    `daemon off; master_process off; pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s; client_body_buffer_size 64k;
  ${temporary.join(' ')}
  server {
    listen 127.0.0.1:${ports.http}; listen 127.0.0.1:${ports.https} ssl;
    ssl_certificate ${tls.ca}; ssl_certificate_key ${tls.key};
    default_type application/json;
    location /CentagateWS/webresources/token/ { ${LOOK} return 200 '${escaped(REPLIES.otp)}'; }
    location /CentagateWS/webresources/cert/ { ${LOOK} return 200 '${escaped(REPLIES.pki)}'; }
  }
}
`,
  );
  return path;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function accepts(port) {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isUp = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isUp) return;
    await sleep(20);
  }
}
