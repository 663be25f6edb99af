import { describe, expect, test } from 'vitest';
import { isExempt } from '../../src/network/no-proxy.js';

describe('a server by its name', () => {
  test.each([
    ['*', true],
    ['centagate.example', true],
    ['CENTAGATE.example', true],
    ['other.example centagate.example', true],
    ['other.example,centagate.example', true],
    ['other.example, *', true],
    ['example', true],
    ['.example', true],
    ['*.example', true],
    ['.centagate.example', true],
    ['centagate.example.', true],
    ['centagate.example:443', true],
    ['.example:443', true],
    ['centagate.example:8443', false],
    ['gate.example', false],
    ['centagate.*', false],
    ['centagate.example.org', false],
    ['10.0.0.0/8', false],
    ['0.0.0.0/0', false],
    ['::/0', false],
    ['::1', false],
    ['.', false],
    [':443', false],
    ['', false],
    [',', false],
  ])('NO_PROXY=%s: %s', (noProxy, isOut) => {
    expect(isExempt(noProxy, 'centagate.example', 443)).toBe(isOut);
    expect(isExempt(noProxy, 'centagate.example.', 443)).toBe(isOut);
  });

  test('outside ASCII is written either way', () => {
    expect(isExempt('bücher.example', 'xn--bcher-kva.example', 443)).toBe(true);
    expect(isExempt('xn--bcher-kva.example', 'xn--bcher-kva.example', 443)).toBe(true);
  });
});

describe('a server by its IPv4 address', () => {
  test.each([
    ['10.1.2.3', true],
    ['10.1.2.3:443', true],
    ['10.1.2.3:8443', false],
    ['10.0.0.0/8', true],
    ['10.1.2.3/32', true],
    ['10.1.2.4/31', false],
    ['0.0.0.0/0', true],
    ['172.16.0.0/12,192.168.0.0/16', false],
    ['172.16.0.0/12,10.0.0.0/8', true],
    ['10.0.0.0/33', false],
    ['10.0.0.0/', false],
    ['10.0.0/8', false],
    ['10.0.0.0/8:443', false],
    ['2.3', false],
    ['1.2.3', false],
    ['::/0', false],
    ['*', true],
  ])('NO_PROXY=%s: %s', (noProxy, isOut) => {
    expect(isExempt(noProxy, '10.1.2.3', 443)).toBe(isOut);
  });
});

describe('a server by its IPv6 address', () => {
  test.each([
    ['fd00::1', true],
    ['FD00::1', true],
    ['fd00:0:0::1', true],
    ['[fd00::1]', true],
    ['[fd00::1]:443', true],
    ['[fd00::1]:8443', false],
    ['fd00::/8', true],
    ['[fd00::]/8', true],
    ['fe80::/10', false],
    ['fd00::/129', false],
    ['fd00::2', false],
    ['::1', false],
    ['0.0.0.0/0', false],
    ['*', true],
  ])('NO_PROXY=%s: %s', (noProxy, isOut) => {
    expect(isExempt(noProxy, 'fd00::1', 443)).toBe(isOut);
  });

  test('the loopback is written bare', () => {
    expect(isExempt('localhost,::1', '::1', 8443)).toBe(true);
  });
});
