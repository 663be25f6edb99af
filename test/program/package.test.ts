/** The package as npm packs it, installed where nothing else is: the program runs, and runs what is installed with it. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { toManPage } from '../../src/help/man-page.js';

const REPOSITORY = join(import.meta.dirname, '../..');
const NAME = 'centagate-provision';
const INSTALL_MS = 300_000;
const run = promisify(execFile);

// Both are our own.
const { version, dependencies, bin, engines } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly dependencies: object;
  readonly bin: object;
  readonly engines: object;
};
const { packages } = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as {
  packages: Readonly<Record<string, { readonly dev?: boolean }>>;
};

let folder: string;
let packed: readonly string[];
let simulator: ChildProcess | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  // The bundle is there, and others run it: it must not be built anew.
  const words = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', words, { cwd: REPOSITORY });
  // npm tells of the one package that it packed.
  const [pack] = JSON.parse(stdout) as [{ readonly filename: string; readonly files: readonly { path: string }[] }];
  packed = pack.files.map(({ path }) => path);
  await install(`file:${pack.filename}`);
}, INSTALL_MS);

afterAll(() => {
  simulator?.kill();
  rmSync(folder, { recursive: true });
});

/** With its dependencies as they are locked here: npm has them from when it installed this repository. */
async function install(tarball: string): Promise<void> {
  const root = { dependencies: { [NAME]: tarball } };
  const others = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  const own = { version, resolved: tarball, dependencies, bin, engines };
  const all = { '': root, [`node_modules/${NAME}`]: own, ...Object.fromEntries(others) };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(root));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages: all }));
  await run('npm', ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
}

/** What the command that npm has linked is started with. */
function command(
  env: Readonly<Record<string, string>> = {},
): [string, { readonly cwd: string; env: NodeJS.ProcessEnv }] {
  const { PATH } = process.env;
  return [join(folder, 'node_modules/.bin', NAME), { cwd: folder, env: { PATH, ...env } }];
}

/** The settings that a rehearsal prints. */
async function simulate(): Promise<Readonly<Record<string, string>>> {
  const [path, options] = command();
  const started = spawn(path, ['simulate'], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  simulator = started;
  const text = await new Promise<string>((resolve, reject) => {
    let said = '';
    started.once('exit', () => reject(new Error('the simulator ended before it listened')));
    started.stdout.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('# The simulator listens')) resolve(said);
    });
  });
  return Object.fromEntries(
    [...text.matchAll(/export (\w+)='(.*)'/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** Has each module of a package say so when it is loaded. */
function patch(name: string): void {
  const path = join(folder, 'node_modules', name);
  for (const file of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    if (!file.includes('node_modules') && ['.js', '.cjs', '.mjs'].includes(extname(file))) {
      appendFileSync(join(path, file), `\nprocess._rawDebug('patched ${name}');\n`);
    }
  }
}

it('is the program, with nothing to import', async () => {
  const rest = packed.filter((path) => !/^(dist\/program|docs|samples|schemas)\//.test(path));
  const texts = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md', 'THIRD-PARTY-NOTICES'];
  expect(rest.sort()).toEqual([...texts, 'package.json']);
  const imported = run(process.execPath, ['-e', `require('${NAME}')`], { cwd: folder });
  await expect(imported).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
});

it('has all that its pages lead to, but for the code that proves them', () => {
  const pages = packed.filter((path) => path.endsWith('.md'));
  const links = pages.flatMap((page) =>
    [...readFileSync(join(REPOSITORY, page), 'utf8').matchAll(/\]\((?![a-z]+:)([^)#]+)/g)].map(([, to = '']) =>
      posix.join(posix.dirname(page), to),
    ),
  );
  expect(links.length).toBeGreaterThan(50);
  const isHere = (to: string): boolean =>
    packed.some((path) => path === to || path.startsWith(to.replace(/\/?$/, '/')));
  expect(links.filter((to) => !to.startsWith('test/') && !isHere(to))).toEqual([]);
});

it('has the manual page of what it is, and man finds it once it is installed for all', async () => {
  const prefix = join(folder, 'global');
  const words = ['install', '--global', '--prefix', prefix, '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', [...words, join(folder, 'node_modules', NAME)], { cwd: folder });
  const page = readFileSync(join(prefix, `share/man/man1/${NAME}.1`), 'utf8');
  const [, date = ''] = /^\.Dd (.*)$/m.exec(page) ?? [];
  expect(page).toBe(toManPage(version, date));
});

it('says its version, and nothing else', async () => {
  const [path, options] = command();
  expect(await run(path, ['--version'], options)).toMatchObject({ stdout: `${version}\n`, stderr: '' });
});

it('rehearses a job of 20 rows, with each of its dependencies as it is in node_modules', async () => {
  // A column that may be misspelt gives the log a line.
  const rows = Array.from({ length: 20 }, (_, i) => `user.${i},otp,\n`);
  writeFileSync(join(folder, 'users.csv'), `username,token_type,algoritm\n${rows.join('')}`);
  const [path, options] = command(await simulate());
  for (const name of Object.keys(dependencies)) patch(name);
  const { stderr } = await run(path, ['run', 'users.csv'], options);
  const results = readFileSync(join(folder, 'users.results.csv'), 'utf8');
  expect(results.match(/,registered,/g)).toHaveLength(20);
  const patched = new Set([...stderr.matchAll(/^patched (\S+)$/gm)].map(([, name]) => name));
  expect([...patched].sort()).toEqual(Object.keys(dependencies));
});
