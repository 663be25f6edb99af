import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  findDebugger,
  findEndlessRoots,
  findLoadingOptions,
  findTellingVariables,
} from '../../src/settings/node-environment.js';
import { Lab } from '../support/lab.js';

/** The variables that are refused. */
function refused(env: Record<string, string>): string[] {
  return findTellingVariables(env).map((problem) => problem.split(':', 1)[0] ?? '');
}

describe('a variable that switches off the check of certificates', () => {
  it.each(['0', 'false', 'no'])('is refused by its name: %s', (text) => {
    expect(refused({ NODE_TLS_REJECT_UNAUTHORIZED: text })).toEqual(['NODE_TLS_REJECT_UNAUTHORIZED']);
  });

  it.each(['', '1'])('does so no longer as %j', (text) => {
    expect(refused({ NODE_TLS_REJECT_UNAUTHORIZED: text })).toEqual([]);
  });
});

describe('NODE_DEBUG', () => {
  it.each(['http', 'HTTP', 'undici', 'tls', 'net', 'stream', 'fs,tls', 'ht*', '*', 'u*i', 'module,NET'])(
    'is refused with %s',
    (text) => expect(refused({ NODE_DEBUG: text })).toEqual(['NODE_DEBUG']),
  );

  it.each(['', 'module', 'fs,timer', 'nett', '(', 'a.b', 'tls http'])('is let be with %j', (text) => {
    expect(refused({ NODE_DEBUG: text })).toEqual([]);
  });

  it('says which sections it is about', () => {
    expect(findTellingVariables({ NODE_DEBUG: 'fs,t*,net' })[0]).toContain('(tls, net)');
  });
});

describe('a debugger', () => {
  it('that listens is refused, without what only it should know', () => {
    const [problem = ''] = findDebugger('ws://127.0.0.1:9229/0f2c936f');
    expect(problem).toContain('open to a debugger (127.0.0.1:9229)');
    expect(problem).not.toContain('0f2c936f');
  });

  it('that does not is none', () => expect(findDebugger(undefined)).toEqual([]));
});

describe('a file of authorities', () => {
  let lab: Lab;
  beforeEach(() => (lab = new Lab()));
  afterEach(() => lab.remove());

  it.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])(
    'that Node itself would read without an end is refused: %s',
    (name) => {
      const large = lab.file('large.pem', 'x'.repeat(4 * 1024 * 1024 + 1));
      for (const path of ['/dev/zero', large])
        expect(findEndlessRoots({ [name]: path })).toEqual([expect.stringContaining(name)]);
      for (const path of ['', '/no/such/file', lab.folder, lab.file('roots.pem', 'x')])
        expect(findEndlessRoots({ [name]: path })).toEqual([]);
    },
  );
});

describe('NODE_OPTIONS', () => {
  it.each([
    ['--max-old-space-size=64 --trace-tls', 'under TLS'],
    ['--trace_tls', 'under TLS'],
    ['"--trace-tls"', 'under TLS'],
    ['--tls-keylog=/tmp/keys', 'keys of all connections'],
    ['--heapsnapshot-signal=SIGUSR2', 'memory of this program'],
    ['--report-on-signal', 'environment of this program'],
  ])('is refused with %s', (text, does) => {
    expect(findTellingVariables({ NODE_OPTIONS: text })).toEqual([expect.stringContaining(does)]);
  });

  it.each(['', '--max-old-space-size=64', '--inspect-port=1', '--use-openssl-ca', '--require=./--inspect'])(
    'is let be with %j',
    (text) => expect(refused({ NODE_OPTIONS: text })).toEqual([]),
  );

  it('repeats no value, which may be a secret', () => {
    expect(findTellingVariables({ NODE_OPTIONS: '--tls-keylog=/home/secret' }).join()).not.toContain('secret');
  });

  it.each([
    ['--require /opt/agent.js', ['--require']],
    ['-r /opt/agent.js --import=x --enable-source-maps', ['--require', '--import']],
    ['--experimental-loader x', ['--experimental-loader']],
    ['--max-old-space-size=64 -rf', []],
  ])('that loads what is not ours is known: %s', (text, options) => {
    expect(findLoadingOptions({ NODE_OPTIONS: text })).toEqual(options);
  });
});
