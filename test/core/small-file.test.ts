import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCertificateFile, readSmallFile } from '../../src/core/small-file.js';
import { makeCertificate } from '../../src/simulator/make-certificate.js';
import { Lab } from '../support/lab.js';

let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

describe('a small file', () => {
  it('comes whole, also when its size is not known beforehand', () => {
    const file = readSmallFile('/proc/self/status', 64 * 1024);
    expect('bytes' in file && file.bytes.toString()).toContain('Name:');
  });

  it('is refused when it never ends', () => {
    expect(readSmallFile('/dev/zero', 1024)).toEqual({ problem: 'is not a regular file' });
  });

  it('is refused for reasons that have no words here by their code', () => {
    const loop = lab.path('loop');
    symlinkSync(loop, loop);
    expect(readSmallFile(loop, 1024)).toEqual({ problem: "can't be read (ELOOP)" });
  });

  it('does not hide a mistake of ours', () => {
    expect(() => readSmallFile(lab.file('x', 'x'), Number.NaN)).toThrow();
  });
});

describe('a file of certificates', () => {
  it('gives each of them', async () => {
    const { cert } = await makeCertificate(['localhost']);
    const path = lab.file('two.pem', cert + cert);
    expect(readCertificateFile(path, '--ca').map(String)).toEqual([cert, cert]);
  });

  it('is named with its flag, and not waited for, where it is none', () => {
    execFileSync('mkfifo', [lab.path('pipe')]);
    mkdirSync(lab.path('folder'));
    const says = (name: string): unknown => {
      try {
        return readCertificateFile(lab.path(name), '--encrypt-to');
      } catch (error) {
        return String(error).replaceAll(lab.folder, '.');
      }
    };
    expect(['pipe', 'folder', 'nothing'].map(says)).toEqual([
      'UsageError: --encrypt-to: ./pipe is not a regular file',
      'UsageError: --encrypt-to: ./folder is a folder; name a file',
      'UsageError: --encrypt-to: ./nothing does not exist',
    ]);
  });
});
