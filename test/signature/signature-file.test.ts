import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSignatureFolder } from '../../src/signature/signature-file.js';
import type { SignatureFolder } from '../../src/signature/signature-file.js';
import { runs } from '../support/suite.js';

const disk = vi.hoisted(() => ({
  fails: undefined as Error | undefined,
  shrinks: false,
  names: undefined as readonly string[] | undefined,
  beforeOpen: (): void => undefined,
  afterOpen: (): void => undefined,
  tellsPlaces: true,
}));

vi.mock('node:fs', async (importActual) => {
  const actual = await importActual<typeof import('node:fs')>();
  const readSync = ((...request: Parameters<typeof actual.readSync>) => {
    if (disk.fails !== undefined) throw disk.fails;
    if (disk.shrinks) return 0;
    return actual.readSync(...request);
  }) as typeof actual.readSync;
  const readdirSync = ((...request: Parameters<typeof actual.readdirSync>) =>
    disk.names ?? actual.readdirSync(...request)) as typeof actual.readdirSync;
  const openSync = ((...request: Parameters<typeof actual.openSync>) => {
    disk.beforeOpen();
    const file = actual.openSync(...request);
    disk.afterOpen();
    return file;
  }) as typeof actual.openSync;
  const readlinkSync = ((...request: Parameters<typeof actual.readlinkSync>) => {
    if (!disk.tellsPlaces) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT', errno: -2 });
    return actual.readlinkSync(...request);
  }) as typeof actual.readlinkSync;
  return { ...actual, readSync, readdirSync, openSync, readlinkSync };
});

const MIB = 1024 * 1024;
const BYTES = Buffer.from('what a signature file holds');
const isRoot = process.getuid?.() === 0;
let outside: string;
let folder: string;

function put(path: string, content: string | Uint8Array = BYTES): string {
  const full = join(folder, path);
  fs.mkdirSync(join(full, '..'), { recursive: true });
  fs.writeFileSync(full, content);
  return path;
}

type Answer = ReturnType<SignatureFolder['read']>;

function read(path: string): Answer {
  return openSignatureFolder(folder).read(path);
}

function problemOf(answer: Answer): string {
  if (typeof answer === 'string') return answer;
  throw new Error('a problem of the row was expected');
}

function faultOf(answer: Answer): string {
  if (typeof answer === 'object' && 'fault' in answer) return answer.fault;
  throw new Error('a fault of the machine was expected');
}

function systemError(code: string, errno: number): Error {
  return Object.assign(new Error(`${code}: read`), { code, errno, syscall: 'read' });
}

beforeEach(() => {
  outside = fs.mkdtempSync(join(tmpdir(), 'signature-'));
  folder = join(outside, 'signatures');
  fs.mkdirSync(folder);
});

afterEach(() => {
  disk.fails = undefined;
  disk.shrinks = false;
  disk.names = undefined;
  disk.beforeOpen = () => undefined;
  disk.afterOpen = () => undefined;
  disk.tellsPlaces = true;
  fs.rmSync(outside, { recursive: true });
});

describe('the path', () => {
  it('is relative to the folder, and backslashes separate folders too', () => {
    put('sales/north/alice.p7s');
    expect(read('sales/north/alice.p7s')).toEqual(BYTES);
    expect(read('sales\\north\\alice.p7s')).toEqual(BYTES);
    expect(read('.\\sales/./north/../north//alice.p7s')).toEqual(BYTES);
  });

  it('may hold blanks, umlauts and dots', () => {
    for (const name of ['Zoë Müller.p7s', '..alice.p7s', '...', 'a..b', '李.p7s']) put(name);
    for (const name of ['Zoë Müller.p7s', '..alice.p7s', '...', 'a..b', '李.p7s']) {
      expect(read(name)).toEqual(BYTES);
    }
  });

  it.each(['/etc/passwd', '\\server\\share\\a.p7s', '//server/a.p7s', 'C:\\a.p7s', 'c:/a.p7s', 'C:a.p7s'])(
    'is refused when absolute: %s',
    (path) => {
      expect(problemOf(read(path))).toBe(`is an absolute path; write it relative to the signature folder`);
    },
  );

  it.each(['..', '../a.p7s', '..\\a.p7s', 'sub/../../a.p7s', 'sub/../../signatures/a.p7s', './..'])(
    'is refused when its text leaves the folder: %s',
    (path) => {
      put('a.p7s');
      fs.writeFileSync(join(outside, 'a.p7s'), BYTES);
      expect(problemOf(read(path))).toBe(`leaves the signature folder; name a file inside it`);
    },
  );

  it('is refused with a NUL character', () => {
    expect(problemOf(read('a.p7s\0.txt'))).toBe('has a NUL character in its path; remove it');
  });

  it('may be far too long', () => {
    expect(problemOf(read('x'.repeat(MIB)))).toBe('has a name that is too long for the disk; correct the path');
  });

  it.each(['', '.', 'sub', 'sub/'])('is refused when it names a folder: "%s"', (path) => {
    fs.mkdirSync(join(folder, 'sub'));
    expect(problemOf(read(path))).toBe(`is a folder; name the PKCS#7 file itself`);
  });

  it('is refused when it takes a file for a folder', () => {
    put('a.p7s');
    for (const path of ['a.p7s/b.p7s', 'a.p7s/']) {
      expect(problemOf(read(path))).toContain('goes through a file as if it were a folder');
    }
  });
});

