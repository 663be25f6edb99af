/** What the bundle holds, and what it loads: read from its files as they are. */
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROGRAM } from '../support/program.js';

const REPOSITORY = join(import.meta.dirname, '../..');
const folder = join(PROGRAM, '..');
const bundle = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));

interface Package {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The caller names a folder that is a package. */
function packageIn(path: string): Package {
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Package;
}

/** The folders of the packages whose modules are bundled: each module has its path before it. */
const bundled = [
  ...new Set(
    bundle.flatMap((text) => namesIn(text, /^\/\/ (node_modules\/(?:.*node_modules\/)?(?:@[^/]+\/)?[^/]+)\//gm)),
  ),
];

function namesIn(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name);
}

it('loads what package.json depends on from node_modules, and nothing else', () => {
  // A module's own `require` has another name where the bundle's is in the way.
  const required = bundle.flatMap((text) => namesIn(text, /(?:\brequire(?:\$\d+)?|\.href\))\("([^".][^"]*)"\)/g));
  const packages = required.filter((name) => !isBuiltin(name)).map((name) => name.replace(/\/.*/, ''));
  expect([...new Set(packages)].sort()).toEqual(Object.keys(packageIn(REPOSITORY).dependencies));
});

it('holds yargs without what draws its help and what looks for a package.json', () => {
  expect(bundled).toContain('node_modules/yargs');
  const ofYargs = ['node_modules/cliui', 'node_modules/escalade', 'node_modules/yargs/node_modules/string-width'];
  expect(bundled.filter((path) => ofYargs.includes(path))).toEqual([]);
});

it('holds no package that is installed with it', () => {
  // npm wrote it.
  const { packages } = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  expect(bundled).toContain('node_modules/yaml');
  expect(bundled.filter((path) => packages[path]?.dev !== true)).toEqual([]);
});

it.each(bundled)('has the licence of %s in THIRD-PARTY-NOTICES', (path) => {
  const notices = readFileSync(join(REPOSITORY, 'THIRD-PARTY-NOTICES'), 'utf8');
  const { name, version } = packageIn(join(REPOSITORY, path));
  const licence = readdirSync(join(REPOSITORY, path)).find((file) => /licen[cs]e/i.test(file));
  // One package has no text of it: what it says of itself stands for it.
  const text = licence === undefined ? 'MIT, by ' : readFileSync(join(REPOSITORY, path, licence), 'utf8').trim();
  expect(notices).toContain(`${name} ${version}\n\n${text}`);
});
