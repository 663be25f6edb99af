import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CODED, LONG_HEAD, NO_HTTP, ReplyFramer } from '../../src/network/reply-framer.js';

const BODY = '{"code":"0"}';
const HEAD = 'HTTP/1.1 200 OK\r\n';
const PLAIN = `${HEAD}Content-Length: 12\r\n\r\n${BODY}`;
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n${BODY.slice(0, 5)}\r\n7\r\n${BODY.slice(5)}\r\n0\r\n\r\n`;

/** What comes of one reply that comes in these pieces. */
function frame(...pieces: readonly string[]) {
  const framer = new ReplyFramer();
  framer.expect();
  const came = { bytes: '', surplus: '', fault: undefined as string | undefined };
  for (const piece of pieces) {
    const { bytes, surplus, fault } = framer.take(Buffer.from(piece, 'latin1'));
    came.bytes += bytes.toString('latin1');
    came.surplus += surplus?.toString('latin1') ?? '';
    came.fault ??= fault;
  }
  return { ...came, isIdle: framer.isIdle };
}

function whole(bytes: string, surplus = '') {
  return { bytes, surplus, fault: undefined, isIdle: true };
}

describe('a reply', () => {
  test.each([
    ['with a length', PLAIN],
    ['in chunks', CHUNKED],
    ['in chunks, with a trailer', CHUNKED.replace(/\r\n$/, 'X-Sum: 1\r\n\r\n')],
    ['without a body', 'HTTP/1.1 405 Not So\r\nContent-Length: 0\r\n\r\n'],
    ['of a status that has none', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['of HTTP/1.0', PLAIN.replace('1.1', '1.0')],
    ['without a reason', PLAIN.replace(' OK', '')],
    ['with a reason beyond ASCII', PLAIN.replace('OK', 'D\xe9j\xe0\tvu')],
  ])('%s goes on as it is, to its end', (_, reply) => {
    expect(frame(reply)).toEqual(whole(reply));
    expect(frame(`${reply}${PLAIN}`)).toEqual(whole(reply, PLAIN));
    expect(frame(reply, PLAIN)).toEqual(whole(reply, PLAIN));
  });

  test('may be followed and preceded by line ends, which are nobody’s', () => {
    expect(frame(`\r\n\n${PLAIN}\r\n`, '\r\n')).toEqual(whole(PLAIN));
  });

  test('that ends with its connection has no other end', () => {
    const reply = `${HEAD}\r\n${BODY}`;
    expect(frame(reply, PLAIN)).toEqual({ ...whole(reply + PLAIN), isIdle: false });
  });

  test.each([
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 102 X\r\nA: b\r\n\r\n',
    'HTTP/1.0 103 Hints\r\nLink: <x>\r\n\r\n',
  ])('behind an interim one goes on alone: %j', (interim) => {
    expect(frame(interim + PLAIN)).toEqual(whole(PLAIN));
    expect(frame(interim, interim, `\r\n${PLAIN}`)).toEqual(whole(PLAIN));
  });

  test('whose body looks like an interim reply keeps it', () => {
    const body = 'HTTP/1.1 100 Continue\r\n\r\n';
    const reply = `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
    expect(frame(reply)).toEqual(whole(reply));
    expect(frame(reply.slice(0, -body.length), body)).toEqual(whole(reply));
  });

  test('is the same in whatever pieces it comes', () => {
    const all = [
      PLAIN,
      CHUNKED.replace('5\r\n', '5 ; a="b"\r\n'),
      `HTTP/1.1 100 X\r\n\r\n${CHUNKED}`,
      `${PLAIN}surplus`,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.array(fc.nat(120), { maxLength: 8 }), (reply, cuts) => {
        const ends = [...new Set([...cuts.filter((cut) => cut < reply.length), reply.length])].sort((a, b) => a - b);
        const pieces = ends.map((end, at) => reply.slice(ends[at - 1] ?? 0, end));
        expect(frame(...pieces)).toEqual(frame(reply));
      }),
    );
  });
});