describe('symbolic links', () => {
  beforeEach(() => {
    put('sub/a.p7s');
    fs.writeFileSync(join(outside, 'secret.p7s'), BYTES);
  });

  it('may lead from inside to inside, relative or absolute', () => {
    fs.symlinkSync('sub/a.p7s', join(folder, 'relative.p7s'));
    fs.symlinkSync(join(folder, 'sub'), join(folder, 'absolute'));
    expect(read('relative.p7s')).toEqual(BYTES);
    expect(read('absolute/a.p7s')).toEqual(BYTES);
  });

  it('may not lead outside, as a file, a folder or a chain of links', () => {
    fs.symlinkSync('../secret.p7s', join(folder, 'file.p7s'));
    fs.symlinkSync(outside, join(folder, 'up'));
    fs.symlinkSync('up', join(folder, 'chain'));
    for (const path of ['file.p7s', 'up/secret.p7s', 'chain/secret.p7s', 'up', 'chain']) {
      expect(problemOf(read(path))).toBe(`leaves the signature folder; name a file inside it`);
    }
  });

  it('may not lead outside where no open can refuse to follow them, as on Windows', async () => {
    fs.symlinkSync('../secret.p7s', join(folder, 'file.p7s'));
    vi.resetModules();
    vi.doMock('node:fs', () => ({
      ...fs,
      constants: { ...fs.constants, O_NOFOLLOW: undefined, O_NONBLOCK: undefined },
    }));
    const windows = await import('../../src/signature/signature-file.js');
    expect(windows.openSignatureFolder(folder).read('sub/a.p7s')).toEqual(BYTES);
    expect(windows.openSignatureFolder(folder).read('file.p7s')).toContain('leaves the signature folder');
  });

  it('do not tell what exists outside', () => {
    fs.symlinkSync(outside, join(folder, 'up'));
    for (const path of ['up/nothing.p7s', 'up/SECRET.P7S', 'up/nothing/nothing.p7s']) {
      expect(problemOf(read(path))).toContain('leaves the signature folder');
    }
  });

  it('may not lead to a folder whose name only begins like the signature folder', () => {
    fs.mkdirSync(`${folder}-old`);
    fs.writeFileSync(`${folder}-old/a.p7s`, BYTES);
    fs.symlinkSync(`${folder}-old`, join(folder, 'old'));
    expect(problemOf(read('old/a.p7s'))).toContain('leaves the signature folder');
  });

  it('are called broken when they lead to nothing', () => {
    fs.symlinkSync('gone.p7s', join(folder, 'broken.p7s'));
    fs.symlinkSync('gone', join(folder, 'folder'));
    for (const path of ['broken.p7s', 'folder/a.p7s']) {
      expect(problemOf(read(path))).toBe(`goes through a symbolic link to something missing; repair the link`);
    }
  });

  it('are called a circle when they lead to themselves', () => {
    fs.symlinkSync('b.p7s', join(folder, 'a.p7s'));
    fs.symlinkSync('a.p7s', join(folder, 'b.p7s'));
    expect(problemOf(read('a.p7s'))).toContain('goes through symbolic links that lead in a circle');
  });

  it('may be the signature folder itself', () => {
    fs.symlinkSync(folder, join(outside, 'link'));
    expect(openSignatureFolder(join(outside, 'link')).read('sub/a.p7s')).toEqual(BYTES);
  });
});

