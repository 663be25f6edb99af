// Preloaded into a measured run of the product: with WITHOUT=journal it keeps none, and no entry is made, written or waited for;
// with WITHOUT=proof no look proves that answers and requests are in step. The product has no such switches: its modules are
// changed as they are loaded.
import { register } from 'node:module';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

const CHANGES = {
  journal: [
    [
      /const journal = new RunJournal\(.*\);/,
      'const journal = { append() {}, sync() { return Promise.resolve(); }, markLeft() { return true; }, close() {} };',
    ],
  ],
  proof: [
    [/asksForProof: proof !== void 0/, 'asksForProof: false'],
    [/look: proof && isKeptAlive \? .* : void 0/, 'look: undefined'],
  ],
};

if (isMainThread) register(import.meta.url);

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  const changes = CHANGES[process.env.WITHOUT] ?? [];
  if (!url.includes('/dist/program/') || loaded.source === undefined) return loaded;
  const source = String(loaded.source);
  return { ...loaded, source: changes.reduce((text, [from, to]) => text.replace(from, to), source) };
}
