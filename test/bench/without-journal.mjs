// Preloaded into a measured run of the product: with WITHOUT_JOURNAL=1 it keeps no journal. No entry is made, none written,
// none waited for. The product has no such switch: its module that opens the journal is changed as it is loaded.
import { register } from 'node:module';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

const OPENING = /const journal = new RunJournal\(.*\);/;
const NONE =
  'const journal = { append() {}, sync() { return Promise.resolve(); }, markLeft() { return true; }, close() {} };';

if (isMainThread) register(import.meta.url);

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith('/program/start-run.js') || process.env.WITHOUT_JOURNAL !== '1') return loaded;
  const source = String(loaded.source);
  if (!OPENING.test(source)) throw new Error(`${url} opens no journal: see without-journal.mjs`);
  return { ...loaded, source: source.replace(OPENING, NONE) };
}