describe('a folder that becomes a link while files are read', () => {
  const swap = (): void => {
    fs.renameSync(join(folder, 'sub'), join(folder, 'old'));
    fs.symlinkSync(outside, join(folder, 'sub'));
  };

  beforeEach(() => {
    put('sub/a.p7s');
    fs.writeFileSync(join(outside, 'a.p7s'), 'a secret');
  });

  it.each([true, false])('gives nothing from outside, where the system tells places: %s', (tellsPlaces) => {
    disk.tellsPlaces = tellsPlaces;
    const signatures = openSignatureFolder(folder);
    expect(signatures.read('sub/a.p7s')).toEqual(BYTES);
    swap();
    for (const path of ['sub/a.p7s', 'sub/../sub/a.p7s']) {
      expect(problemOf(signatures.read(path))).toBe('leaves the signature folder; name a file inside it');
    }
  });

  it.each([true, false])('just before the open gives nothing from outside: %s', (tellsPlaces) => {
    disk.tellsPlaces = tellsPlaces;
    const signatures = openSignatureFolder(folder);
    signatures.read('b.p7s');
    disk.beforeOpen = () => {
      disk.beforeOpen = () => undefined;
      swap();
    };
    expect(problemOf(signatures.read('sub/a.p7s'))).toBe('leaves the signature folder; name a file inside it');
  });

  it.each([true, false])('and a folder again gives nothing from outside: %s', (tellsPlaces) => {
    disk.tellsPlaces = tellsPlaces;
    const signatures = openSignatureFolder(folder);
    signatures.read('b.p7s');
    disk.beforeOpen = () => {
      disk.beforeOpen = () => undefined;
      swap();
    };
    disk.afterOpen = () => {
      disk.afterOpen = () => undefined;
      fs.unlinkSync(join(folder, 'sub'));
      fs.renameSync(join(folder, 'old'), join(folder, 'sub'));
    };
    expect(problemOf(signatures.read('sub/a.p7s'))).toBe('leaves the signature folder; name a file inside it');
  });

  it('may become a link to what lies inside', () => {
    const signatures = openSignatureFolder(folder);
    expect(signatures.read('sub/a.p7s')).toEqual(BYTES);
    fs.renameSync(join(folder, 'sub'), join(folder, 'old'));
    fs.symlinkSync('old', join(folder, 'sub'));
    expect(signatures.read('sub/a.p7s')).toEqual(BYTES);
  });
});

describe('the signature folder', () => {
  it('is discovered when it is used; that it does not exist is no fault of a row', () => {
    const signatures = openSignatureFolder(join(outside, 'nowhere'));
    const problem = `the signature folder "${outside}/nowhere" does not exist; correct the path or add it`;
    for (const path of ['a.p7s', 'b.p7s']) {
      expect(faultOf(signatures.read(path))).toBe(`cannot be read: ${problem}`);
    }
    fs.mkdirSync(join(outside, 'nowhere'));
    fs.writeFileSync(join(outside, 'nowhere/a.p7s'), BYTES);
    expect(signatures.read('a.p7s')).toEqual(BYTES);
  });

  it('may not be a file, and may not have a NUL character', () => {
    fs.writeFileSync(join(outside, 'file'), BYTES);
    expect(faultOf(openSignatureFolder(join(outside, 'file')).read('a.p7s'))).toContain('goes through a file');
    expect(faultOf(openSignatureFolder(join(outside, 'a\0b')).read('a.p7s'))).toContain('NUL');
  });

  it.each(['another one', 'none'])('may go away: no row is to blame when there is %s in its place', (rest) => {
    put('a.p7s');
    const signatures = openSignatureFolder(folder);
    expect(signatures.read('a.p7s')).toEqual(BYTES);
    fs.renameSync(folder, `${folder}-away`);
    if (rest === 'another one') fs.mkdirSync(folder);
    expect(faultOf(signatures.read('a.p7s'))).toContain('is not the one that it was; see that its disk or share is');
    expect(faultOf(signatures.read('gone.p7s'))).toContain('is not the one that it was');
  });

  it.each(['another one', 'none'])('may lose a folder that was read from: %s stands in its place', (rest) => {
    put('share/a.p7s');
    const signatures = openSignatureFolder(folder);
    expect(signatures.read('share/a.p7s')).toEqual(BYTES);
    // Another reader knows it too, which comes when it has gone.
    const later = openSignatureFolder(folder, signatures.known);
    fs.renameSync(join(folder, 'share'), `${folder}-away`);
    if (rest === 'another one') fs.mkdirSync(join(folder, 'share'));
    for (const reader of [signatures, later]) {
      expect(faultOf(reader.read('share/a.p7s'))).toContain(
        'the folder "share" of signatures is not the one that it was',
      );
    }
    expect(openSignatureFolder(folder).read('share/a.p7s')).toContain('does not exist');
    expect(signatures.read('other/a.p7s')).toContain('does not exist');
  });

  it.each([
    ['NFC', 'NFD'],
    ['NFD', 'NFC'],
  ] as const)('has names that a person sees: written in %s, stored in %s', (written, stored) => {
    put('Müller/Café.p7s'.normalize(stored));
    const signatures = openSignatureFolder(folder);
    expect(signatures.read('Müller/Café.p7s'.normalize(written))).toEqual(BYTES);
    expect(signatures.read('Müller/café.p7s'.normalize(written))).toContain('did you mean');
  });

  it('may be the root of the disk', () => {
    expect(openSignatureFolder('/').read(join(folder, put('a.p7s')).slice(1))).toEqual(BYTES);
  });

  it('keeps the place it had when the process changes its own', () => {
    put('a.p7s');
    const before = process.cwd();
    try {
      process.chdir(outside);
      const signatures = openSignatureFolder('signatures');
      process.chdir(before);
      expect(signatures.read('a.p7s')).toEqual(BYTES);
    } finally {
      process.chdir(before);
    }
  });
});

