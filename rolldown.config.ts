import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildOptions, Plugin } from 'rolldown';
import packageJson from './package.json' with { type: 'json' };
import { toManPage } from './src/help/man-page.js';

/** What is started: the program, and the threads that it has signatures checked by. */
const ENTRIES = ['src/bin.ts', 'src/signature/signature-thread.ts'];

/** These stay in node_modules, where a scanner sees them and a patch reaches them; all other libraries are bundled. */
const installed = Object.keys(packageJson.dependencies);

/** No file: a name that only the bundler knows. */
const UNUSED = '\0unused';

/** Writes down whose code the bundle holds, and on what terms. */
const notices: Plugin = {
  name: 'notices',
  writeBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
    const folders = new Set(
      modules.flatMap((id) => /^.*node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(id)?.[0] ?? []),
    );
    const texts = new Set([...folders].map(noticeOf));
    writeFileSync('THIRD-PARTY-NOTICES', [...texts].sort().join(`\n${'-'.repeat(80)}\n\n`));
  },
};

function noticeOf(folder: string): string {
  // npm wants the first two in it.
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (files.length === 0) texts.push(`${about['license']}, by ${about['author']}. The package holds no text of it.`);
  return [`${about['name']} ${about['version']}`, ...texts, ''].join('\n\n');
}

/** The package's other modules are ES modules. */
const commonJs: Plugin = {
  name: 'common-js',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
  },
};

/** What `man` shows. Whoever builds the same twice gives the time of it, as other tools take it. */
const manPage: Plugin = {
  name: 'man-page',
  generateBundle() {
    const { SOURCE_DATE_EPOCH: seconds } = process.env;
    const builtAt = seconds === undefined ? new Date() : new Date(Number(seconds) * 1000);
    const date = builtAt.toLocaleDateString('en-US', { dateStyle: 'long', timeZone: 'UTC' });
    this.emitFile({ type: 'asset', fileName: 'centagate-provision.1', source: toManPage(packageJson.version, date) });
  },
};

/**
 * yargs without what we have no use for: what draws its help, for ours is drawn from our own tables, and patterns of all
 * characters there are take longer to load, at each start, than yargs does; and what looks for a `package.json` that tells it
 * the version: bundled, it would look in the folder of whoever runs the program.
 */
const lessOfYargs: Plugin = {
  name: 'less-of-yargs',
  resolveId(source, importer) {
    const isUnused = ['cliui', 'escalade/sync', 'string-width'].includes(source);
    return isUnused && /[/\\]node_modules[/\\]yargs[/\\]/.test(importer ?? '') ? UNUSED : null;
  },
  load(id) {
    return id === UNUSED ? "export default () => { throw new Error('yargs has this no more'); };" : null;
  },
};

/**
 * The program with what it does not load from node_modules, in one file for each thing that may or may not be needed: to
 * load 250 modules one by one takes longer than all that a run does before its first request, and so does Node's loader
 * of ES modules. The names in it stay, and so do those of its files: a stack trace can be read, and a run under way still
 * finds what it loads later when a new version takes its place.
 */
export default {
  input: ENTRIES,
  platform: 'node',
  external: (id) => installed.some((name) => id === name || id.startsWith(`${name}/`)),
  plugins: [lessOfYargs, notices, commonJs, manPage],
  // yargs would ask where a package lies whose settings a program takes over: ours takes none from packages.
  checks: { emptyImportMeta: false },
  output: {
    dir: 'dist/program',
    format: 'cjs',
    cleanDir: true,
    chunkFileNames: '[name].js',
    minifyInternalExports: false,
  },
} satisfies BuildOptions;
