/** What a command does not need is not loaded: libraries take most of the time until the first request. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const BIN = join(import.meta.dirname, '../dist/bin.js');
const HOOK = `export const load = (url, context, next) => { process._rawDebug('loads ' + url); return next(url, context); };`;
const REGISTER = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(HOOK))});`;

function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** The packages and the folders of ours that a command loads. */
async function loadedBy(...words: string[]): Promise<ReadonlySet<string>> {
  const text = await new Promise<string>((resolve) => {
    const env = { PATH: process.env['PATH'] };
    execFile(process.execPath, ['--import', dataUrl(REGISTER), BIN, ...words], { env }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
  const urls = [...text.matchAll(/^loads (.+)$/gm)].map(([, url = '']) => url);
  const names = urls.map((url) => /node_modules\/([^/]+)/.exec(url)?.[1] ?? /dist\/(\w+)\//.exec(url)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

it('answers --version with a few files of its own', async () => {
  expect([...(await loadedBy('--version'))].sort()).toEqual(['cli', 'core', 'io']);
});

it('answers --help with yargs and the tables', async () => {
  const loaded = await loadedBy('--help');
  expect(loaded).toContain('yargs');
  for (const name of ['undici', 'pino', 'csv-parse', 'yaml', 'commands']) expect(loaded).not.toContain(name);
});

it('registers without what only a terminal, a log line, a configuration file or a rehearsal needs', async () => {
  const loaded = await loadedBy('run', 'no-such-folder/users.csv');
  expect(loaded).toContain('undici');
  for (const name of ['cli-progress', 'cli-table3', 'pino', 'yaml', 'simulator', 'pkijs', 'asn1js']) {
    expect(loaded).not.toContain(name);
  }
});