describe('a missing file', () => {
  it('is said to be missing', () => {
    put('bob.p7s');
    for (const path of ['alice.p7s', 'sales/alice.p7s']) {
      expect(problemOf(read(path))).toBe(`does not exist; correct the path or add it`);
    }
  });

  it.each(['sales/alice.p7s', 'SALES/ALICE.P7S', 'Sales\\alice.p7s'])(
    'is answered with the file that differs in letter case only: %s',
    (path) => {
      put('Sales/Alice.p7s');
      expect(problemOf(read(path))).toBe(`does not exist; did you mean "Sales/Alice.p7s"?`);
    },
  );

  it('is answered with the file whose name a Mac has written in other code points', () => {
    put('Zoe\u0308.p7s');
    expect(problemOf(read('zo\u00eb.p7s'))).toContain('did you mean "Zoe\u0308.p7s"?');
  });

  it('is answered without listing a folder more than once', () => {
    put('Alice.p7s');
    const signatures = openSignatureFolder(folder);
    expect(problemOf(signatures.read('ALICE.p7s'))).toContain('did you mean');
    put('Bob.p7s');
    expect(problemOf(signatures.read('BOB.p7s'))).not.toContain('did you mean');
  });

  it('is answered from 100,000 names at most, so that memory stays small', () => {
    for (const path of ['a/Alice.p7s', 'a/Bob.p7s', 'b/Bob.p7s']) put(path);
    const signatures = openSignatureFolder(folder);
    disk.names = [...Array.from({ length: 99_999 }, (_, index) => `${index}.p7s`), 'Alice.p7s', 'Bob.p7s'];
    expect(problemOf(signatures.read('a/ALICE.P7S'))).toContain('did you mean "a/Alice.p7s"');
    expect(problemOf(signatures.read('a/BOB.P7S'))).toContain('does not exist; correct the path');
    disk.names = undefined;
    expect(problemOf(signatures.read('b/BOB.P7S'))).toContain('does not exist; correct the path');
  });

  it('is not answered with a file that has gone since', () => {
    const signatures = openSignatureFolder(folder);
    put('Alice.p7s');
    problemOf(signatures.read('ALICE.p7s'));
    fs.rmSync(join(folder, 'Alice.p7s'));
    expect(problemOf(signatures.read('ALICE.p7s'))).not.toContain('did you mean');
  });
});

