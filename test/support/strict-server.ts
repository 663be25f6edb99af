import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket, createSecureContext } from 'node:tls';
import forge from 'node-forge';

/*
 * The independent judge: what the two published API pages ask of a request, read from raw bytes and written down without
 * a look at the client. It answers every request it can read with success and keeps what it found wrong.
 */

export interface StrictServerOptions {
  readonly admin: string;
  readonly authToken: string;
  readonly secretCode: string;
  /** Oldest timestamp allowed, in ms before the first byte of its request; 1000 unless given. */
  readonly maxAgeMs?: number;
  /** Makes the server speak https and begin each TLS handshake this late: until then no connection is ready. */
  readonly delayConnectMs?: number;
}

export interface StrictRequest {
  readonly ok: boolean;
  readonly complaints: readonly string[];
  /** As it stood in the request line; empty when that could not be read. */
  readonly path: string;
  /** The JSON object that was sent; empty when there was none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly rawBody: string;
  /** Unix ms at the first byte of the request head. */
  readonly receivedAt: number;
}

export interface StrictServer {
  readonly url: string;
  /** The certificate to trust (PEM), when the server speaks https. */
  readonly ca: string | undefined;
  readonly requests: readonly StrictRequest[];
  /** All complaints of all requests, in order, each with its request's number from 1. */
  complaints(): string[];
  close(): Promise<void>;
}