describe('nothing is believed of', () => {
  test.each([
    'HTTP/0.9 200 OK',
    'HTTP/2.0 200 OK',
    'HTTP/2 200',
    'HTTP/1.2 200 OK',
    'HTTP/11 200 OK',
    'http/1.1 200 OK',
    'RTSP/1.0 200 OK',
    'ICE/1.0 200 OK',
    'ICY 200 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 600 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 200OK',
    'HTTP/1.1 200 O\0K',
    'HTTP/1.1 200 O\x7fK',
    'HTTP/1.1 200 O\nK',
    '200 OK',
  ])('a reply that begins with %j', (line) => {
    expect(frame(PLAIN.replace('HTTP/1.1 200 OK', line))).toMatchObject({ bytes: '', fault: NO_HTTP });
  });

  test('bytes that begin like no reply, before their line has ended', () => {
    expect(frame('\x16\x03\x01')).toMatchObject({ bytes: '', fault: NO_HTTP });
    expect(frame('HTTP/2')).toMatchObject({ bytes: '', fault: NO_HTTP });
    expect(frame('HTT', 'P/1.', '1 ')).toMatchObject({ bytes: '', fault: undefined });
  });

  test.each(['gzip', 'gzip, chunked', 'chunked, gzip', 'identity', 'x', 'chunked\r\nTransfer-Encoding: gzip'])(
    'a 200 in a coding that nobody asked for (%s); any other status stands by itself',
    (coding) => {
      const reply = `${HEAD}Transfer-Encoding: ${coding}\r\n\r\n${BODY}`;
      expect(frame(reply)).toMatchObject({ bytes: '', fault: CODED });
      const status = reply.replace('200 OK', '503 Later');
      expect(frame(status)).toMatchObject({ bytes: status, fault: undefined });
    },
  );

  test.each(['zz', '', ' 5', '-5', '0x5', '5 x', '5;\0', '12345678901234567'])('a chunk whose size is %j', (size) => {
    const head = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
    expect(frame(`${head}${size}\r\n{"cod\r\n0\r\n\r\n`)).toMatchObject({ bytes: head, fault: NO_HTTP });
  });

  test('a head that never ends', () => {
    expect(frame(HEAD, `X: ${'x'.repeat(17_000)}`)).toMatchObject({ bytes: '', fault: LONG_HEAD });
    expect(frame(`${HEAD}X: ${'x'.repeat(17_000)}\r\n\r\n`)).toMatchObject({ bytes: '', fault: LONG_HEAD });
  });
});

describe('what RFC 9112 allows is taken', () => {
  test.each(['5;a', '5 ; a = b', '5\t;\ta="x y";c', '5  ', '05'])(
    'a chunk whose size is followed by more: %j',
    (size) => {
      const { bytes, fault, isIdle } = frame(CHUNKED.replace('\r\n5\r\n', `\r\n${size}\r\n`));
      expect([bytes.replace('\r\n05\r\n', '\r\n5\r\n'), fault, isIdle]).toEqual([CHUNKED, undefined, true]);
    },
  );

  test.each([':12', ':\t12', ':  12', ': 12\t', ': 12  ', ':\t12 \t'])('blanks around a length: %j', (length) => {
    expect(frame(PLAIN.replace(': 12', length))).toEqual(whole(PLAIN));
  });

  test('lengths that contradict each other, or chunks, are for the parser to refuse', () => {
    for (const more of ['Content-Length: 2\r\n', 'Transfer-Encoding: chunked\r\n']) {
      const reply = PLAIN.replace('\r\n\r\n', `\r\n${more}\r\n`);
      expect(frame(reply)).toEqual({ ...whole(reply), isIdle: false });
    }
  });
});

test('what comes while nothing is waited for is surplus, but for line ends', () => {
  const framer = new ReplyFramer();
  expect(framer.take(Buffer.from('\r\n'))).toEqual({ bytes: Buffer.alloc(0) });
  expect(framer.take(Buffer.from('x')).surplus?.toString()).toBe('x');
  expect(framer.isIdle).toBe(true);
});