describe('only a regular file is read, at once', () => {
  it('not a FIFO', () => {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    // To wait for its writer would be to wait for ever.
    expect(problemOf(read('fifo'))).toBe('is not a regular file; name the PKCS#7 file itself');
  });

  it('not a socket', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
    try {
      expect(problemOf(read('socket'))).toContain('is not a regular file');
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('not a device', () => {
    for (const device of ['null', 'zero']) {
      expect(problemOf(openSignatureFolder('/dev').read(device))).toContain('is not a regular file');
    }
  });

  it('not an empty one', () => {
    expect(problemOf(read(put('empty.p7s', '')))).toContain('is empty; export the signature again');
  });

  it('not one whose size is unknown beforehand', () => {
    expect(problemOf(openSignatureFolder('/proc/self').read('status'))).toContain('is empty');
  });

  it('not one over 1 MiB, also when it has holes', () => {
    put('large.p7s');
    fs.truncateSync(join(folder, 'large.p7s'), MIB + 1);
    expect(problemOf(read('large.p7s'))).toContain('is over 1 MiB');
    fs.truncateSync(join(folder, 'large.p7s'), 8 * 1024 ** 4);
    expect(problemOf(read('large.p7s'))).toContain('is over 1 MiB');
  });

  it('not one that the user may not read, nor one in a folder that the user may not pass', () => {
    put('a.p7s');
    put('sub/a.p7s');
    fs.chmodSync(outside, 0o755);
    fs.chmodSync(join(folder, 'a.p7s'), 0);
    fs.chmodSync(join(folder, 'sub'), 0);
    const readings = asCommonUser(() => ['a.p7s', 'sub/a.p7s'].map(read));
    fs.chmodSync(join(folder, 'sub'), 0o700);
    const says = 'may not be read by this user; give permission';
    expect(readings.map((reading, at) => (at === 0 ? problemOf(reading) : faultOf(reading)))).toEqual([
      expect.stringContaining(says),
      expect.stringContaining(says),
    ]);
  });

  it('not one that changes meanwhile', () => {
    disk.shrinks = true;
    expect(faultOf(read(put('a.p7s')))).toContain('changed while it was read');
  });

  it('and leaves no file open', () => {
    put('empty.p7s', '');
    put('a.p7s');
    const signatures = openSignatureFolder(folder);
    const before = fs.readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 100; round += 1)
      ['a.p7s', 'empty.p7s', '.', 'gone'].map((path) => signatures.read(path));
    expect(fs.readdirSync('/proc/self/fd').length).toBeLessThan(before + 20);
  });
});

/** Root reads everything whatever the mode: it becomes somebody else for as long as the work lasts. */
function asCommonUser<Result>(work: () => Result): Result {
  if (!isRoot) return work();
  process.seteuid?.(65534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}

describe('an error of the disk', () => {
  it.each([
    ['EIO', systemError('EIO', -5)],
    ['ESTALE', systemError('Unknown system error -116', -116)],
  ])('is no problem of the row: %s', (name, error) => {
    disk.fails = error;
    expect(faultOf(read(put('a.p7s')))).toBe(
      `could not be read (${name}); check the disk or network share and run again`,
    );
  });

  it.each([
    ['EMFILE', -24, 'this program may open no more files: raise the limit (ulimit -n), or lower --concurrency'],
    ['ENFILE', -23, 'this machine can open no more files: see what has so many open, or lower --concurrency'],
  ])('that is the limit of open files (%s) is none of the disk', (name, errno, remedy) => {
    disk.fails = systemError(name, errno);
    expect(faultOf(read(put('a.p7s')))).toBe(`could not be read (${name}); ${remedy}`);
  });

  it('is told from a bug, which is thrown', () => {
    disk.fails = new TypeError('a bug');
    put('a.p7s');
    expect(() => read('a.p7s')).toThrow('a bug');
  });
});

describe('by law', () => {
  it('no path text reads outside the folder or throws', () => {
    fs.writeFileSync(join(outside, 'a.p7s'), BYTES);
    fs.symlinkSync('..', join(folder, 'up'));
    fs.mkdirSync(join(folder, 'sub'));
    const part = fc.constantFrom('..', '.', '', 'up', 'sub', 'a.p7s', 'signatures', 'C:', '\0', '\u202e', '\ud800');
    const separator = fc.constantFrom('/', '\\', '//');
    const path = fc.array(fc.tuple(part, separator), { maxLength: 8 }).map((parts) => parts.flat().join(''));
    fc.assert(
      fc.property(
        fc.oneof(
          path,
          path.map((text) => `${text}a.p7s`),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          expect(read(text)).not.toBeInstanceOf(Buffer);
        },
      ),
      runs(1000),
    );
  });
});