interface Head {
  readonly method: string;
  readonly path: string;
  readonly version: string;
  /** Lower-case names, in order of arrival. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

type Kind = 'otp' | 'pki';

const MAX_HEAD_BYTES = 16 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;
/** Both clocks are one; this much may a stepping clock disturb them. */
const MAX_FUTURE_MS = 50;

const PATH_PREFIXES = {
  otp: '/CentagateWS/webresources/token/register/otp/offline/',
  pki: '/CentagateWS/webresources/cert/register/pkcs7/',
} as const satisfies Record<Kind, string>;

const REQUIRED_KEYS = {
  otp: ['username', 'cenToken'],
  pki: ['username', 'signature', 'timestamp', 'status', 'cenToken'],
} as const satisfies Record<Kind, readonly string[]>;

const OPTIONAL_KEYS = { otp: [], pki: ['algorithm'] } as const satisfies Record<Kind, readonly string[]>;

const REPLY_OBJECTS = {
  otp: JSON.stringify({ key: '7A3F09C1D25E48B6' }),
  pki: '',
} as const satisfies Record<Kind, string>;

export async function startStrictServer(options: StrictServerOptions): Promise<StrictServer> {
  const requests: StrictRequest[] = [];
  const sockets = new Set<Socket>();
  const certificate = options.delayConnectMs === undefined ? undefined : makeCertificate();
  const context = certificate && createSecureContext(certificate);
  const server = createServer({ pauseOnConnect: true, noDelay: true });
  const authority = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;

  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const begin = () => {
      const stream = context ? new TLSSocket(socket, { isServer: true, secureContext: context }) : socket;
      serve(stream, { ...options, authority: authority() }, requests);
      stream.resume();
    };
    if (context) setTimeout(begin, options.delayConnectMs).unref();
    else begin();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  return {
    url: `${context ? 'https' : 'http'}://${authority()}`,
    ca: certificate?.cert,
    requests,
    complaints: () =>
      requests.flatMap((request, index) => request.complaints.map((complaint) => `#${index + 1} ${complaint}`)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface Judge extends StrictServerOptions {
  /** What the Host header must say. */
  readonly authority: string;
}

/** Reads one request after the other from a connection, whatever way its bytes are cut. */
function serve(stream: Socket, judge: Judge, requests: StrictRequest[]): void {
  let unread = Buffer.alloc(0);
  let receivedAt = 0;
  let broken = false;

  const record = (request: Omit<StrictRequest, 'ok'>) => {
    requests.push({ ...request, ok: request.complaints.length === 0 });
  };
  const giveUp = (complaint: string) => {
    broken = true;
    record({ complaints: [complaint], path: '', body: {}, rawBody: unread.toString('latin1'), receivedAt });
    stream.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  };

  stream.on('error', () => stream.destroy());
  stream.on('data', (chunk: Buffer) => {
    const now = Date.now();
    if (broken) return;
    if (unread.length === 0) receivedAt = now;
    unread = Buffer.concat([unread, chunk]);
    while (unread.length > 0) {
      const end = unread.indexOf('\r\n\r\n');
      if (end > MAX_HEAD_BYTES || (end < 0 && unread.length > MAX_HEAD_BYTES)) {
        giveUp('head: too long');
        return;
      }
      if (end < 0) return;
      const complaints: string[] = [];
      const head = readHead(unread.subarray(0, end).toString('latin1'), complaints);
      if (head === undefined) {
        giveUp(complaints[0] ?? 'head: unreadable');
        return;
      }
      if (isLook(head, judge)) {
        unread = unread.subarray(end + 4);
        const now = new Date().toUTCString();
        stream.write(`HTTP/1.1 405 Method Not Allowed\r\nAllow: PUT\r\nDate: ${now}\r\nContent-Length: 0\r\n\r\n`);
        continue;
      }
      const framed = readBody(head, unread.subarray(end + 4), complaints);
      if (framed === 'more') return;
      if (framed === 'broken') {
        giveUp(complaints.at(-1) ?? 'body: unreadable');
        return;
      }
      unread = unread.subarray(end + 4 + framed.length);
      const kind = judgeHead(head, judge, complaints);
      const body = judgeBody({ kind, bytes: framed.body, receivedAt }, judge, complaints);
      record({ complaints, path: head.path, body, rawBody: framed.body.toString('utf8'), receivedAt });
      answer(stream, kind, head);
      receivedAt = now;
    }
  });
  stream.on('end', () => {
    if (unread.length > 0 && !broken) giveUp('request: the connection ended in the middle of it');
    else stream.end();
  });
}

function readHead(text: string, complaints: string[]): Head | undefined {
  const [requestLine = '', ...lines] = text.split('\r\n');
  const words = /^([A-Z]+) ([\x21-\x7e]+) (HTTP\/\d\.\d)$/.exec(requestLine);
  if (!words) {
    complaints.push('request line: not "METHOD path HTTP/1.1"');
    return undefined;
  }
  const headers: (readonly [string, string])[] = [];
  for (const line of lines) {
    const parts = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)$/.exec(line);
    if (parts) headers.push([parts[1]!.toLowerCase(), parts[2]!]);
    else complaints.push('header: a line that is not "Name: value"');
  }
  return { method: words[1]!, path: words[2]!, version: words[3]!, headers };
}

const valuesOf = (head: Head, name: string): string[] =>
  head.headers.filter(([found]) => found === name).map(([, value]) => value);

/** Cuts the body off the bytes after the head. A chunked one is complained of and decoded, to judge the rest of it. */
function readBody(
  head: Head,
  bytes: Buffer,
  complaints: string[],
): { body: Buffer; length: number } | 'more' | 'broken' {
  const lengths = valuesOf(head, 'content-length');
  if (valuesOf(head, 'transfer-encoding').length > 0) {
    complaints.push('header Transfer-Encoding: not allowed');
    if (lengths.length === 0) complaints.push('header Content-Length: missing');
    return readChunks(bytes);
  }
  const length = lengths[0] ?? '0';
  if (lengths.length !== 1) complaints.push(`header Content-Length: ${lengths.length === 0 ? 'missing' : 'repeated'}`);
  if (!/^(0|[1-9]\d{0,8})$/.test(length) || Number(length) > MAX_BODY_BYTES) {
    complaints.push('header Content-Length: not a number of bytes up to 1 MiB');
    return 'broken';
  }
  if (bytes.length < Number(length)) return 'more';
  return { body: bytes.subarray(0, Number(length)), length: Number(length) };
}

function readChunks(bytes: Buffer): { body: Buffer; length: number } | 'more' | 'broken' {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return 'more';
    const size = bytes.toString('latin1', at, lineEnd);
    if (!/^[0-9a-fA-F]{1,6}$/.test(size)) return 'broken';
    const start = lineEnd + 2;
    const end = start + Number.parseInt(size, 16);
    if (bytes.length < end + 2) return 'more';
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') return 'broken';
    if (end === start) return { body: Buffer.concat(chunks), length: end + 2 };
    chunks.push(bytes.subarray(start, end));
    at = end + 2;
  }
}

/** A GET of an endpoint, without a body and without a secret, asks for nothing: it is no request of the documents'. */
function isLook(head: Head, judge: Judge): boolean {
  const complaints: string[] = [];
  judgePath(head.path, judge, complaints);
  const isBare = head.headers.every(([name]) => ['host', 'accept', 'connection'].includes(name));
  return head.method === 'GET' && isBare && complaints.length === 0;
}

function judgeHead(head: Head, judge: Judge, complaints: string[]): Kind | undefined {
  if (head.method !== 'PUT') complaints.push(`method: ${head.method}, not PUT`);
  if (head.version !== 'HTTP/1.1') complaints.push(`version: ${head.version}, not HTTP/1.1`);
  const kind = judgePath(head.path, judge, complaints);
  judgeHeaders(head, judge, complaints);
  const whole = [head.path, ...head.headers.map(([, value]) => value)];
  for (const name of ['authToken', 'secretCode'] as const) {
    if (whole.some((text) => text.includes(judge[name]))) complaints.push(`head: holds the ${name}`);
  }
  return kind;
}

function judgePath(path: string, judge: Judge, complaints: string[]): Kind | undefined {
  const kind = (['otp', 'pki'] as const).find((candidate) => path.startsWith(PATH_PREFIXES[candidate]));
  if (kind === undefined) {
    complaints.push('path: neither of the two documented ones');
    return undefined;
  }
  const segment = path.slice(PATH_PREFIXES[kind].length);
  if (!/^(?:[A-Za-z0-9\-._~!*'()]|%[0-9A-F]{2})+$/.test(segment)) {
    complaints.push('path: the administrator is not one percent-encoded segment');
  } else if (decoded(segment) !== judge.admin) {
    complaints.push('path: names another administrator');
  }
  return kind;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Every header that may be there at all, and the values it may have. */
const headerRules = (judge: Judge) =>
  ({
    host: {
      needed: true,
      fits: (value) => [judge.authority, judge.authority.replace('127.0.0.1', 'localhost')].includes(value),
    },
    accept: { needed: true, fits: (value) => value === 'application/json' },
    'content-type': { needed: true, fits: (value) => value === 'application/json' },
    connection: { needed: false, fits: (value) => ['keep-alive', 'close'].includes(value.toLowerCase()) },
    'accept-encoding': { needed: false, fits: (value) => value === 'identity' },
    'user-agent': { needed: false, fits: () => true },
  }) satisfies Record<string, { needed: boolean; fits: (value: string) => boolean }>;

function judgeHeaders(head: Head, judge: Judge, complaints: string[]): void {
  const rules = headerRules(judge);
  for (const [name, rule] of Object.entries(rules)) {
    const values = valuesOf(head, name);
    if (values.length > 1) complaints.push(`header ${name}: repeated`);
    if (values.length === 0 && rule.needed) complaints.push(`header ${name}: missing`);
    for (const value of values) if (!rule.fits(value)) complaints.push(`header ${name}: not allowed to be ${value}`);
  }
  const framing = ['content-length', 'transfer-encoding'];
  for (const [name] of head.headers) {
    if (!Object.hasOwn(rules, name) && !framing.includes(name)) complaints.push(`header ${name}: not documented`);
  }
}

interface Sent {
  readonly kind: Kind | undefined;
  readonly bytes: Buffer;
  readonly receivedAt: number;
}

function judgeBody(sent: Sent, judge: Judge, complaints: string[]): Record<string, unknown> {
  const text = sent.bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(sent.bytes)) complaints.push('body: not UTF-8');
  for (const name of ['authToken', 'secretCode'] as const) {
    if (text.includes(judge[name])) complaints.push(`body: holds the ${name}`);
  }
  const body = parsedObject(text);
  if (body === undefined) {
    complaints.push('body: not a JSON object');
    return {};
  }
  const keys = topLevelKeys(text);
  for (const key of new Set(keys.filter((name, index) => keys.indexOf(name) !== index))) {
    complaints.push(`body: key ${key} is repeated`);
  }
  if (sent.kind === undefined) return body;
  const required: readonly string[] = REQUIRED_KEYS[sent.kind];
  const documented = [...required, ...OPTIONAL_KEYS[sent.kind]];
  for (const key of required) if (!Object.hasOwn(body, key)) complaints.push(`body: key ${key} is missing`);
  for (const [key, value] of Object.entries(body)) {
    if (!documented.includes(key)) complaints.push(`body: key ${key} is not documented`);
    else if (typeof value !== 'string') complaints.push(`${key}: not a string`);
    else complaints.push(...complaintsAbout(key, value, { ...judge, receivedAt: sent.receivedAt }));
  }
  return body;
}

function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // A JSON value that is an object and no array has string keys only.
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The keys of a valid JSON object in their order, repeated ones too, which JSON.parse hides. */
function topLevelKeys(text: string): string[] {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g) ?? [];
  const keys: string[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token.startsWith('"') && tokens[index + 1] === ':') keys.push(JSON.parse(token) as string);
  }
  return keys;
}

function complaintsAbout(key: string, value: string, judge: Judge & { receivedAt: number }): string[] {
  switch (key) {
    case 'username':
      return value !== '' && Buffer.from(value, 'utf8').toString('utf8') === value
        ? []
        : ['username: empty or broken text'];
    case 'cenToken':
      return isHmac(value, judge) ? [] : ['cenToken: not the lower-case hex HMAC-SHA256 of administrator + authToken'];
    case 'status':
      return /^[1-4]$/.test(value) ? [] : ['status: not 1, 2, 3 or 4'];
    case 'algorithm':
      return /^[0-3]$/.test(value) ? [] : ['algorithm: not 0, 1, 2 or 3'];
    case 'timestamp':
      return complaintsAboutTimestamp(value, judge);
    case 'signature':
      return complaintsAboutSignature(value);
    default:
      return [`${key}: no rule for it`];
  }
}

function isHmac(value: string, judge: Judge): boolean {
  const expected = createHmac('sha256', judge.secretCode)
    .update(judge.admin + judge.authToken, 'utf8')
    .digest('hex');
  return value === expected;
}

function complaintsAboutTimestamp(value: string, judge: Judge & { receivedAt: number }): string[] {
  if (!/^[1-9]\d{12}$/.test(value)) return [`timestamp: ${value.length} characters, not 13 digits`];
  const ageMs = judge.receivedAt - Number(value);
  const maxAgeMs = judge.maxAgeMs ?? 1000;
  if (ageMs > maxAgeMs) return [`timestamp: ${ageMs} ms old, more than ${maxAgeMs}`];
  return ageMs < -MAX_FUTURE_MS ? [`timestamp: ${-ageMs} ms in the future`] : [];
}

function complaintsAboutSignature(value: string): string[] {
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value);
  const der = Buffer.from(value, 'base64');
  if (!isBase64 || value === '' || der.toString('base64') !== value) {
    return ['signature: not one line of padded standard base64'];
  }
  return isWholeSequence(der) ? [] : ['signature: not one DER SEQUENCE to the last byte'];
}

function isWholeSequence(der: Buffer): boolean {
  const first = der[1];
  if (der[0] !== 0x30 || first === undefined) return false;
  if (first < 0x80) return der.length === 2 + first;
  const width = first & 0x7f;
  if (width < 1 || width > 4 || der.length < 2 + width) return false;
  const length = der.readUIntBE(2, width);
  const isShortest = length >= 0x80 && (width === 1 || length >= 2 ** (8 * (width - 1)));
  return isShortest && der.length === 2 + width + length;
}

function answer(stream: Socket, kind: Kind | undefined, head: Head): void {
  const reply = JSON.stringify({ code: '0', message: 'Success', object: kind ? REPLY_OBJECTS[kind] : '' });
  const closes = valuesOf(head, 'connection').some((value) => value.toLowerCase() === 'close');
  stream.write(
    [
      'HTTP/1.1 200 OK',
      `Date: ${new Date().toUTCString()}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(reply)}`,
      `Connection: ${closes ? 'close' : 'keep-alive'}`,
      '',
      reply,
    ].join('\r\n'),
  );
  if (closes) stream.end();
}

/** A certificate of its own for 127.0.0.1 and localhost, made anew for each server. */
function makeCertificate(): { key: string; cert: string } {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  const signer = forge.pki.privateKeyFromPem(key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(signer.n, signer.e);
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(Date.now() - 86_400_000);
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  const name = [{ name: 'commonName', value: '127.0.0.1' }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: 7, ip: '127.0.0.1' },
        { type: 2, value: 'localhost' },
      ],
    },
  ]);
  certificate.sign(signer, forge.md.sha256.create());
  return { key, cert: forge.pki.certificateToPem(certificate) };
}
