import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/core/usage-error.js';
import { proxyFor } from '../../src/network/proxy.js';

const SERVER = 'https://centagate.example:8443';

describe('the proxy to a server', () => {
  test('is the one that is set, without what may be secret in its name', () => {
    expect(proxyFor(SERVER, { https: 'http://me:p%40ss@proxy:3128/path', no: '' })).toEqual({
      origin: 'http://proxy:3128',
      name: 'proxy:3128',
      authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
      password: 'p@ss',
    });
  });

  test.each([
    ['proxy', 'proxy:80'],
    ['https://proxy', 'proxy:443'],
    ['[fd00::1]:3128', '[fd00::1]:3128'],
  ])('%s is %s', (https, name) => {
    expect(proxyFor(SERVER, { https, no: '' })).toMatchObject({ name, authorization: undefined });
  });

  test('may take a name without a password', () => {
    const authorization = `Basic ${Buffer.from('me:').toString('base64')}`;
    expect(proxyFor(SERVER, { https: 'me@proxy', no: '' })).toMatchObject({ authorization });
  });

  test('is none where none is set, or NO_PROXY takes the server out', () => {
    expect(proxyFor(SERVER, undefined)).toBeUndefined();
    expect(proxyFor(SERVER, { https: 'proxy', no: 'example:8443' })).toBeUndefined();
    expect(proxyFor('https://[fd00::1]', { https: 'proxy', no: 'fd00::/8' })).toBeUndefined();
    expect(proxyFor('https://centagate.example', { https: 'proxy', no: 'example:443' })).toBeUndefined();
    expect(proxyFor(SERVER, { https: 'proxy', no: 'example:443' })).toBeDefined();
  });

  test('needs an address that can be read; what is there is not shown', () => {
    const wrong = () => proxyFor(SERVER, { https: 'http://me:p%zz@proxy', no: '' });
    expect(wrong).toThrow(new UsageError(['HTTPS_PROXY: a % in its name or password is to be written as %25']));
  });
});
