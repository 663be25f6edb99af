/** Whatever a server writes to the wire: no run hangs, none ends as a bug, and each row stands in the results. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import { QuickClock } from '../support/quick-clock.js';
import { every } from '../support/suite.js';

/** What is written to each request, or done with its socket. */
type Written = string | Uint8Array | ((socket: Socket) => void);
type Table = readonly (readonly [name: string, written: Written])[];

const KEYED = JSON.stringify({ code: '0', message: 'Success', object: JSON.stringify({ key: 'ABCD-1234' }) });

function reply(body: string | Uint8Array, ...headers: readonly string[]): Uint8Array {
  const bytes = Buffer.from(body);
  const head = ['HTTP/1.1 200 OK', `Content-Length: ${bytes.length}`, ...headers, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}

const answer = (object: unknown, code: unknown = '0'): Uint8Array =>
  reply(JSON.stringify({ code, message: 'Success', object }));

const named = (kind: string, texts: readonly string[], make: (text: string) => Written): Table =>
  texts.map((text) => [`${kind}: ${JSON.stringify(text.slice(0, 60))}`, make(text)]);

const STATUS_LINES = named(
  'a status line',
  [
    ...['', ' ', '\r\n', 'HTTP/1.1', 'HTTP/1.1 200', 'HTTP/1.1  200 OK', 'HTTP/1.1 20 OK', 'HTTP/1.1 2000 OK'],
    ...[
      'HTTP/1.1 -200 OK',
      'HTTP/1.1 2e2 OK',
      'HTTP/1.1 abc OK',
      'HTTP/1.1 000 OK',
      'HTTP/1.1 099 OK',
      'HTTP/1.1 600 ?',
    ],
    ...['HTTP/1.1 999 ?', 'HTTP/0.9 200 OK', 'HTTP/1.0 200 OK', 'HTTP/2 200 OK', 'HTTP/9.9 200 OK', 'HTP/1.1 200 OK'],
    ...[
      'ICY 200 OK',
      'SSH-2.0-OpenSSH_9.2',
      '220 mail',
      'GET / HTTP/1.1',
      'PRI * HTTP/2.0',
      'HTTP/1.1 200 \u0000\u001b[2J',
    ],
    ...[
      'HTTP/1.1 101 Switching Protocols',
      'HTTP/1.1 100 Continue',
      'HTTP/1.1 103 Early Hints',
      'HTTP/1.1 204 No Content',
    ],
    ...['HTTP/1.1 205 Reset Content', 'HTTP/1.1 206 Partial', 'HTTP/1.1 304 Not Modified', 'HTTP/1.1 305 Use Proxy'],
    ...[
      'HTTP/1.1 407 Proxy',
      'HTTP/1.1 421 Misdirected',
      'HTTP/1.1 425 Early',
      'HTTP/1.1 426 Upgrade',
      'HTTP/1.1 431 Large',
    ],
    ...['HTTP/1.1 451 No', 'HTTP/1.1 501 No', 'HTTP/1.1 505 Version', 'HTTP/1.1 507 Full', 'HTTP/1.1 511 Sign in'],
    `HTTP/1.1 200 ${'O'.repeat(200_000)}`,
  ],
  (line) => `${line}\r\nContent-Length: ${KEYED.length}\r\n\r\n${KEYED}`,
);

const HEADERS = named(
  'a header',
  [
    ...['Content-Length: -1', 'Content-Length: 0', 'Content-Length: 1', 'Content-Length: abc', 'Content-Length: 1e3'],
    ...[
      'Content-Length: 99999999999999999999',
      'Content-Length: 2147483648',
      'Content-Length: 10, 20',
      'Content-Length:',
    ],
    ...['Content-Length: 5\r\nContent-Length: 6', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
    ...[
      'Transfer-Encoding: chunked',
      'Transfer-Encoding: gzip',
      'Transfer-Encoding: identity, chunked',
      'Transfer-Encoding: x',
    ],
    ...['Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', 'Content-Encoding: gzip', 'Content-Encoding: br'],
    ...['Content-Encoding: \u0000', 'Content-Type: \u001b[2J', 'Content-Type:', `Content-Type: ${'a/'.repeat(5000)}`],
    ...[
      'Connection: upgrade\r\nUpgrade: h2c',
      'Connection: close, keep-alive',
      'Keep-Alive: timeout=0',
      'Keep-Alive: timeout=-1',
    ],
    ...['Keep-Alive: timeout=1e99', 'Keep-Alive: timeout=NaN, max=0', 'Keep-Alive: timeout=99999999999', 'Keep-Alive:'],
    ...[' Folded: yes', 'No colon', ': no name', 'A name: x', 'X-\u0000: y', 'X: \u0000', 'X: a\rb', 'X: a\nb'],
    ...[
      'Set-Cookie: a=b; Domain=evil',
      'Location: javascript:alert(1)',
      'Location: \\\\evil\\share',
      'Refresh: 0; url=/',
    ],
    ...[
      '__proto__: x',
      'constructor: x',
      'Trailer: Content-Length',
      'Expect: 100-continue',
      'Strict-Transport-Security: ;;',
    ],
    `X: ${'y'.repeat(100_000)}`,
    Array.from({ length: 20_000 }, (_, at) => `X-${at}: y`).join('\r\n'),
  ],
  (header) => `HTTP/1.1 200 OK\r\n${header}\r\n\r\n${KEYED}`,
);

const TIMES = ['Date', 'Retry-After', 'Age', 'Expires'].flatMap((header) =>
  named(
    header,
    [
      ...['Sat, 13 Sep 275760 00:00:00 GMT', 'Sun, 14 Sep 275760 00:00:00 GMT', 'Sat, 01 Jan 12000 00:00:00 GMT'],
      ...['Fri, 31 Dec 9999 23:59:59 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT', 'Mon, 01 Jan -271821 00:00:00 GMT'],
      ...[
        'NaN',
        'Infinity',
        '-1',
        '0',
        '1e99',
        '99999999999999999999',
        '0x10',
        'now',
        '\u0000',
        'Mon, 30 Feb 2026 25:61:61 GMT',
      ],
    ],
    (time) => `HTTP/1.1 503 Busy\r\n${header}: ${time}\r\nContent-Length: 0\r\n\r\n`,
  ),
);

const BODIES = named(
  'a body',
  [
    ...[
      '',
      '{',
      '}',
      'null',
      'true',
      '0',
      '""',
      '[]',
      '[[[[',
      '{}',
      '{"code":}',
      '{"code":"0"',
      `\ufeff${KEYED}`,
      `${KEYED}${KEYED}`,
    ],
    ...[
      '{"code":null}',
      '{"code":[]}',
      '{"code":{}}',
      '{"code":true}',
      '{"code":1e999}',
      '{"code":-0}',
      '{"code":0.1}',
      '{"code":""}',
    ],
    ...[
      '{"code":"0\\u0000"}',
      '{"code":"\\ud800"}',
      '{"code":" 0 "}',
      '{"code":"00"}',
      '{"code":"__proto__"}',
      '{"code":"0","code":"1"}',
    ],
    ...['{"__proto__":{"code":"0"}}', '{"constructor":{"prototype":{"code":"0"}}}', '{"code":"0","object":null}'],
    ...[
      '{"code":"22002","message":{"toString":1}}',
      '{"code":"22002","message":"\\u001b]0;x\\u0007\\u202e=cmd|x"}',
      'NaN',
      'undefined',
    ],
    `{"code":"22002","message":"${'m'.repeat(900_000)}"}`,
    `{"code":"0","object":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    `{"code":"0","object":"${'{\\"key\\":'.repeat(20_000)}"}`,
    `{"code":"${'0'.repeat(1_000_000)}"}`,
    `{${Array.from({ length: 50_000 }, (_, at) => `"k${at}":0`).join(',')}}`,
    ' '.repeat(1_000_000),
    'x'.repeat(3 * 1024 * 1024),
    '\u0000'.repeat(4096),
    '<html><title>' + '<'.repeat(100_000),
  ],
  (body) => reply(body),
);

const KEYS = named(
  'a key',
  [
    ...[
      'null',
      '0',
      'true',
      '[]',
      '{}',
      '""',
      '" "',
      '"\\u0000"',
      '"\\n"',
      '"=1+1"',
      '"\\u001b[2J"',
      '"\\ud800"',
      '["a","b"]',
      '{"key":{"key":1}}',
    ],
    ...['"../../etc/passwd"', '"__proto__"', `"${'k'.repeat(100_000)}"`, '1e400', '-0', '12345678901234567890'],
  ],
  (key) => answer(`{"key":${key}}`),
);

const WIRE: Table = [
  ['nothing, and the connection ends', (socket) => socket.end()],
  ['nothing, and the connection breaks', (socket) => socket.resetAndDestroy()],
  ['nothing at all', () => undefined],
  ['half a head', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['half a head, and the end', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le')],
  ['half a body', Buffer.from(reply(KEYED)).subarray(0, -5)],
  ['half a body, and the end', (socket) => socket.end(Buffer.from(reply(KEYED)).subarray(0, -5))],
  [
    'half a body, and a break',
    (socket) => socket.write(Buffer.from(reply(KEYED)).subarray(0, -5), () => socket.resetAndDestroy()),
  ],
  ['two replies', Buffer.concat([reply(KEYED), reply(KEYED)])],
  ['a thousand replies', Buffer.concat(Array.from({ length: 1000 }, () => reply(KEYED)))],
  ['a reply, and text', Buffer.concat([reply(KEYED), Buffer.from('hello')])],
  ['a thousand interim replies', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000) + Buffer.from(reply(KEYED)).toString()],
  ['an alert of TLS', Buffer.from('15030300020228', 'hex')],
  ['a hello of TLS', Buffer.from('1603010200010001fc0303', 'hex')],
  ['a preface of HTTP/2', Buffer.from('000012040000000000', 'hex')],
  ['zeros', Buffer.alloc(100_000)],
  ['ones', Buffer.alloc(100_000, 0xff)],
  ['line ends', '\r\n'.repeat(50_000)],
  ['bytes that are no UTF-8', reply(Buffer.from('{"code":"0","message":"\xff\xfe\xc3\x28"}', 'latin1'))],
  ['UTF-16', reply(Buffer.from(`\ufeff${KEYED}`, 'utf16le'))],
  ['gzip', reply(gzipSync(KEYED), 'Content-Encoding: gzip')],
  ['a bomb of gzip', reply(gzipSync(Buffer.alloc(50_000_000)), 'Content-Encoding: gzip')],
  ...named(
    'chunks',
    [
      ...[
        '0\r\n\r\n',
        '0\r\nX: y\r\n\r\n',
        '-1\r\n',
        'zz\r\n',
        'ffffffffffffffff\r\n',
        'fffffffff\r\nx',
        '5\r\nabc',
        '5;x=y\r\nabcde\r\n0\r\n\r\n',
      ],
      ...[
        '1\r\nab\r\n0\r\n\r\n',
        '\r\n',
        ' 5\r\nabcde\r\n0\r\n\r\n',
        '5\nabcde\n0\n\n',
        `5;${'x'.repeat(50_000)}\r\nabcde\r\n0\r\n\r\n`,
      ],
      '1\r\nx\r\n'.repeat(20_000),
    ],
    (chunks) => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
  ),
];

const REPLIES: Table = [...STATUS_LINES, ...HEADERS, ...TIMES, ...BODIES, ...KEYS, ...WIRE];

/** What a login may be granted. */
const GRANTS: Table = [
  ...named(
    'a session',
    [
      ...['null', '[]', '0', '""', '{}', '{"authToken":null,"secretCode":null}', '{"authToken":1,"secretCode":2}'],
      ...['{"authToken":"","secretCode":""}', '{"authToken":"a"}', '{"authToken":{"x":1},"secretCode":[1]}'],
      ...['{"authToken":"a\\r\\nX: y","secretCode":"b"}', '{"authToken":"../../..","secretCode":"\\u0000"}'],
      ...['{"authToken":"\\ud800","secretCode":"\\udfff"}', `{"authToken":"${'t'.repeat(300_000)}","secretCode":"s"}`],
      ...['{"__proto__":{"authToken":"a","secretCode":"b"}}', '{"authToken":"[secret]","secretCode":"[secret]"}'],
    ],
    (object) => answer(object),
  ),
  ...BODIES.filter((_, at) => at % 4 === 0),
  ...WIRE.filter((_, at) => at % 4 === 0),
];

const closers: (() => void)[] = [];
let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => {
  for (const close of closers.splice(0)) close();
  lab.remove();
});

const TOKENS = { CENTAGATE_AUTH_TOKEN: 'the-auth-token', CENTAGATE_SECRET_CODE: 'the-secret-code' };
const LOGIN = {
  CENTAGATE_PASSWORD: 'the-password',
  CENTAGATE_INTEGRATION_KEY: 'the-integration-key',
  CENTAGATE_INTEGRATION_SECRET: 'the-integration-secret',
};
const NOT_ALLOWED = 'HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n';
const UNAUTHORIZED = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n';

/** Answers each request by its first line. */
async function serve(answerTo: (line: string) => Written): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      const written = answerTo(bytes.toString('latin1', 0, 200));
      if (typeof written === 'function') written(socket);
      else socket.write(written);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const COLUMNS = 'line,outcome,retry,return_code,message,http_status,attempts,sent_at,latency_ms,detail';

async function expectAnEnd(
  command: 'run' | 'verify' | 'doctor',
  answerTo: (line: string) => Written,
  session: Readonly<Record<string, string>>,
): Promise<void> {
  const input = lab.file('users.csv', 'username,token_type\nann,otp\nben,otp\n');
  const registered = ['ann', 'ben'].map((name, at) => `${name},otp,${at + 2},registered,no,0,,200,1,,5,`);
  const results = lab.path('users.results.csv');
  if (command === 'verify') lab.file('users.results.csv', [`username,token_type,${COLUMNS}`, ...registered].join('\n'));
  const env = { CENTAGATE_SERVER: await serve(answerTo), CENTAGATE_ADMIN: 'root', ...session };
  const words = {
    run: ['run', input, '--max-outage', '20', '--attempts', '2'],
    verify: ['verify', results],
    doctor: ['doctor'],
  };
  const ended = await runProgram([...words[command], '--timeout', '10'], env, { clock: new QuickClock(200) });
  expect([0, 1, 2, 3, 4, 6], ended.stderr).toContain(ended.exitCode);
  expect(ended.stdout + ended.stderr).not.toContain('pr0xy-passw0rd');
  expect(ended.stdout + ended.stderr).not.toMatch(/[^\n\P{Cc}]/u);
  if (ended.exitCode === 2 || command !== 'run') return;
  const rows: Record<string, string>[] = parse(readFileSync(results), { columns: true });
  expect(rows.map(({ username }) => username)).toEqual(['ann', 'ben']);
}

it('is tried in 200 ways or more', () => {
  expect(REPLIES.length).toBeGreaterThanOrEqual(200);
});

it.each(every(40, REPLIES))('ends a run: %s', async (_, written) => {
  await expectAnEnd('run', () => written, TOKENS);
});

it.each(every(100, REPLIES))('ends a doctor and a verify: %s', async (_, written) => {
  await expectAnEnd('doctor', () => written, TOKENS);
  await expectAnEnd('verify', () => written, TOKENS);
});

it.each(every(10, GRANTS))('ends a login: %s', async (_, written) => {
  await expectAnEnd('run', (line) => (line.startsWith('GET ') ? NOT_ALLOWED : written), LOGIN);
});

it.each(every(90, REPLIES))('ends the question what a user has: %s', async (_, written) => {
  await expectAnEnd(
    'run',
    (line) => {
      if (line.startsWith('GET ')) return NOT_ALLOWED;
      return line.includes('/user/auth/list') ? written : (socket) => socket.resetAndDestroy();
    },
    TOKENS,
  );
});

it.each(every(90, REPLIES))('ends the question whether a session stands, and a logout: %s', async (_, written) => {
  const session = answer(JSON.stringify({ authToken: 'granted-token', secretCode: 'granted-code' }));
  await expectAnEnd(
    'run',
    (line) => {
      if (/sessioncheck|logout/.test(line)) return written;
      if (line.startsWith('GET ')) return NOT_ALLOWED;
      return line.includes('/authBasic') ? session : UNAUTHORIZED;
    },
    LOGIN,
  );
});

it.each(every(60, [...STATUS_LINES, ...HEADERS, ...TIMES, ...WIRE]))('ends a CONNECT: %s', async (_, written) => {
  const proxy = (await serve(() => written)).replace('http://', 'http://me:pr0xy-passw0rd@');
  await expectAnEnd('run', () => NOT_ALLOWED, {
    ...TOKENS,
    CENTAGATE_SERVER: 'https://centagate.example',
    HTTPS_PROXY: proxy,
  });
});
