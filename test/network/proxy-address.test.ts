import { describe, expect, test } from 'vitest';
import { toProxyAddress } from '../../src/network/proxy-address.js';
import { UsageError } from '../../src/core/usage-error.js';

describe('the address of a proxy', () => {
  test.each([
    ['proxy:3128', 'http://proxy:3128'],
    ['me:p%40ss@proxy:3128', 'http://me:p%40ss@proxy:3128'],
    ['http://proxy', 'http://proxy'],
    ['HTTPS://proxy:443', 'HTTPS://proxy:443'],
  ])('%s is %s', (text, address) => {
    expect(toProxyAddress(text)).toBe(address);
  });

  test.each(['socks5://proxy:1080', 'ftp://proxy', 'http://', 'proxy:port', ':p4ss@'])(
    'is not %s, and what is there is not shown, since it may hold a password',
    (text) => {
      expect(() => toProxyAddress(text)).toThrow(
        new UsageError(['HTTPS_PROXY is no address of a proxy: write http://host:port']),
      );
    },
  );
});
